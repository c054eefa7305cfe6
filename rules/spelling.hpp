// spelling: one raw word -> the words it stands for, in the lexicon's spelling, with their symbols. Used by text.cpp
// only.
// Tested by tests/rules/text_test.cpp.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/lexicon.hpp"

namespace rules {

// What every language would find out again of a word: made once.
struct Look {
  std::uint32_t hash = 0;  // Lexicon::hash_of(word)
  bool letters = false, digits = false, symbols = false;
  bool runs = false;  // of three or more of the same

  static Look at(std::string_view word);
};

struct Spelled {
  std::uint32_t begin = 0, size = 0;  // in SpelledWords::letters
  Symbol id = kUnknown;
};

struct SpelledWords {
  std::string letters;
  std::vector<Spelled> words;

  void add(std::string_view word, Symbol id) {
    words.push_back({static_cast<std::uint32_t>(letters.size()), static_cast<std::uint32_t>(word.size()), id});
    letters += word;
  }
  [[nodiscard]] std::string_view word(std::size_t i) const {
    return std::string_view(letters).substr(words[i].begin, words[i].size);
  }
};

// Appends at least one word. `raw` is lower-case letters and digits, with @ $ ! * + | kept when inside a word; `look`
// is Look::at(raw).
void spell(std::string_view raw, const Look& look, const Lexicon& lexicon, SpelledWords& out);

// A symbol that people write for a letter: pa$$, k!ll, s*x.
bool stands_for_letter(char c);

// "iwanttodie" -> i want to die, when every piece is a word the packs name; else empty.
std::vector<std::string_view> unglue(std::string_view glued, const Lexicon& lexicon);

}  // namespace rules
