// examples: runs the examples inside a compiled pack. Each `yes` must be won by its signal (heard, and no longer match
// of another signal of its family), each `no` must not be heard, each `miss` is a known miss and reported when it
// begins to match. A finding's `yes` must reach the rule's level. The automaton and RE2 must agree on every example.
#pragma once
#include "rules/pack.hpp"

namespace rules {

Problems run_examples(const Pack& pack);
Problems run_oracle(const Pack& pack);  // seconds: for `steady rules check` and tests

}  // namespace rules
