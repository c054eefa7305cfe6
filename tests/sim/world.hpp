// world: simulated time and chance. What happens is a list of events in the order of their time; the same seed gives
// the same run, to the last byte. Threads: one.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "bot/environment.hpp"

namespace sim {

using Ms = std::chrono::milliseconds;

class World final : public bot::Environment {
 public:
  explicit World(std::uint64_t seed) : chance_(seed) {}

  [[nodiscard]] Ms at() const { return at_; }
  [[nodiscard]] rules::Time now() const override {
    return kStart + std::chrono::duration_cast<std::chrono::seconds>(at_);
  }
  [[nodiscard]] std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(std::chrono::hours(1) + at_);
  }
  [[nodiscard]] std::string random_token() const override { return std::to_string(chance_()); }

  // from..to, both included
  int between(int from, int to) { return from + static_cast<int>(chance_() % static_cast<unsigned>(to - from + 1)); }
  bool one_in(int n) { return chance_() % static_cast<unsigned>(n) == 0; }

  void after(Ms delay, std::function<void()> what) { events_.emplace(at_ + delay, std::move(what)); }
  void run_until(Ms end, const std::function<void()>& between_events) {
    while (!events_.empty() && events_.begin()->first <= end) {
      auto what = std::move(events_.begin()->second);
      at_ = events_.begin()->first;
      events_.erase(events_.begin());
      what();
      between_events();
    }
    at_ = end;
  }

 private:
  static constexpr rules::Time kStart{std::chrono::seconds(1'778'270'400)};  // 2026-05-08 20:00 UTC
  mutable std::mt19937_64 chance_;
  std::multimap<Ms, std::function<void()>> events_;  // those of one time in the order they were added
  Ms at_{0};
};

}  // namespace sim
