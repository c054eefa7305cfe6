#include "bot/command_audit.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

#include "bot/environment.hpp"
#include "bot/iso_time.hpp"
#include "bot/pages.hpp"
#include "bot/report.hpp"
#include "bot/store_open.hpp"
#include "rules/schedule.hpp"

namespace bot {
namespace {

using json = nlohmann::ordered_json;

std::unique_ptr<Store> open(const AuditOptions& o) { return open_for_command(o.store, o.data); }

}  // namespace

int audit_verify(const AuditOptions& o) {
  auto store = open(o);
  if (!store) return 1;
  AuditCheck check(audit_key(o.store, o.data, SystemEnvironment()));
  AuditHead head = store->audit_head();
  each_entry(*store, 0, [&](const AuditEntry& entry) { check.take(entry); });
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
  each_entry(*store, 0, [](const AuditEntry& e) {
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
  YearReport counted = year_report(*store, year);
  if (o.json) {
    std::cout << to_json(counted).dump(2) << "\n";
    return 0;
  }
  std::cout << "Report of " << year << ", UTC. Counts only: no names, no addresses, no words.\n\n"
            << "Help lines given to somebody in crisis or danger: " << counted.given << "\n";
  for (const auto& [need, countries] : counted.notices)
    for (const auto& [country, count] : countries)
      std::cout << "  " << need << ", " << (country == "?" ? "country unknown" : country) << ": " << count << "\n";
  std::cout << "Alarms to people on call: " << counted.kinds["alarm"]
            << ", acknowledged: " << counted.kinds["acknowledge"] << "\nErased: " << counted.kinds["erase"]
            << ", exported: " << counted.kinds["export"] << "\n\n"
            << find_page("protocol.txt")->content;
  return 0;
}

}  // namespace bot
