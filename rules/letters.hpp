// letters: one Unicode code point -> the plain letters that matching uses, or what kind of mark it is.
// Source: Unicode 15 NFKD through ICU 72; look-alikes chosen from UTS #39 confusables (unicode.org, read 2026-11).
// Tested by tests/rules/text_test.cpp.
#pragma once
#include <cstdint>
#include <string>

namespace rules {

enum class Mark : std::uint8_t { letters, apostrophe, nothing, space, newline, stop, question, pause, quote, symbol };

// Appends the plain letters of `code_point` to `out` when it has any; else says what it is.
Mark plain_letters(std::int32_t code_point, std::string& out);

}  // namespace rules
