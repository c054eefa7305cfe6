#include "rules/text.hpp"

#include <unicode/utf8.h>

#include <algorithm>

#include "rules/letters.hpp"

namespace rules {
namespace {

bool ascii_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool digit(char c) { return c >= '0' && c <= '9'; }

class Tokenizer {
 public:
  Tokenizer(std::string_view message, bool splits_at_apostrophes)
      : message_(message), splits_at_apostrophes_(splits_at_apostrophes) {}

  Tokens run() {
    std::string letters;
    while (at_ < length()) {
      std::int32_t from = at_;
      std::int32_t c = next();
      letters.clear();
      switch (plain_letters(c, letters)) {
        case Mark::letters: append(letters, from); break;
        case Mark::apostrophe:
          if (splits_at_apostrophes_) {
            close();
            break;
          }
          [[fallthrough]];
        case Mark::nothing:
          if (open_) current_.to = static_cast<std::uint32_t>(at_);
          break;
        case Mark::space: close(); break;
        case Mark::newline: boundary(Boundary::soft); break;
        case Mark::question:
          tokens_.question = true;
          boundary(Boundary::hard);
          break;
        case Mark::stop: stop(from); break;
        case Mark::pause: boundary(Boundary::soft); break;
        case Mark::quote: quote(); break;
        case Mark::symbol: symbol(c, from); break;
      }
    }
    close();
    if (quote_open_)  // never closed: not a quotation
      for (std::size_t i = quote_from_; i < tokens_.words.size(); ++i) tokens_.words[i].quoted = false;
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] std::int32_t length() const { return static_cast<std::int32_t>(message_.size()); }
  [[nodiscard]] char peek(std::int32_t i) const {
    return i >= 0 && i < length() ? message_[static_cast<std::size_t>(i)] : ' ';
  }

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"  // inside ICU's macro
#ifndef __clang__
#pragma GCC diagnostic ignored "-Warith-conversion"
#endif
  std::int32_t next() {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(message_.data());  // NOLINT: ICU's byte type
    UChar32 c = 0;
    U8_NEXT(bytes, at_, length(), c);  // NOLINT
    return c;
  }
#pragma GCC diagnostic pop
  void append(const std::string& letters, std::int32_t from) {
    if (!open_) {
      open_ = true;
      current_ = {};
      current_.from = static_cast<std::uint32_t>(from);
      current_.before = pending_;
      current_.quoted = quote_open_;
      pending_ = Boundary::none;
    }
    current_.letters += letters;
    current_.to = static_cast<std::uint32_t>(at_);
  }
  void close() {
    if (open_ && !current_.letters.empty()) tokens_.words.push_back(std::move(current_));
    open_ = false;
  }
  void boundary(Boundary b) {
    close();
    if (!tokens_.words.empty()) pending_ = std::max(pending_, b);
  }
  void stop(std::int32_t from) {
    char before = peek(from - 1), here = peek(from), after = peek(from + 1);
    if (here == '!' && open_ && ascii_alnum(after)) return append("!", from);
    if (here == '.' && digit(before) && digit(after)) {
      close();
      append("point", from);
      return close();
    }
    if (here == '.' && ascii_alnum(before) && ascii_alnum(after)) return close();  // s.t.o.p, e.g.
    bool dots = here == '.' && (before == '.' || after == '.');
    boundary(dots ? Boundary::soft : Boundary::hard);
  }
  void quote() {
    if (!quote_open_) {
      boundary(Boundary::soft);
      quote_open_ = true;
      quote_from_ = tokens_.words.size();
      return;
    }
    close();
    quote_open_ = false;
    if (tokens_.words.size() < quote_from_ + 2)  // one quoted word is emphasis, not a quotation
      for (std::size_t i = quote_from_; i < tokens_.words.size(); ++i) tokens_.words[i].quoted = false;
    boundary(Boundary::soft);
  }
  void symbol(std::int32_t c, std::int32_t from) {
    char before = peek(from - 1), after = peek(at_);
    if (c == '/' && digit(before) && digit(after)) {
      close();
      append("of", from);
      return close();
    }
    if (c < 128) {
      if (open_ && stands_for_letter(static_cast<char>(c)) && (ascii_alnum(after) || after == static_cast<char>(c)))
        return append(std::string(1, static_cast<char>(c)), from);
      if (c == '%') {
        close();
        append("percent", from);
        return close();
      }
      if ((c == '-' || c == '~') && before == ' ') return boundary(Boundary::soft);
      return close();
    }
    close();  // an emoji is a word of its own
    append(std::string(message_.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(at_ - from))), from);
    close();
  }

