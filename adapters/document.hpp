// document: a JSON body as a tree, read without exceptions: what is absent or of another kind is empty. For platforms
// that put several events into one body; where one event is a body, fields.hpp is quicker. Refused: invalid JSON or
// UTF-8, nesting over kMaxJsonDepth, anything but an object. Threads: a value. Tested by
// tests/adapters/encode_test.cpp.
#pragma once
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "adapters/adapter.hpp"

namespace adapters {

class Node {  // valid as long as its Document
 public:
  explicit Node(const nlohmann::json* value = nullptr) : value_(value) {}
  Node operator[](std::string_view key) const;    // empty when it is no object or has no such key
  [[nodiscard]] std::vector<Node> items() const;  // of an array; else none
  [[nodiscard]] std::string text() const;         // a string; a number or truth value as written; else ""
  [[nodiscard]] bool is(std::string_view text) const { return there() && this->text() == text; }
  [[nodiscard]] bool there() const;  // and not null
  [[nodiscard]] bool object() const;
  [[nodiscard]] std::string json_text() const;  // as JSON; "" when absent

 private:
  const nlohmann::json* value_;
};

class Document {
 public:
  static tl::expected<Document, Refusal> read(std::string_view body);
  static Document glance(std::string_view body);  // of an answer: empty when it is no JSON object
  [[nodiscard]] Node root() const;
  Node operator[](std::string_view key) const { return root()[key]; }

 private:
  std::shared_ptr<const nlohmann::json> value_;
};

}  // namespace adapters
