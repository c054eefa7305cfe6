// fields: named values out of a JSON body in one pass, without building a tree (nlohmann SAX).
// A name is the path of keys, "message.chat.id"; array elements add "[]". Only wanted names are kept.
// Refused: nesting over kMaxJsonDepth, duplicate keys among the wanted, invalid JSON or UTF-8.
// Threads: a value. Tested by tests/adapters/adapters_test.cpp.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "adapters/adapter.hpp"

namespace adapters {

inline constexpr int kMaxJsonDepth = 32;

class Fields {
 public:
  static tl::expected<Fields, Refusal> read(std::string_view body, std::span<const std::string_view> wanted);
  // Stops as soon as every wanted name was found; what follows, and whether it is JSON, is not looked at.
  static Fields glance(std::string_view body, std::span<const std::string_view> wanted);

  [[nodiscard]] const std::string* find(std::string_view name) const;  // null: absent or null
  [[nodiscard]] std::string text(std::string_view name) const;         // "" when absent
  [[nodiscard]] bool is(std::string_view name, std::string_view value) const;

 private:
  friend class FieldReader;
  std::vector<std::pair<std::string_view, std::string>> values_;  // names point into `wanted`
};

}  // namespace adapters
