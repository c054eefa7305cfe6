// records: what a person gets to see of what is kept (export), and what is left when they ask to be forgotten (erase).
// Tested by tests/rules/parts_test.cpp.
#pragma once
#include <string>

#include "rules/person.hpp"

namespace rules {

std::string describe(const Person& person);  // readable, complete, one fact a line
// Everything gone but the safety note while risk stands, closed doors, and that nothing unasked may be sent.
Person erased(const Person& person);

}  // namespace rules
