#include "adapters/fields.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace adapters {

using json = nlohmann::json;

class FieldReader final : public nlohmann::json_sax<json> {
 public:
  FieldReader(std::span<const std::string_view> wanted, Fields& out, bool until_found = false)
      : wanted_(wanted), out_(out), until_found_(until_found) {}

  bool null() override { return true; }
  bool boolean(bool v) override { return keep(v ? "true" : "false"); }
  bool number_integer(number_integer_t v) override { return keep(std::to_string(v)); }
  bool number_unsigned(number_unsigned_t v) override { return keep(std::to_string(v)); }
  bool number_float(number_float_t, const string_t& text) override { return keep(text); }
  bool string(string_t& v) override { return keep(std::move(v)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override {
    keep("[]");
    return enter() && (path_ += "[]", true);
  }
  bool end_array() override { return leave(); }
  bool key(string_t& k) override {
    path_.resize(ends_.back());
    if (!path_.empty()) path_ += '.';
    path_ += k;
    return true;
  }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&) override {
    if (problem_.empty()) problem_ = "not JSON at byte " + std::to_string(at);
    return false;
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  bool enter() {
    if (ends_.size() >= kMaxJsonDepth) {
      problem_ = "nested deeper than 32 levels";
      return false;
    }
    ends_.push_back(path_.size());
    return true;
  }
  bool leave() {
    path_.resize(ends_.back());
    ends_.pop_back();
    return true;
  }
  bool keep(std::string value) {
    auto it = std::find(wanted_.begin(), wanted_.end(), path_);
    if (it == wanted_.end()) return true;
    if (out_.find(*it) != nullptr) {
      if (path_.find("[]") != std::string::npos) return true;  // of a list, the first counts
      problem_ = "the key " + path_ + " stands there twice";
      return false;
    }
    out_.values_.emplace_back(*it, std::move(value));
    return !until_found_ || out_.values_.size() < wanted_.size();
  }

  std::span<const std::string_view> wanted_;
  Fields& out_;
  bool until_found_;
  std::string path_, problem_;
  std::vector<std::size_t> ends_;
};

tl::expected<Fields, Refusal> Fields::read(std::string_view body, std::span<const std::string_view> wanted) {
  Fields out;
  FieldReader reader(wanted, out);
  if (!json::sax_parse(body.begin(), body.end(), &reader))
    return tl::unexpected(Refusal{400, reader.problem().empty() ? "not JSON" : reader.problem()});
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos || body[body.find_first_not_of(" \t\r\n")] != '{')
    return tl::unexpected(Refusal{400, "not a JSON object"});
  return out;
}

Fields Fields::glance(std::string_view body, std::span<const std::string_view> wanted) {
  Fields out;
  FieldReader reader(wanted, out, true);
  json::sax_parse(body.begin(), body.end(), &reader);
  return out;
}

const std::string* Fields::find(std::string_view name) const {
  for (const auto& [key, value] : values_)
    if (key == name) return &value;
  return nullptr;
}

std::string Fields::text(std::string_view name) const {
  const std::string* v = find(name);
  return v == nullptr ? "" : *v;
}

bool Fields::is(std::string_view name, std::string_view value) const {
  const std::string* v = find(name);
  return v != nullptr && *v == value;
}

}  // namespace adapters
