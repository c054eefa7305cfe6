// canary: a made-up message of somebody in danger, read and answered every kCanaryEvery, in every language that is
// installed: whether it is still heard, and its first reply still urgent and with a live route. Nothing of it is kept,
// counted or sent. While it fails, or has not run, the heartbeat of people on call stays out (alarms.hpp), and the
// metric steady_state{what="canary"} is 0. What it does not try: the platforms' own ways in and out. Threads: run()
// one; well() any. Tested by tests/bot/canary_test.cpp.
#pragma once
#include <atomic>
#include <string>

#include "bot/environment.hpp"
#include "rules/pack.hpp"

namespace bot {

inline constexpr std::chrono::minutes kCanaryEvery{5};

// What is wrong, by language; empty = nothing.
std::string canary(const rules::Pack& pack, rules::Time now);

class Canary {
 public:
  // Runs when it is due. True when it ran.
  bool run(const rules::Pack* pack, const Environment& environment);
  [[nodiscard]] bool well() const { return well_; }

 private:
  rules::Time ran_{};
  std::atomic<bool> well_{false};
};

}  // namespace bot
