// rehearsal: one made-up person played against a pack on a simulated clock: what they say, tap and wait for, as the
// engine takes it. For dialogues in tests and for authors at the desk. Protocol: say(), tap(), elapse() and wait() in
// any order; each gives the decisions that were made, in order. Nothing is kept but `person`. Threads: one.
// Tested by tests/rules/dialogue_test.cpp.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "rules/engine.hpp"

namespace rules {

inline constexpr std::chrono::seconds kTyping{6};   // passes before each thing said or tapped
inline constexpr std::size_t kMaxElapsed = 10'000;  // timers in one wait

class Rehearsal {
 public:
  Rehearsal(const Pack& pack, Contact contact, Time start) : now(start), pack_(pack), contact_(std::move(contact)) {}
  Decision say(const std::string& text);
  Decision tap(const std::string& payload);
  Decision elapse(const std::string& timer);
  Decision begin();
  Decision tell(const std::string& text);  // by a person on call
  std::vector<Decision> wait(std::chrono::seconds length);
  [[nodiscard]] const std::map<std::string, Time>& timers() const { return timers_; }

  Person person;
  Time now;

 private:
  Decision turn(Event event);

  const Pack& pack_;
  Contact contact_;
  std::string before_;  // the last thing said
  std::map<std::string, Time> timers_;
};

}  // namespace rules
