// records: what a person gets to see of what is kept (export), and what is left when they ask to be forgotten (erase).
// Tested by tests/rules/parts_test.cpp.
#pragma once
#include <string>

#include "rules/person.hpp"
#include "rules/translation.hpp"

namespace rules {

// Readable, complete, one fact a line; in the person's language where `texts` are given, else as the packs call things.
std::string describe(const Person& person, const Texts* texts = nullptr);
// Everything gone but the safety note while risk stands, closed doors, and that nothing unasked may be sent.
Person erased(const Person& person);

}  // namespace rules
