// Condition: what a pack tests before it says or does something: "strength >= 8 and not heard(acted.*)".
//   name            known, and neither "no" nor 0
//   name op value   == != as words, < <= > >= as numbers; risk and level compare in their order
//   name in [a, b]  one of
//   heard(pattern)  the message at hand holds such a signal
// Names are facts or what the engine knows (risk, gate, arousal, ...); the pack loader refuses unknown ones.
// Tested by tests/rules/parts_test.cpp.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "rules/phrase.hpp"

namespace rules {

struct Condition {
  enum class Op : std::uint8_t { known, heard, equal, unequal, less, at_most, more, at_least, in, all, any, none };
  struct Node {
    Op op = Op::known;
    std::string name;
    std::vector<std::string> values;
    std::vector<std::size_t> children;  // for all, any, none
  };
  std::string source;
  std::vector<Node> nodes;  // the last is the root; empty = always true

  [[nodiscard]] bool empty() const { return nodes.empty(); }
};

// name -> its value; heard(pattern) is asked as "heard:pattern" and answered yes or no. Unknown = empty.
using Lookup = std::function<std::string(std::string_view)>;

tl::expected<Condition, PhraseError> parse_condition(std::string_view text);
bool holds(const Condition& condition, const Lookup& lookup);

}  // namespace rules
