#include "bot/command_audit.hpp"

#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bot/environment.hpp"
#include "bot/iso_time.hpp"
#include "bot/pages.hpp"
#include "bot/store_open.hpp"
#include "rules/schedule.hpp"

namespace bot {
namespace {

using json = nlohmann::ordered_json;
constexpr std::size_t kPage = 1'000;

std::unique_ptr<Store> open(const AuditOptions& o) { return open_for_command(o.store, o.data); }

void each(Store& store, const std::function<void(const AuditEntry&)>& take) {
  for (std::int64_t after = 0;;) {
    auto entries = store.audit(after, kPage);
    if (entries.empty()) return;
    for (const AuditEntry& entry : entries) take(entry);
    after = entries.back().seq;
  }
}

}  // namespace

int audit_verify(const AuditOptions& o) {
  auto store = open(o);
  if (!store) return 1;
  AuditCheck check(audit_key(o.store, o.data, SystemEnvironment()));
  AuditHead head = store->audit_head();
  each(*store, [&](const AuditEntry& entry) { check.take(entry); });
  std::string problem = check.problem(head);
  if (!problem.empty()) {
    std::cout << "not as it was written: " << problem << "\n";
    return 1;
  }
  std::cout << "as it was written: " << check.entries() << " entries, head " << (head.hash.empty() ? "none" : head.hash)
            << "\n";
  return 0;
}

int audit_list(const AuditOptions& o) {
  auto store = open(o);
  if (!store) return 1;
  each(*store, [](const AuditEntry& e) {
    std::cout
        << json{{"seq", e.seq}, {"at", iso(e.at)}, {"what", e.what}, {"person", e.person}, {"detail", e.detail}}.dump()
        << "\n";
  });
  return 0;
}

int report(const AuditOptions& o) {
  auto store = open(o);
  if (!store) return 1;
  int year = o.year == 0 ? rules::local_date(SystemEnvironment().now(), "UTC").year : o.year;
  std::map<std::string, int> kinds;
  std::map<std::string, std::map<std::string, int>> notices;  // need -> country
  int given = 0;
  each(*store, [&](const AuditEntry& e) {
    if (rules::local_date(e.at, "UTC").year != year) return;
    ++kinds[e.what];
    if (e.what != "notice") return;
    ++given;
    std::size_t blank = e.detail.find(' ');
    ++notices[e.detail.substr(0, blank)][blank == std::string::npos ? "?" : e.detail.substr(blank + 1)];
  });
  if (o.json) {
    std::cout << json{{"year", year},
                      {"notices", {{"all", given}, {"by_need_and_country", notices}}},
                      {"alarms", {{"raised", kinds["alarm"]}, {"acknowledged", kinds["acknowledge"]}}},
                      {"erased", kinds["erase"]},
                      {"exported", kinds["export"]}}
                     .dump(2)
              << "\n";
    return 0;
  }
  std::cout << "Report of " << year << ", UTC. Counts only: no names, no addresses, no words.\n\n"
            << "Help lines given to somebody in crisis or danger: " << given << "\n";
  for (const auto& [need, countries] : notices)
    for (const auto& [country, count] : countries)
      std::cout << "  " << need << ", " << (country == "?" ? "country unknown" : country) << ": " << count << "\n";
  std::cout << "Alarms to people on call: " << kinds["alarm"] << ", acknowledged: " << kinds["acknowledge"]
            << "\nErased: " << kinds["erase"] << ", exported: " << kinds["export"] << "\n\n"
            << find_page("protocol.txt")->content;
  return 0;
}

}  // namespace bot
