#include "adapters/document.hpp"

#include <nlohmann/json.hpp>

#include "adapters/fields.hpp"

namespace adapters {

using json = nlohmann::json;

Node Node::operator[](std::string_view key) const {
  if (value_ == nullptr || !value_->is_object()) return Node();
  auto it = value_->find(key);
  return it == value_->end() ? Node() : Node(&*it);
}

std::vector<Node> Node::items() const {
  std::vector<Node> out;
  if (value_ != nullptr && value_->is_array())
    for (const json& item : *value_) out.emplace_back(&item);
  return out;
}

std::string Node::text() const {
  if (value_ == nullptr) return "";
  if (value_->is_string()) return value_->get<std::string>();
  return value_->is_number() || value_->is_boolean() ? value_->dump() : "";
}

bool Node::there() const { return value_ != nullptr && !value_->is_null(); }
std::string Node::json_text() const { return value_ == nullptr ? "" : value_->dump(); }
bool Node::object() const { return value_ != nullptr && value_->is_object(); }

tl::expected<Document, Refusal> Document::read(std::string_view body) {
  if (auto sound = Fields::read(body, {}); !sound) return tl::unexpected(sound.error());
  return glance(body);
}

Document Document::glance(std::string_view body) {
  Document out;
  out.value_ = std::make_shared<const json>(json::parse(body.begin(), body.end(), nullptr, false));
  return out;
}

Node Document::root() const { return Node(value_.get()); }

}  // namespace adapters
