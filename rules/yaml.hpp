// yaml: a YAML file as a plain tree in which every node knows its place, and Form, which reads a map strictly:
// unknown keys, wrong kinds and missing keys become Problems that say what to write instead.
// Refused: aliases and anchors (a 400-byte alias bomb costs minutes), duplicate keys, nesting over kMaxYamlDepth.
// Tested by tests/rules/load_errors/.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/result.hpp"
#include "rules/signal.hpp"

namespace rules {

inline constexpr int kMaxYamlDepth = 16;
inline constexpr std::size_t kMaxYamlBytes = 4 << 20;

struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, list, map } kind = Kind::null;
  std::string scalar;
  std::vector<YamlNode> items;
  struct Entry;
  std::vector<Entry> entries;  // of a map, in the order written
  Place place;

  [[nodiscard]] const YamlNode* find(std::string_view key) const;
};

struct YamlNode::Entry {
  std::string key;
  YamlNode value;
};

Result<YamlNode> parse_yaml(std::string_view text, const std::string& file);
Result<YamlNode> load_yaml(const std::string& path);  // places name the file from the working folder

Problem problem_at(const Place& place, std::string what, std::string instead = "");
// The closest of `known`, as "did you mean ...?", or the list itself when none is close.
std::string suggest(std::string_view wrong, const std::vector<std::string>& known);

class Form {
 public:
  Form(const YamlNode& node, std::string what, Problems& problems);
  ~Form();  // reports every key that nobody asked for
  Form(const Form&) = delete;
  Form& operator=(const Form&) = delete;

  const YamlNode* any(std::string_view key);
  const YamlNode* map(std::string_view key);
  std::string text(std::string_view key, std::string_view usual = "");
  int number(std::string_view key, int usual);
  bool flag(std::string_view key, bool usual);
  std::vector<PhraseSource> texts(std::string_view key);  // a scalar or a list of scalars, with places
  std::vector<std::string> words(std::string_view key);   // the same without places
  void require(std::string_view key);
  void wrong(const YamlNode& node, std::string what, std::string instead = "");

 private:
  const YamlNode& node_;
  std::string what_;
  Problems& problems_;
  std::vector<std::string> asked_;
};

template <std::size_t N>
int index_of(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<int>(i);
  return -1;
}
template <std::size_t N>
std::vector<std::string> list_of(const std::array<std::string_view, N>& names) {
  return {names.begin(), names.end()};
}

}  // namespace rules
