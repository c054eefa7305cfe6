// trends: how often each step is said, by day and by version of the packs: use, what is finished, where people leave,
// what is not understood. Names of steps and counts, no texts and no people. Counted in memory, added to the store's
// document of the month by flush(); what was counted since is lost by kill -9. Threads: any.
// Tested by tests/bot/desk_test.cpp.
#pragma once
#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bot/environment.hpp"
#include "bot/store.hpp"

namespace bot {

class Trends {
 public:
  Trends(Store& store, Environment& environment) : store_(store), environment_(environment) {}
  // said: as Decision::said has it; a turn that said nothing counts nothing.
  void count(const std::string& version, const std::vector<std::string>& said);
  void flush();
  // {"2026-11-30": {VERSION: {"notice.body": 12, "turns": 80}}}; month: "2026-11".
  nlohmann::json month(const std::string& month);
  static std::string month_of(rules::Time t);

 private:
  Store& store_;
  Environment& environment_;
  std::mutex mutex_;
  using Counts = std::map<std::chrono::sys_days, std::map<std::string, std::map<std::string, int>>>;
  Counts counts_;  // version, step
};

}  // namespace bot
