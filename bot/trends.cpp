#include "bot/trends.hpp"

#include <nlohmann/json.hpp>

#include "bot/iso_time.hpp"

namespace bot {
namespace {

using json = nlohmann::json;
constexpr std::size_t kDate = 10, kMonth = 7;  // of 2026-11-30T02:11:00Z
constexpr const char* kTurns = "turns";
constexpr int kWriteTries = 5;

std::string document_of(const std::string& month) { return "trends/" + month; }

}  // namespace

void Trends::count(const std::string& version, const std::vector<std::string>& said) {
  if (said.empty()) return;
  std::lock_guard lock(mutex_);
  auto& steps = counts_[iso(environment_.now()).substr(0, kDate)][version];
  ++steps[kTurns];
  for (const std::string& name : said) ++steps[name.substr(0, name.find_first_of("#>"))];
}

void Trends::flush() {
  std::map<std::string, std::map<std::string, std::map<std::string, int>>> counts;
  {
    std::lock_guard lock(mutex_);
    counts.swap(counts_);
  }
  while (!counts.empty()) {
    auto& [day, versions] = *counts.begin();
    std::string name = document_of(day.substr(0, kMonth));
    bool kept = false;
    for (int n = 0; n < kWriteTries && !kept; ++n) {
      auto document = store_.document(name);
      if (!document) break;
      json month = document->body.empty() ? json::object() : json::parse(document->body);
      for (const auto& [version, steps] : versions)
        for (const auto& [step, times] : steps) {
          json& sum = month[day][version][step];
          sum = (sum.is_null() ? 0 : sum.get<int>()) + times;
        }
      kept = store_.put_document(name, {document->revision, month.dump()});
    }
    if (!kept) break;
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
