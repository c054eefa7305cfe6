// Reading: what one message says. Stateless: it knows no person, needs no store, and may be made on any thread.
// Findings of every installed language are in it; signals are those of the languages that were asked for.
// Tested by tests/rules/pack_test.cpp and by every example in the packs.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "rules/signal.hpp"
#include "rules/text.hpp"

namespace rules {

struct Signal {
  std::string_view name;             // lives as long as the pack
  std::uint32_t begin = 0, end = 0;  // words
  ContextSet contexts = 0;
  int sign = 0;  // what it adds to the signs of its need; of several of one name, the most counts
};

struct Finding {
  Need need = Need::suicide;
  Level level = Level::none;
  Subject subject = Subject::self;
  bool past = false, denied = false;
  std::string_view rule;  // signal name or "together"
  std::uint32_t begin = 0, end = 0;
};

struct Why {  // which rule, written where, had a part in what was read or decided
  std::string_view rule, file;
  int line = 0;
};

struct Reading {
  std::string language;
  Text text;
  std::vector<Signal> signals;
  std::vector<Finding> findings;
  std::array<int, kNeeds> signs{};  // summed weight of distinct signs, by need
  std::vector<Why> why;
  std::string_view likely_pull, likely_ask;  // by the second reader; live as long as the pack

  [[nodiscard]] Level level() const;
  [[nodiscard]] const Finding* gravest() const;                       // highest level; the first of equals
  [[nodiscard]] const Signal* heard(std::string_view pattern) const;  // the longest match, first of equals; or null
  [[nodiscard]] bool found(Need need) const;
  void add(const Reading& other);  // signals, findings and signs of a second reading of the same message
};

}  // namespace rules
