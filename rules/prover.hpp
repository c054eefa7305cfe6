// prover: the nine properties of safety.md, proved on a compiled pack by walking every state with the real engine:
// every waiting step x risk x gate x missed answers, in every language, with every tap, every timer, words of danger,
// every control, and words that mean nothing. The states walked hold all that can be reached, and more.
// Threads: any; some seconds a language. Tested by tests/rules/prover_test.cpp with seeded faults.
#pragma once
#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/pack.hpp"

namespace rules {

inline constexpr std::array<std::string_view, 9> kProperties{
    "danger is answered with a live route, from every state",
    "stop, help, back, export, forget and human are obeyed, from every state",
    "no trap: the end can be reached from every state, and nothing is asked a third time",
    "no ordinary guide speaks at high risk or beside a person on call, and no repair behind a closed gate",
    "every text, label, payload and number of choices fits",
    "every phrase has examples, and both matchers agree on them",
    "every text exists in every language, names the same routes and claims nothing it may not",
    "every country has an emergency number and a route; every entry has sources and a date",
    "nobody gets a check-in in quiet hours, nor two a day, in any zone across ten years of clock changes"};

struct Failure {
  int property = 0;   // 1 to 9
  std::string where;  // the state
  std::string shows;  // what was done, and what came of it
};

struct Proof {
  std::size_t states = 0, turns = 0;
  std::vector<Failure> failures;  // at most kMaxShown a property
  std::array<std::size_t, 10> failed{};
  bool stopped = false;                                           // before it came to its end: nothing is proved
  void fail(int property, std::string where, std::string shows);  // counted; shown while few
  [[nodiscard]] int proved() const;
};

inline constexpr std::size_t kMaxShown = 5;

using GoOn = std::function<bool()>;  // asked before each state; false: whoever waits is leaving
Proof prove(const Pack& pack, const GoOn& go_on = {});
Proof prove_walking(const Pack& pack, const GoOn& go_on = {});  // properties 1 to 5
Proof prove_standing(const Pack& pack);                         // 6 to 9, of what is written

}  // namespace rules
