#include "rules/yaml.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

namespace rules {
namespace {

class Builder {  // of the tree, from yaml-cpp's nodes
 public:
  Builder(std::string file, Problems& problems) : file_(std::move(file)), problems_(problems) {}

  YamlNode node(const YAML::Node& from, int depth) {
    YamlNode out;
    out.place = {file_, from.Mark().line + 1, from.Mark().column + 1};
    if (depth > kMaxYamlDepth) {
      problems_.push_back(problem_at(out.place, "nested too deep", "16 levels are the most"));
      return out;
    }
    switch (from.Type()) {
      case YAML::NodeType::Scalar:
        out.kind = YamlNode::Kind::scalar;
        out.scalar = from.Scalar();
        break;
      case YAML::NodeType::Sequence:
        out.kind = YamlNode::Kind::list;
        for (const auto& item : from) out.items.push_back(node(item, depth + 1));
        break;
      case YAML::NodeType::Map:
        out.kind = YamlNode::Kind::map;
        for (const auto& entry : from) {
          if (!entry.first.IsScalar()) {
            problems_.push_back(problem_at(out.place, "a key that is not a word", "keys are plain words"));
            continue;
          }
          std::string key = entry.first.Scalar();
          if (out.find(key) != nullptr)
            problems_.push_back(problem_at({file_, entry.first.Mark().line + 1, entry.first.Mark().column + 1},
                                           "'" + key + "' stands here twice", "join the two"));
          out.entries.push_back({std::move(key), node(entry.second, depth + 1)});
        }
        break;
      default: break;
    }
    return out;
  }

 private:
  std::string file_;
  Problems& problems_;
};

// Anchors and aliases, found before yaml-cpp follows them: a * or & that begins a value.
bool has_alias(std::string_view text, int& line) {
  line = 1;
  bool quoted = false;
  char quote = 0, before = '\n';
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\n') ++line, quoted = false;
    if (quoted) {
      if (c == quote) quoted = false;
    } else if ((c == '"' || c == '\'') && std::string_view(" [{,:-\n").find(before) != std::string_view::npos) {
      quoted = true;
      quote = c;
    } else if (c == '#' && (before == ' ' || before == '\n')) {
      while (i + 1 < text.size() && text[i + 1] != '\n') ++i;
    } else if ((c == '&' || c == '*') && std::string_view(" [{,\n").find(before) != std::string_view::npos &&
               i + 1 < text.size() && std::isalnum(static_cast<unsigned char>(text[i + 1])) != 0) {
      return true;
    }
    before = c;
  }
  return false;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, node] : entries)
    if (name == key) return &node;
  return nullptr;
}

Problem problem_at(const Place& place, std::string what, std::string instead) {
  return {place.file, place.line, place.column, std::move(what), std::move(instead)};
}

Result<YamlNode> parse_yaml(std::string_view text, const std::string& file) {
  int line = 0;
  if (text.size() > kMaxYamlBytes) return tl::unexpected(Problems{{file, 0, 0, "larger than 4 MiB", "split it"}});
  if (has_alias(text, line))
    return tl::unexpected(
        Problems{{file, line, 1, "anchors (&) and aliases (*) are not read here", "write it out, or use a set"}});
  Problems problems;
  try {
    YamlNode root = Builder(file, problems).node(YAML::Load(std::string(text)), 0);
    if (!problems.empty()) return tl::unexpected(std::move(problems));
    return root;
  } catch (const YAML::Exception& e) {
    return tl::unexpected(Problems{{file, e.mark.line + 1, e.mark.column + 1, "not YAML: " + e.msg,
                                    "texts with : or # or a leading special character stand in quotes"}});
  }
}

Result<YamlNode> load_yaml(const std::string& given) {
  std::error_code ec;
  std::string path =
      std::filesystem::proximate(given, ec).string();  // from where the reader stands, where that is shorter
  if (ec || path.starts_with("..")) path = given;
  std::ifstream in(path);
  if (!in || std::filesystem::is_directory(path, ec))
    return tl::unexpected(Problems{{path, 0, 0, "cannot be read", "check its path and rights"}});
  std::ostringstream text;
  text << in.rdbuf();
  return parse_yaml(text.str(), path);
}

