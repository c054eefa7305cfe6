// Reading: what one message says. Stateless: it knows no person, needs no store, and may be made on any thread.
// Findings and controls of every installed language are in it; other signals are those of the person's language.
// Tested by tests/rules/pack_test.cpp and by every example in the packs.
#pragma once
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/signal.hpp"
#include "rules/text.hpp"

namespace rules {

struct Signal {
  std::string_view name;             // lives as long as the pack
  std::uint32_t begin = 0, end = 0;  // words, as the language it is of spells them
  ContextSet contexts = 0;
  int sign = 0;                    // what it adds to the signs of its need; of several of one name, the most counts
  bool whole = false;              // nothing else was written
  std::uint32_t from = 0, to = 0;  // bytes of the message
};

struct Finding {
  Need need = Need::suicide;
  Level level = Level::none;
  Subject subject = Subject::self;
  bool past = false, denied = false;
  std::string_view rule;             // signal name or "together"
  std::uint32_t begin = 0, end = 0;  // bytes of the message; none of a sum
  std::string_view language;         // whose rule it is; lives as long as the pack
};

struct Undone {  // what a rule would have found, had its pack not said unless
  Need need = Need::suicide;
  std::uint32_t begin = 0, end = 0;  // bytes of the message
};

struct Why {  // which rule, written where, had a part in what was read or decided
  std::string_view rule, file;
  int line = 0;
};

struct Reading {
  std::string language;         // that was asked for
  std::string_view spelled_in;  // the language of `text`; lives as long as the pack
  Text text;
  std::vector<Signal> signals;
  std::vector<Finding> findings;
  std::vector<Undone> undone;
  std::array<int, kNeeds> signs{};  // summed weight of distinct signs, by need
  std::vector<Why> why;
  std::string_view likely_pull, likely_ask;  // by the second reader; live as long as the pack
  bool sure_pull = false, sure_ask = false;  // sure enough to open a guide that no rule opened

  [[nodiscard]] Level level() const;
  [[nodiscard]] const Finding* gravest() const;                       // highest level; the first of equals
  [[nodiscard]] const Signal* heard(std::string_view pattern) const;  // the longest match, first of equals; or null
  [[nodiscard]] bool heard_any(std::span<const std::string> patterns) const;
  [[nodiscard]] const Signal* whole(std::string_view pattern) const;  // that is the whole message; or null
  [[nodiscard]] bool found(Need need) const;
  void add(const Reading& other);  // signals, findings and signs of a second reading of the same message
};

}  // namespace rules
