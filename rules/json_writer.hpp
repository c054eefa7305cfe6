// json_writer: JSON written straight into a string. A person is written at every turn; building nlohmann's tree first
// costs ten times the writing. Reading stays with nlohmann.
// Protocol: open and close nest; in an object every value follows a key(). Strings are UTF-8; what is not becomes
// U+FFFD. Threads: one. Tested by tests/rules/parts_test.cpp.
#pragma once
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rules {

class JsonWriter {
 public:
  explicit JsonWriter(std::size_t expected_bytes) { out_.reserve(expected_bytes); }

  JsonWriter& open(char bracket) {  // { or [
    next();
    out_ += bracket;
    first_ = true;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    first_ = false;
    return *this;
  }
  JsonWriter& key(std::string_view name) {
    next();
    quote(name);
    out_ += ':';
    first_ = true;
    return *this;
  }
  JsonWriter& value(std::string_view text) {
    next();
    quote(text);
    return *this;
  }
  template <std::integral T>
  JsonWriter& value(T number) {
    next();
    if constexpr (std::same_as<T, bool>) {
      out_ += number ? "true" : "false";
    } else {
      char digits[24];
      out_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
    }
    return *this;
  }
  JsonWriter& value(const std::vector<std::string>& texts) {
    open('[');
    for (const auto& t : texts) value(t);
    return close(']');
  }
  template <class... T>
  JsonWriter& row(const T&... values) {  // [a, b, ...]
    open('[');
    (value(values), ...);
    return close(']');
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void next() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void quote(std::string_view text);

  std::string out_;
  bool first_ = true;
};

}  // namespace rules