  std::string_view message_;
  bool splits_at_apostrophes_;
  std::int32_t at_ = 0;
  Tokens tokens_;
  RawWord current_;
  bool open_ = false, quote_open_ = false;
  std::size_t quote_from_ = 0;
  Boundary pending_ = Boundary::none;
};

// "k i l l m y s e l f": a run of four or more single letters that makes words is taken as those words.
constexpr std::size_t kMinSpacedLetters = 4, kSpacedTries = 256;

bool spaced_letters(const std::vector<RawWord>& raws) {
  std::size_t run = 0;
  for (const RawWord& raw : raws) {
    run = raw.letters.size() == 1 ? run + 1 : 0;
    if (run == kMinSpacedLetters) return true;
  }
  return false;
}

// Of a run, the longest end that is words; what stands before it stays letters. Linear: kSpacedTries in a message.
void join_spaced_letters(std::vector<RawWord>& raws, const Lexicon& lexicon) {
  std::vector<RawWord> out;
  out.reserve(raws.size());
  std::size_t tries = kSpacedTries;
  auto is_words = [&](std::string_view letters) {
    return tries-- > 0 && (lexicon.named(letters) || !unglue(letters, lexicon).empty());
  };
  for (std::size_t from = 0; from < raws.size();) {
    std::size_t to = from;
    std::string letters;
    while (to < raws.size() && raws[to].letters.size() == 1 && (to == from || raws[to].before == Boundary::none))
      letters += raws[to++].letters;
    std::size_t at = letters.size() > kMaxWordBytes ? letters.size() - kMaxWordBytes : 0;
    while (at + kMinSpacedLetters <= letters.size() && tries > 0 && !is_words(std::string_view(letters).substr(at)))
      ++at;
    bool words = at + kMinSpacedLetters <= letters.size() && tries > 0;
    for (std::size_t end = words ? from + at : std::max(to, from + 1); from < end; ++from)
      out.push_back(std::move(raws[from]));
    if (!words) continue;
    RawWord joined = std::move(raws[from]);
    joined.letters = letters.substr(at);
    joined.to = raws[to - 1].to;
    joined.look = Look::at(joined.letters);
    out.push_back(std::move(joined));
    from = to;
  }
  raws = std::move(out);
}

bool is_emoji(std::string_view word) {  // symbols and pictures; letters of any alphabet begin below
  auto first = static_cast<unsigned char>(word.front());
  return first >= 0xF0 || first == 0xE2;
}

void cut_clauses(Text& text, const ClauseWords& clauses) {
  std::uint16_t clause = 0, sentence = 0;
  for (std::size_t i = 0; i < text.words.size(); ++i) {
    Word& w = text.words[i];
    bool cut =
        clauses.has(w.id, ClauseWords::cut) || (clauses.has(w.id, ClauseWords::join) && i + 1 < text.words.size() &&
                                                clauses.has(text.words[i + 1].id, ClauseWords::subject));
    if (i > 0 && (w.before != Boundary::none || cut)) ++clause;
    if (i > 0 && w.before == Boundary::hard) ++sentence;
    w.clause = clause;
    w.sentence = sentence;
  }
}

}  // namespace

Tokens Tokens::of(std::string_view message, bool splits_at_apostrophes) {
  Tokens tokens = Tokenizer(message, splits_at_apostrophes).run();
  if (tokens.words.size() > kMaxWords) {
    auto half = static_cast<std::ptrdiff_t>(kMaxWords / 2);
    tokens.words.erase(tokens.words.begin() + half, tokens.words.end() - half);
  }
  for (RawWord& word : tokens.words) {
    word.emoji = is_emoji(word.letters);
    word.look = Look::at(word.letters);
  }
  return tokens;
}

Text Text::read(std::string_view message, const Lexicon& lexicon, const ClauseWords& clauses) {
  return read(Tokens::of(message, lexicon.splits_at_apostrophes()), lexicon, clauses);
}

Text Text::read(const Tokens& tokens, const Lexicon& lexicon, const ClauseWords& clauses) {
  std::vector<RawWord> joined;
  if (spaced_letters(tokens.words)) {
    joined = tokens.words;
    join_spaced_letters(joined, lexicon);
  }
  const std::vector<RawWord>& raws = joined.empty() ? tokens.words : joined;
  Text text;
  text.question = tokens.question;
  text.words.reserve(raws.size() + 8);
  text.normal.reserve(8 * raws.size());
  SpelledWords spelled;
  spelled.words.reserve(raws.size() + 8);
  spelled.letters.reserve(8 * raws.size());
  for (const RawWord& raw : raws) {
    std::size_t first = spelled.words.size();
    spell(raw.letters, raw.look, lexicon, spelled);
    for (std::size_t i = first; i < spelled.words.size(); ++i) {
      Word w;
      w.from = raw.from;
      w.to = raw.to;
      w.before = i == first ? raw.before : Boundary::none;
      w.quoted = raw.quoted;
      w.emoji = raw.emoji;
      w.id = spelled.words[i].id;
      if (w.id == kUnknown) {
        w.first_symbol = static_cast<std::uint32_t>(text.open_symbols.size());
        lexicon.open_symbols(spelled.word(i), text.open_symbols);
        w.symbols = static_cast<std::uint32_t>(text.open_symbols.size()) - w.first_symbol;
      }
      text.words.push_back(w);
    }
  }
  cut_clauses(text, clauses);
  for (std::size_t i = 0; i < text.words.size(); ++i) {
    Word& w = text.words[i];
    if (i > 0) {
      bool new_clause = w.clause != text.words[i - 1].clause;
      text.normal += w.before == Boundary::hard ? " | " : new_clause ? " , " : " ";
    }
    w.begin = static_cast<std::uint32_t>(text.normal.size());
    w.size = spelled.words[i].size;
    text.normal += spelled.word(i);
  }
  return text;
}

std::vector<std::string> canonical_words(std::string_view written, const Lexicon& lexicon) {
  std::vector<std::string> out;
  for (const RawWord& raw : Tokenizer(written, lexicon.splits_at_apostrophes()).run().words) {
    const Lexicon::Entry* known = lexicon.entry(raw.letters);
    if (known == nullptr || known->rewrite.empty()) {
      out.push_back(raw.letters);
    } else {
      for (Symbol word : known->rewrite) out.push_back(lexicon.name(word));
    }
  }
  return out;
}

}  // namespace rules
