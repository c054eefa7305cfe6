#include "bot/report.hpp"

#include <nlohmann/json.hpp>

#include "bot/iso_time.hpp"
#include "rules/schedule.hpp"

namespace bot {

void each_entry(Store& store, std::int64_t after, const std::function<void(const AuditEntry&)>& take) {
  constexpr std::size_t kPage = 1'000;
  for (;;) {
    auto entries = store.audit(after, kPage);
    if (entries.empty()) return;
    for (const AuditEntry& entry : entries) take(entry);
    after = entries.back().seq;
  }
}

YearReport year_report(Store& store, int year) {
  YearReport out;
  out.year = year;
  each_entry(store, 0, [&](const AuditEntry& e) {
    if (rules::local_date(e.at, "UTC").year != year) return;
    ++out.kinds[e.what];
    if (e.what != "notice") return;
    ++out.given;
    std::size_t blank = e.detail.find(' ');
    ++out.notices[e.detail.substr(0, blank)][blank == std::string::npos ? "?" : e.detail.substr(blank + 1)];
  });
  return out;
}

nlohmann::ordered_json to_json(const YearReport& r) {
  auto count = [&](const char* kind) {
    auto it = r.kinds.find(kind);
    return it == r.kinds.end() ? 0 : it->second;
  };
  return {{"year", r.year},
          {"notices", {{"all", r.given}, {"by_need_and_country", r.notices}}},
          {"alarms", {{"raised", count("alarm")}, {"acknowledged", count("acknowledge")}}},
          {"erased", count("erase")},
          {"exported", count("export")}};
}

const std::map<std::string, std::map<std::string, int>>& Tally::days(Store& store) {
  each_entry(store, after_, [&](const AuditEntry& e) {
    ++days_[iso_day(e.at)][e.what];
    after_ = e.seq;
  });
  return days_;
}

}  // namespace bot
