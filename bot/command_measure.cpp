#include "bot/command_measure.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <iostream>
#include <map>

#include "bot/command_rules.hpp"
#include "bot/corpus.hpp"
#include "rules/labels.hpp"
#include "rules/pack.hpp"

namespace bot {
namespace {

using rules::Level;

struct Count {
  std::size_t hits = 0, all = 0;
  void add(bool hit) {
    hits += hit ? 1 : 0;
    ++all;
  }
};

// In the order of first mention.
class Table {
 public:
  Count& at(const std::string& name) {
    auto it = std::find_if(rows_.begin(), rows_.end(), [&](const auto& r) { return r.first == name; });
    return it == rows_.end() ? rows_.emplace_back(name, Count{}).second : it->second;
  }
  void print() const {
    for (const auto& [name, c] : rows_) {
      if (c.all == 0) continue;
      auto [low, high] = wilson(c.hits, c.all);
      std::printf("  %-52s %6zu/%-6zu %6.2f %%  [%.2f, %.2f]\n", name.c_str(), c.hits, c.all,
                  100 * static_cast<double>(c.hits) / static_cast<double>(c.all), 100 * low, 100 * high);
    }
  }

 private:
  std::deque<std::pair<std::string, Count>> rows_;  // references hold
};

void count(Table& table, const LabelledMessage& row, const rules::Reading& reading) {
  auto labels = rules::labels_of(reading);
  Level level = reading.level();
  for (Level l : {Level::danger, Level::crisis, Level::concern, Level::support}) {
    std::string name = "recall " + std::string(rules::kLevelNames[static_cast<std::size_t>(l)]);
    Count &found = table.at(name + " (at level or higher)"), &any = table.at(name + " (any reaction)");
    if (row.level != l) continue;
    found.add(level >= l);
    any.add(level > Level::none);
  }
  Count& urgent = table.at("recall danger+crisis (answered as crisis or danger)");
  if (row.level >= Level::crisis) urgent.add(level >= Level::crisis);
  Count &alarm = table.at("false alarm crisis+danger"), &any = table.at("false alarm any level");
  if (row.level == Level::none) {
    alarm.add(level >= Level::crisis);
    any.add(level > Level::none);
  }
  Count &pull = table.at("pull right (where there is one)"), &ask = table.at("ask right (where there is one)");
  if (row.pull != "none") pull.add(labels.pull == row.pull);
  if (row.ask != "none") ask.add(labels.ask == row.ask);
}

void count_needs(Table& table, const LabelledMessage& row, const rules::Reading& reading) {
  for (std::size_t n = 0; n < rules::kNeeds; ++n) {
    Count& need = table.at("need " + std::string(rules::kNeedNames[n]));
    if (std::find(row.needs.begin(), row.needs.end(), rules::kNeedNames[n]) != row.needs.end())
      need.add(reading.found(static_cast<rules::Need>(n)));
  }
}

void count_style(Table& table, const LabelledMessage& row, const rules::Reading& reading) {
  bool any = reading.level() > Level::none;
  if (row.level >= Level::crisis) table.at("danger+crisis, any reaction, " + row.style).add(any);
  if (row.level == Level::none) table.at("false alarm any level, " + row.style).add(any);
}

}  // namespace

int rules_measure(const std::filesystem::path& folder, const std::vector<std::string>& corpora, Part part) {
  auto pack = load_or_print(folder);
  if (pack == nullptr) return 1;
  for (const auto& warning : pack->warnings) std::cerr << warning << "\n";
  std::map<std::string, std::array<Table, 3>> tables;
  std::map<std::string, std::size_t> rows;
  for (const auto& row : read_corpus(corpora)) {
    if (part != Part::all && held_out(row.id) != (part == Part::held_out)) continue;
    auto reading = rules::read(*pack, row.text, row.language);
    auto& [main, needs, styles] = tables[row.language];
    count(main, row, reading);
    count_needs(needs, row, reading);
    count_style(styles, row, reading);
    ++rows[row.language];
  }
  for (const auto& [language, group] : tables) {
    std::printf("%s: %zu rows\n", language.c_str(), rows[language]);
    for (const auto& table : group) table.print();
  }
  return 0;
}

}  // namespace bot