std::string suggest(std::string_view wrong, const std::vector<std::string>& known) {
  auto best = std::min_element(known.begin(), known.end(),
                               [&](const auto& a, const auto& b) { return distance(wrong, a) < distance(wrong, b); });
  if (best != known.end() && distance(wrong, *best) <= std::max<std::size_t>(2, wrong.size() / 3))
    return "did you mean '" + *best + "'?";
  std::string all;
  for (const auto& k : known) all += (all.empty() ? "" : ", ") + k;
  if (all.size() > 200) all = all.substr(0, 200) + " ...";
  return "known here: " + all;
}

Form::Form(const YamlNode& node, std::string what, Problems& problems)
    : node_(node), what_(std::move(what)), problems_(problems) {
  if (node.kind != YamlNode::Kind::map) wrong(node, what_ + " is not a map", "write key: value lines");
}

Form::~Form() {
  for (const auto& [key, value] : node_.entries)
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
      wrong(value, what_ + " has no '" + key + "'", suggest(key, asked_));
}

void Form::wrong(const YamlNode& node, std::string what, std::string instead) {
  problems_.push_back(problem_at(node.place, std::move(what), std::move(instead)));
}

const YamlNode* Form::any(std::string_view key) {
  asked_.emplace_back(key);
  return node_.find(key);
}

const YamlNode* Form::map(std::string_view key) {
  const YamlNode* n = any(key);
  if (n != nullptr && n->kind != YamlNode::Kind::map) {
    wrong(*n, std::string(key) + " is not a map", "write key: value lines under it");
    return nullptr;
  }
  return n;
}

std::string Form::text(std::string_view key, std::string_view usual) {
  const YamlNode* n = any(key);
  if (n == nullptr) return std::string(usual);
  if (n->kind != YamlNode::Kind::scalar) wrong(*n, std::string(key) + " is not a text", "write one value");
  return n->scalar;
}

int Form::number(std::string_view key, int usual) {
  const YamlNode* n = any(key);
  if (n == nullptr) return usual;
  int value = usual;
  auto [end, ec] = std::from_chars(n->scalar.data(), n->scalar.data() + n->scalar.size(), value);
  if (ec != std::errc{} || end != n->scalar.data() + n->scalar.size())
    wrong(*n, std::string(key) + " is not a whole number", "for example 3");
  return value;
}

bool Form::flag(std::string_view key, bool usual) {
  const YamlNode* n = any(key);
  if (n == nullptr) return usual;
  if (n->scalar == "true" || n->scalar == "yes" || n->scalar == "on") return true;
  if (n->scalar == "false" || n->scalar == "no" || n->scalar == "off") return false;
  wrong(*n, std::string(key) + " is neither true nor false", "write true or false");
  return usual;
}

std::vector<PhraseSource> Form::texts(std::string_view key) {
  std::vector<PhraseSource> out;
  const YamlNode* n = any(key);
  if (n == nullptr) return out;
  if (n->kind == YamlNode::Kind::scalar) return {{n->scalar, n->place}};
  for (const auto& item : n->items) {
    if (item.kind != YamlNode::Kind::scalar)
      wrong(item, std::string(key) + " holds something that is not a text", "put the text in quotes");
    else out.push_back({item.scalar, item.place});
  }
  if (n->kind == YamlNode::Kind::map) wrong(*n, std::string(key) + " is not a list", "write [a, b]");
  return out;
}

std::vector<std::string> Form::words(std::string_view key) {
  std::vector<std::string> out;
  for (auto& t : texts(key)) out.push_back(std::move(t.text));
  return out;
}

void Form::require(std::string_view key) {
  if (node_.find(key) == nullptr)
    wrong(node_, what_ + " lacks '" + std::string(key) + "'", "add " + std::string(key) + ":");
}

}  // namespace rules
