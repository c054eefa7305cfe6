// Secret: a string that cannot be printed, compared or logged by accident. reveal() is the only way out, and greppable.
#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace adapters {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  [[nodiscard]] const std::string& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

}  // namespace adapters
