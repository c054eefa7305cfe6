#include "bot/corpus.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "rules/hash.hpp"

namespace bot {
namespace {

using json = nlohmann::json;

LabelledMessage row_of(const json& j) {
  LabelledMessage row;
  row.id = j.at("id").get<std::string>();
  row.language = j.value("lang", "en");
  row.text = j.at("text").get<std::string>();
  row.pull = j.value("pull", "none");
  row.ask = j.value("ask", "none");
  row.style = j.value("style", "plain");
  row.needs = j.value("need", std::vector<std::string>{});
  auto level = j.at("level").get<std::string>();
  auto known = std::find(rules::kLevelNames.begin(), rules::kLevelNames.end(), level);
  if (known == rules::kLevelNames.end()) throw std::runtime_error("level \"" + level + "\" is not none to danger");
  row.level = static_cast<rules::Level>(known - rules::kLevelNames.begin());
  return row;
}

}  // namespace

std::uint64_t hash_of_id(std::string_view id) {
  rules::Hash h;
  h.eat(id);
  return h.folded();
}

std::vector<LabelledMessage> read_corpus(const std::vector<std::string>& paths) {
  std::vector<std::filesystem::path> files;
  for (const auto& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.emplace_back(path);
      continue;
    }
    auto first = files.size();
    for (const auto& entry : std::filesystem::directory_iterator(path))
      if (entry.path().extension() == ".jsonl" && entry.path().filename() != "sequences.jsonl")
        files.push_back(entry.path());
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(first), files.end());
  }
  std::vector<LabelledMessage> rows;
  for (const auto& file : files) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error(file.string() + ": cannot be read");
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      try {
        rows.push_back(row_of(json::parse(line)));
      } catch (const std::exception& e) {
        throw std::runtime_error(file.string() + ":" + std::to_string(number) + ": " + e.what() +
                                 "\n    a row holds id, lang, text, level, need, pull, ask, style");
      }
    }
  }
  return rows;
}

Interval wilson(std::size_t hits, std::size_t all) {
  if (all == 0) return {};
  constexpr double kZ = 1.96;
  double n = static_cast<double>(all), p = static_cast<double>(hits) / n;
  double d = 1 + kZ * kZ / n, middle = p + kZ * kZ / (2 * n);
  double half = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  return {std::max(0.0, (middle - half) / d), std::min(1.0, (middle + half) / d)};
}

}  // namespace bot
