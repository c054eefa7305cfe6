#include "rules/spelling.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "rules/text.hpp"

namespace rules {
namespace {

constexpr std::size_t kMinGluedBytes = 6;
constexpr std::size_t kMaxPieces = 12;
constexpr std::size_t kMaxPieceBytes = 16;
constexpr std::size_t kMaxRuns = 4;  // elongated runs tried in one word: 2^4 spellings

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

bool take(const Lexicon::Entry* known, std::string_view word, const Lexicon& lexicon, SpelledWords& out) {
  if (known == nullptr) return false;
  if (known->rewrite.empty()) return out.add(word, known->id), true;
  for (Symbol w : known->rewrite) out.add(lexicon.name(w), w);
  return true;
}

bool accept(std::string_view word, const Lexicon& lexicon, SpelledWords& out) {
  return take(lexicon.entry(word), word, lexicon, out);
}

void spell_again(std::string_view part, const Lexicon& lexicon, SpelledWords& out) {
  spell(part, Look::at(part), lexicon, out);
}

char unleet(char c) {
  switch (c) {
    case '0': return 'o';
    case '1':
    case '!':
    case '|': return 'i';
    case '3': return 'e';
    case '4':
    case '@': return 'a';
    case '5':
    case '$': return 's';
    case '7':
    case '+': return 't';
    case '8': return 'b';
    case '9': return 'g';
    default: return c;
  }
}

bool unleeted(std::string_view raw, const Lexicon& lexicon, SpelledWords& out) {
  std::string word;
  for (char c : raw) word.push_back(unleet(c));
  std::size_t star = word.find('*');
  if (star == std::string::npos) {
    if (accept(word, lexicon, out)) return true;
    std::replace(word.begin(), word.end(), 'i', 'l');  // "k1l1" : 1 stands for i or l
    return lexicon.named(word) && accept(word, lexicon, out);
  }
  std::size_t end = word.find_first_not_of('*', star);
  if (end == std::string::npos) end = word.size();
  if (end - star != 1) return false;
  for (char c : std::string_view("aeiouslcktrndpmhbgfywvzxjq")) {
    word[star] = c;
    if (lexicon.named(word)) return accept(word, lexicon, out);
  }
  return false;
}

// soooo -> so, killl -> kill: every run of three or more is tried as two and as one.
bool shortened(std::string_view raw, const Lexicon& lexicon, SpelledWords& out) {
  std::vector<std::size_t> runs;  // where, in `base`, a doubled letter stands for a longer run
  std::string base;
  for (std::size_t i = 0; i < raw.size();) {
    std::size_t j = i;
    while (j < raw.size() && raw[j] == raw[i]) ++j;
    base.append(std::min<std::size_t>(j - i, 2), raw[i]);
    if (j - i >= 3 && is_letter(raw[i])) runs.push_back(base.size() - 1);
    i = j;
  }
  if (runs.empty() || runs.size() > kMaxRuns) return false;
  for (std::size_t choice = 0; choice < (std::size_t{1} << runs.size()); ++choice) {
    std::string word = base;
    for (std::size_t r = runs.size(); r-- > 0;)
      if (choice >> r & 1U) word.erase(runs[r], 1);
    if (accept(word, lexicon, out)) return true;
  }
  out.add(base, kUnknown);
  return true;
}

bool split_number(std::string_view raw, const Lexicon& lexicon, SpelledWords& out) {
  std::size_t digits = 0;
  while (digits < raw.size() && is_digit(raw[digits])) ++digits;
  if (digits == 0 || digits == raw.size()) return false;
  std::string_view number = raw.substr(0, digits);
  out.add(number, lexicon.find(number));
  spell_again(raw.substr(digits), lexicon, out);
  return true;
}

// What is written without a space around it: a long word, or a short one that everybody uses. Other short words and
// abbreviations stand inside too many real words (re-hears-ed).
bool may_be_piece(std::string_view piece, const Lexicon& lexicon) {
  const auto& shorts = lexicon.short_pieces();
  return piece.size() > 2 || std::find(shorts.begin(), shorts.end(), piece) != shorts.end();
}

}  // namespace

bool stands_for_letter(char c) { return std::string_view("@$!*+|").find(c) != std::string_view::npos; }

Look Look::at(std::string_view word) {
  Look look;
  look.hash = Lexicon::hash_of(word);
  std::size_t run = 0;
  char last = 0;
  for (char c : word) {
    run = c == last ? run + 1 : 1;
    last = c;
    look.runs = look.runs || run == 3;
    if (is_letter(c)) {
      look.letters = true;
    } else if (is_digit(c)) {
      look.digits = true;
    } else if (stands_for_letter(c)) {
      look.symbols = true;
    }
  }
  return look;
}

std::vector<std::string_view> unglue(std::string_view glued, const Lexicon& lexicon) {
  if (glued.size() < kMinGluedBytes || glued.size() > kMaxWordBytes || lexicon.short_pieces().empty()) return {};
  struct Best {
    std::size_t pieces = kMaxPieces + 1, from = 0;
  };
  std::array<Best, kMaxWordBytes + 1> best;
  best[0].pieces = 0;
  for (std::size_t end = 1; end <= glued.size(); ++end) {
    for (std::size_t from = end > kMaxPieceBytes ? end - kMaxPieceBytes : 0; from < end; ++from) {
      if (best[from].pieces + 1 >= best[end].pieces) continue;
      std::string_view piece = glued.substr(from, end - from);
      if (may_be_piece(piece, lexicon) && lexicon.named(piece)) best[end] = {best[from].pieces + 1, from};
    }
  }
  std::size_t pieces = best[glued.size()].pieces;
  if (pieces < 2 || pieces > kMaxPieces) return {};
  std::vector<std::string_view> out(pieces);
  for (std::size_t end = glued.size(); end > 0; end = best[end].from)
    out[--pieces] = glued.substr(best[end].from, end - best[end].from);
  return out;
}

void spell(std::string_view raw, const Look& look, const Lexicon& lexicon, SpelledWords& out) {
  if (take(lexicon.entry(raw, look.hash), raw, lexicon, out)) return;
  if (raw.size() > kMaxWordBytes) return out.add(raw, kUnknown);
  if (look.letters && (look.symbols || look.digits) && unleeted(raw, lexicon, out)) return;
  if (look.digits && split_number(raw, lexicon, out)) return;
  if (look.symbols) {  // not leetspeak after all: take the pieces
    for (std::size_t from = 0; from < raw.size();) {
      std::size_t to = from;
      while (to < raw.size() && !stands_for_letter(raw[to])) ++to;
      if (to > from) spell_again(raw.substr(from, to - from), lexicon, out);
      from = to + 1;
    }
    return;
  }
  if (look.runs && shortened(raw, lexicon, out)) return;
  if (raw.ends_with("in")) {
    std::string whole = std::string(raw) + "g";
    if (lexicon.named(whole)) return void(accept(whole, lexicon, out));
  }
  if (Symbol correct = lexicon.corrected(raw, look.hash); correct != kUnknown)
    return void(accept(lexicon.name(correct), lexicon, out));
  auto pieces = unglue(raw, lexicon);
  if (pieces.empty()) return out.add(raw, kUnknown);
  for (std::string_view piece : pieces) accept(piece, lexicon, out);
}

}  // namespace rules
