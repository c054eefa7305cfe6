#include "rules/spelling.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "rules/text.hpp"

namespace rules {
namespace {

constexpr std::size_t kMinGluedBytes = 6;
constexpr std::size_t kMaxPieces = 12;
constexpr std::size_t kMaxPieceBytes = 16;
constexpr std::size_t kMaxRuns = 4;  // elongated runs tried in one word: 2^4 spellings

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

bool accept(const std::string& word, const Lexicon& lexicon, std::vector<Spelled>& out) {
  const Lexicon::Entry* known = lexicon.entry(word);
  if (known == nullptr) return false;
  if (!known->rewrite) return out.push_back({word, known->id}), true;
  for (const auto& w : *known->rewrite) out.push_back({w, lexicon.find(w)});
  return true;
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

// What a word is made of: most are letters alone, and nothing is to be undone.
struct Shape {
  bool letters = false, digits = false, symbols = false, runs = false;  // runs: of three or more of the same

  explicit Shape(std::string_view raw) {
    std::size_t run = 0;
    char last = 0;
    for (char c : raw) {
      run = c == last ? run + 1 : 1;
      last = c;
      runs = runs || run == 3;
      if (is_letter(c)) {
        letters = true;
      } else if (is_digit(c)) {
        digits = true;
      } else if (stands_for_letter(c)) {
        symbols = true;
      }
    }
  }
};

bool unleeted(std::string_view raw, const Lexicon& lexicon, std::vector<Spelled>& out) {
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
bool shortened(std::string_view raw, const Lexicon& lexicon, std::vector<Spelled>& out) {
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
  out.push_back({base, kUnknown});
  return true;
}

bool split_number(std::string_view raw, const Lexicon& lexicon, std::vector<Spelled>& out) {
  std::size_t digits = 0;
  while (digits < raw.size() && is_digit(raw[digits])) ++digits;
  if (digits == 0 || digits == raw.size()) return false;
  std::string number(raw.substr(0, digits));
  Symbol id = lexicon.find(number);
  out.push_back({std::move(number), id});
  spell(raw.substr(digits), lexicon, out);
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

std::vector<Spelled> unglue(std::string_view glued, const Lexicon& lexicon) {
  if (glued.size() < kMinGluedBytes || glued.size() > kMaxWordBytes || lexicon.short_pieces().empty()) return {};
  struct Best {
    std::size_t pieces = kMaxPieces + 1, from = 0;
  };
  std::vector<Best> best(glued.size() + 1);
  best[0].pieces = 0;
  for (std::size_t end = 1; end <= glued.size(); ++end) {
    for (std::size_t from = end > kMaxPieceBytes ? end - kMaxPieceBytes : 0; from < end; ++from) {
      if (best[from].pieces + 1 >= best[end].pieces) continue;
      std::string_view piece = glued.substr(from, end - from);
      if (may_be_piece(piece, lexicon) && lexicon.named(piece)) best[end] = {best[from].pieces + 1, from};
    }
  }
  if (best.back().pieces < 2 || best.back().pieces > kMaxPieces) return {};
  std::vector<std::string> pieces;
  for (std::size_t end = glued.size(); end > 0; end = best[end].from)
    pieces.emplace_back(glued.substr(best[end].from, end - best[end].from));
  std::reverse(pieces.begin(), pieces.end());
  std::vector<Spelled> out;
  for (const auto& piece : pieces) accept(piece, lexicon, out);
  return out;
}

void spell(std::string_view raw, const Lexicon& lexicon, std::vector<Spelled>& out) {
  std::string word(raw);
  if (accept(word, lexicon, out)) return;
  if (raw.size() > kMaxWordBytes) return out.push_back({std::move(word), kUnknown});
  Shape shape(raw);
  if (shape.letters && (shape.symbols || shape.digits) && unleeted(raw, lexicon, out)) return;
  if (shape.digits && split_number(raw, lexicon, out)) return;
  if (shape.symbols) {  // not leetspeak after all: take the pieces
    std::string piece;
    for (char c : word + "!") {
      if (!stands_for_letter(c)) {
        piece.push_back(c);
      } else if (!piece.empty()) {
        spell(piece, lexicon, out);
        piece.clear();
      }
    }
    return;
  }
  if (shape.runs && shortened(raw, lexicon, out)) return;
  if (raw.ends_with("in") && lexicon.named(word + "g")) return void(accept(word + "g", lexicon, out));
  if (auto correct = lexicon.corrected(raw); !correct.empty()) return void(accept(std::string(correct), lexicon, out));
  if (auto pieces = unglue(raw, lexicon); !pieces.empty()) {
    return void(out.insert(out.end(), pieces.begin(), pieces.end()));
  }
  out.push_back({std::move(word), kUnknown});
}

}  // namespace rules
