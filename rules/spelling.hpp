// spelling: one raw word -> the words it stands for, in the lexicon's spelling, with their symbols. Used by text.cpp
// only.
// Tested by tests/rules/text_test.cpp.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "rules/lexicon.hpp"

namespace rules {

struct Spelled {
  std::string letters;
  Symbol id = kUnknown;
};

// Appends at least one word. `raw` is lower-case letters and digits, with @ $ ! * + | kept when inside a word.
void spell(std::string_view raw, const Lexicon& lexicon, std::vector<Spelled>& out);

// A symbol that people write for a letter: pa$$, k!ll, s*x.
bool stands_for_letter(char c);

// "iwanttodie" -> i want to die, when every piece is a word the packs name; else empty.
std::vector<Spelled> unglue(std::string_view glued, const Lexicon& lexicon);

}  // namespace rules
