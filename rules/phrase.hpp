// phrase: the language in which packs say what people write, and its meaning.
//   word          that word (in the lexicon's spelling: "can't" is can not)
//   {set}         any member of a set
//   (a|b c)       one of these         [a]  perhaps, also (a)? and a?
//   ..  ..6       a gap of up to 3 (6) words, inside one sentence
//   kill*         any word that begins so      ~word  also misspelt      #  a number
//   < >           the clause's begin, end
// A Sequence is a phrase with its choices multiplied out; one-word choices stay together as a class of words, so the
// product stays small. regex() is the same meaning for RE2, over Text::normal: the oracle of the automaton.
// Failure: parse() says at which byte of the phrase, and what to write. Tested by tests/rules/phrase_test.cpp.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "rules/lexicon.hpp"

namespace rules {

inline constexpr std::size_t kMaxSequences = 16'384;  // of one phrase
inline constexpr int kDefaultGapWords = 3;
inline constexpr int kMaxGapWords = 8;

struct Element {
  Symbol symbol = kUnknown;
  int gap = 0;  // > 0: up to so many words of any kind; symbol is unused
  friend bool operator==(const Element&, const Element&) = default;
};

struct Sequence {
  std::vector<Element> elements;
  bool at_begin = false, at_end = false;
  friend bool operator==(const Sequence&, const Sequence&) = default;
};

using Sequences = std::vector<Sequence>;
using Sets = std::map<std::string, Sequences, std::less<>>;

struct PhraseError {
  std::size_t at = 0;  // byte in the phrase
  std::string what, instead;
};

tl::expected<Sequences, PhraseError> parse_phrase(std::string_view phrase, const Sets& sets, Lexicon& lexicon);
Sequences fold_set(Sequences members, Lexicon& lexicon);  // one-word members become one class
std::string regex(const Sequences& sequences, const Lexicon& lexicon);

}  // namespace rules
