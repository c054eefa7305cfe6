#include "bot/trends.hpp"

#include <nlohmann/json.hpp>

#include "bot/iso_time.hpp"
#include "bot/store_parts.hpp"

namespace bot {
namespace {

using json = nlohmann::json;
constexpr const char* kTurns = "turns";

std::string document_of(const std::string& month) { return "trends/" + month; }

}  // namespace

void Trends::count(const std::string& version, const std::vector<std::string>& said) {
  if (said.empty()) return;
  std::lock_guard lock(mutex_);
  auto& steps = counts_[std::chrono::floor<std::chrono::days>(environment_.now())][version];
  ++steps[kTurns];
  for (const std::string& name : said) ++steps[name.substr(0, name.find_first_of("#>"))];
}

std::string Trends::month_of(rules::Time t) {
  constexpr std::size_t kMonth = 7;
  return iso_day(t).substr(0, kMonth);
}

void Trends::flush() {
  Counts counts;
  {
    std::lock_guard lock(mutex_);
    counts.swap(counts_);
  }
  while (!counts.empty()) {
    const auto& [day, versions] = *counts.begin();
    auto add = [name = iso_day(day), &by_version = versions](const std::string& body) {
      json month = body.empty() ? json::object() : json::parse(body);
      for (const auto& [version, steps] : by_version)
        for (const auto& [step, times] : steps) {
          json& sum = month[name][version][step];
          sum = (sum.is_null() ? 0 : sum.get<int>()) + times;
        }
      return std::optional(month.dump());
    };
    if (change_document(store_, document_of(month_of(day)), add) != Changed::kept) break;
    counts.erase(counts.begin());
  }
  std::lock_guard lock(mutex_);  // what the store did not take waits for the next time
  for (const auto& [day, versions] : counts)
    for (const auto& [version, steps] : versions)
      for (const auto& [step, times] : steps) counts_[day][version][step] += times;
}

json Trends::month(const std::string& month) {
  flush();
  auto document = store_.document(document_of(month));
  return !document || document->body.empty() ? json::object() : json::parse(document->body);
}

}  // namespace bot
