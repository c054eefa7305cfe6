// Text: one message as matching sees it: words in one spelling, cut into clauses, each with the way back to the
// bytes the person wrote. The message itself is never changed.
// Undone on the way: case, width and font variants (NFKD), accents, look-alike letters of other scripts, zero-width
// and bidi characters, elongation (soooo), leetspeak (k1ll), spaced-out letters, glued words, apostrophes present or
// missing, text-speak (the lexicon's rewrites), and slips of one key for words the packs mark with ~.
// Units: offsets are bytes; word positions count from 0. Invalid UTF-8 becomes U+FFFD and ends a word.
// Cost: linear in the message; words over kMaxWordBytes are kept whole and never taken apart.
// Threads: a value; read() may run on any thread. Tested by tests/rules/text_test.cpp.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/lexicon.hpp"
#include "rules/spelling.hpp"

namespace rules {

inline constexpr std::size_t kMaxWordBytes = 64;
inline constexpr std::size_t kMaxWords = 20'000;  // words beyond are dropped from the middle, never from the end

enum class Boundary : std::uint8_t { none, soft, hard };  // what stands before a word: nothing, a comma, a full stop

struct Word {
  std::uint32_t begin = 0, size = 0;  // in Text::normal
  std::uint32_t from = 0, to = 0;     // in the message
  Symbol id = kUnknown;
  std::uint32_t first_symbol = 0, symbols = 0;  // of an unknown word, in Text::open_symbols
  std::uint16_t clause = 0, sentence = 0;       // from 0
  Boundary before = Boundary::none;
  bool quoted = false;  // between quotation marks
  bool emoji = false;   // written as one
};

// Words that begin a new clause in a run-on ("but" always, "and" when a subject follows), and those for who writes, as
// the one to whom something is done ("me").
class ClauseWords {
 public:
  enum Role : std::uint8_t { cut = 1, join = 2, subject = 4, own = 8 };
  void add(Symbol word, Role role) {
    if (roles_.size() <= word) roles_.resize(word + 1);
    roles_[word] |= role;
  }
  [[nodiscard]] bool has(Symbol word, Role role) const { return word < roles_.size() && (roles_[word] & role) != 0; }

 private:
  std::vector<std::uint8_t> roles_;  // by symbol
};

struct RawWord {  // a word as it is written, in plain letters
  std::string letters;
  std::uint32_t from = 0, to = 0;  // in the message
  Boundary before = Boundary::none;
  bool quoted = false;
  bool emoji = false;
  Look look;
};

// A message cut into words, before any language spells them: cut once, read by every language.
struct Tokens {
  std::vector<RawWord> words;
  bool question = false;

  static Tokens of(std::string_view message, bool splits_at_apostrophes);
};

struct Text {
  std::string normal;  // the words, one space between; " , " at a soft and " | " at a hard boundary
  std::vector<Word> words;
  std::vector<Symbol> open_symbols;
  bool question = false;  // the message holds a question mark

  static Text read(std::string_view message, const Lexicon& lexicon, const ClauseWords& clauses);
  static Text read(const Tokens& tokens, const Lexicon& lexicon, const ClauseWords& clauses);
  [[nodiscard]] std::span<const Symbol> symbols(const Word& w, const Lexicon& lexicon) const {
    return w.id != kUnknown ? lexicon.symbols(w.id) : std::span(open_symbols).subspan(w.first_symbol, w.symbols);
  }
  [[nodiscard]] std::string_view word(std::size_t i) const {
    return std::string_view(normal).substr(words[i].begin, words[i].size);
  }
};

// The same spelling rules for words in a pack: "Can't" -> {"can","not"}.
std::vector<std::string> canonical_words(std::string_view text, const Lexicon& lexicon);

}  // namespace rules
