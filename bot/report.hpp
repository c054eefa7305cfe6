// report: what the trail of audit.hpp says, counted: a year for the law, days for the desk. Counts only: no names, no
// addresses, no words. Threads: free functions; a Tally is one thread's.
#pragma once
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "bot/store.hpp"

namespace bot {

// Every entry after that one, in order.
void each_entry(Store& store, std::int64_t after, const std::function<void(const AuditEntry&)>& take);

struct YearReport {
  int year = 0, given = 0;                                    // given: help lines, to somebody in crisis or danger
  std::map<std::string, int> kinds;                           // of entries
  std::map<std::string, std::map<std::string, int>> notices;  // need -> country ("?": not known) -> count
};
YearReport year_report(Store& store, int year);
nlohmann::ordered_json to_json(const YearReport& report);

// The days of the trail, read on from where it was left.
class Tally {
 public:
  const std::map<std::string, std::map<std::string, int>>& days(Store& store);  // "2026-11-30" (UTC) -> what -> count

 private:
  std::int64_t after_ = 0;
  std::map<std::string, std::map<std::string, int>> days_;
};

}  // namespace bot
