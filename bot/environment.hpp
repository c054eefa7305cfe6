// environment: now, a clock for waiting that never steps, and randomness, as an object that is passed; never a global.
// SimulatedEnvironment is the clock of `steady chat` and of tests: it moves only when told to.
#pragma once
#include <atomic>
#include <chrono>
#include <string>

#include "rules/person.hpp"

namespace bot {

class Environment {
 public:
  virtual ~Environment() = default;
  [[nodiscard]] virtual rules::Time now() const = 0;
  [[nodiscard]] virtual std::chrono::steady_clock::time_point steady() const {
    return std::chrono::steady_clock::now();
  }
  [[nodiscard]] virtual std::string random_token() const = 0;  // 32 bytes from the system, base64url
};

class SystemEnvironment : public Environment {
 public:
  [[nodiscard]] rules::Time now() const override {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
  [[nodiscard]] std::string random_token() const override;
};

// For end-to-end tests: the system's clock plus the seconds that stand in a file.
class ShiftedEnvironment final : public SystemEnvironment {
 public:
  explicit ShiftedEnvironment(std::string file) : file_(std::move(file)) {}
  [[nodiscard]] rules::Time now() const override;

 private:
  std::string file_;
};

class SimulatedEnvironment final : public SystemEnvironment {
 public:
  explicit SimulatedEnvironment(rules::Time start) : now_(start.time_since_epoch().count()) {}
  [[nodiscard]] rules::Time now() const override { return rules::Time(std::chrono::seconds(now_.load())); }
  void set(rules::Time to) { now_ = to.time_since_epoch().count(); }

 private:
  std::atomic<std::int64_t> now_;
};

}  // namespace bot
