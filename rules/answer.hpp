// answer: one understanding of typed and tapped answers, for all guides (conversation.md 0.3 and 2.6).
// Tested by tests/rules/parts_test.cpp.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "rules/guide.hpp"
#include "rules/pack.hpp"
#include "rules/reading.hpp"

namespace rules {

struct Answer {
  std::string value;
  bool coarse = false;  // a rough value, tapped or in words
};

// `shown` are the taps as shown; `numbered`: with numbers to type (where they are buttons, "8" is a strength and not
// the eighth). `noted` is the value that a note of this message gave the step's fact, if any.
struct ShownTaps {
  std::vector<Tap> taps;
  bool numbered = false;
};
// Whether a list of the pack's words (words: in lines.yaml, with spaces between them) has the word.
bool one_of(const Texts& texts, std::string_view list, std::string_view word);
std::optional<Answer> understand(const Pack& pack, const Step& step, const ShownTaps& shown, const Reading& reading,
                                 const std::string& noted);
// Of a step that is not the one being asked: only what plainly speaks of it, no "yes", and a number only in few words.
std::optional<std::string> told_beside(const Pack& pack, const Step& step, const Reading& reading);
// A number that stands alone beside the answer to another question: "7, in my chest".
std::optional<int> strength_beside(const Reading& reading);

}  // namespace rules
