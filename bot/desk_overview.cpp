// What the desk shows of what is and was: the overview, alarms, the trail, a year, trends, the directory.
#include <nlohmann/json.hpp>
#include <set>

#include "bot/command_doctor.hpp"
#include "bot/desk.hpp"
#include "bot/iso_time.hpp"
#include "bot/pages.hpp"
#include "bot/store_open.hpp"
#include "rules/schedule.hpp"

namespace bot {
namespace {

constexpr std::size_t kAlarmsShown = 100;
constexpr std::chrono::hours kAlarmsBack{24 * 30};
constexpr std::size_t kEntriesShown = 200;
constexpr std::string_view kUnknown = "unknown";

nlohmann::ordered_json alarm_json(const AlarmRow& alarm) {
  return {{"case", alarm.person},
          {"channel", alarm.address.channel},
          {"level", rules::kLevelNames[static_cast<std::size_t>(alarm.level)]},
          {"raised", iso(alarm.at)},
          {"step", alarm.step},
          {"seen", alarm.seen ? nlohmann::ordered_json(iso(*alarm.seen)) : nullptr},
          {"token", alarm.token}};
}

}  // namespace

Desk::Json Desk::overview(DeskCall& /*call*/) {
  rules::Time now = parts_.environment.now();
  auto pack = parts_.packs.get();
  Json out{{"now", iso(now)},
           {"operator", parts_.config.alarms.operator_name},
           {"routes", parts_.config.alarms.routes.size()},
           {"packs", pack == nullptr ? Json(nullptr) : Json(pack->version)},
           {"store", parts_.store.healthy()},
           {"canary", parts_.canary_well()},
           {"spool", parts_.spool_left()}};
  Json open = Json::array();
  Json talks = Json::array();
  std::set<std::int64_t> told;  // whose handover is in the list
  for (const auto& alarm : parts_.store.alarms(now - rules::kAlarmLasts, kAlarmsShown)) {
    Json row = alarm_json(alarm);
    if (told.insert(alarm.person).second) add_handover(alarm, row);
    if (row.value("handover", "") == "begun") talks.push_back(row);
    if (!alarm.seen) open.push_back(std::move(row));
  }
  out["alarms"] = std::move(open);
  out["talks"] = std::move(talks);
  auto standing = parts_.store.standing(now - std::chrono::hours(24));
  Json channels = Json::array();
  for (const auto& channel : parts_.config.channels) {
    Json row{{"name", channel.name}, {"platform", channel.platform}, {"waiting", 0}, {"dead", 0}, {"oldest", nullptr}};
    for (const auto& s : standing)
      if (s.channel == channel.name) {
        row["waiting"] = s.waiting;
        row["dead"] = s.dead;
        if (s.waiting > 0) row["oldest"] = (now - s.oldest).count();
      }
    channels.push_back(std::move(row));
  }
  out["channels"] = std::move(channels);
  {
    std::lock_guard lock(tally_mutex_);
    const auto& days = tally_.days(parts_.store);
    auto today = days.find(iso_day(now));
    out["today"] = today == days.end() ? Json::object() : Json(today->second);
  }
  out["checks"] = Json::array();
  for (const auto& f : glance(parts_.config, pack == nullptr ? rules::Directory() : pack->directory))
    out["checks"].push_back(
        {{"name", f.name}, {"state", kHealth[static_cast<std::size_t>(f.state)]}, {"seen", f.what}, {"do", f.to_do}});
  return out;
}

Desk::Json Desk::metrics(DeskCall& /*call*/) { return {{"text", parts_.metrics.text()}}; }

Desk::Json Desk::alarms(DeskCall& /*call*/) {
  Json out = Json::array();
  for (const auto& alarm : parts_.store.alarms(parts_.environment.now() - kAlarmsBack, kAlarmsShown))
    add_handover(alarm, out.emplace_back(alarm_json(alarm)));
  return {{"alarms", std::move(out)}};
}

Desk::Json Desk::alarm_seen(DeskCall& call) {
  auto alarm = parts_.store.alarm(text_of(call, "token"));
  if (!alarm) refuse(404, "there is no such alarm");
  if (!parts_.alarms.acknowledge(*alarm)) refuse(409, "somebody has it, or the database is away");
  parts_.store.note(parts_.environment.now(), "seen_by", alarm->person, call.who.name);
  return Json::object();
}

Desk::Json Desk::audit(DeskCall& call) {
  std::int64_t last = parts_.store.audit_head().seq;
  std::string asked = query_of(call, "before");
  std::int64_t before = asked.empty() ? last + 1 : std::atoll(asked.c_str());
  std::int64_t after = std::max<std::int64_t>(0, before - static_cast<std::int64_t>(kEntriesShown) - 1);
  Json entries = Json::array();
  for (const auto& e : parts_.store.audit(after, kEntriesShown))
    if (e.seq < before)
      entries.push_back(
          {{"seq", e.seq}, {"at", iso(e.at)}, {"what", e.what}, {"person", e.person}, {"detail", e.detail}});
  return {{"entries", std::move(entries)}, {"last", last}};
}

Desk::Json Desk::audit_verified(DeskCall& /*call*/) {
  AuditCheck check(audit_key(parts_.config.store, parts_.config.data, parts_.environment));
  AuditHead head = parts_.store.audit_head();
  each_entry(parts_.store, 0, [&](const AuditEntry& entry) {
    if (entry.seq <= head.seq) check.take(entry);  // what was written since is not under this head
  });
  return {{"problem", check.problem(head)}, {"entries", check.entries()}, {"head", head.hash}};
}

Desk::Json Desk::year(DeskCall& call) {
  std::string asked = query_of(call, "year");
  int year = asked.empty() ? rules::local_date(parts_.environment.now(), "UTC").year : std::atoi(asked.c_str());
  Json out = to_json(year_report(parts_.store, year));
  out["protocol"] = find_page("protocol.txt")->content;
  return out;
}

Desk::Json Desk::trends(DeskCall& call) {
  std::string month = query_of(call, "month");
  if (month.empty()) month = Trends::month_of(parts_.environment.now());
  return {{"month", month}, {"days", Json(parts_.trends.month(month))}};
}

Desk::Json Desk::countries(DeskCall& /*call*/) {
  auto pack = parts_.packs.get();
  if (pack == nullptr) refuse(503, "no packs are in force");
  Json out = Json::array();
  for (const auto& [code, country] : pack->directory.countries()) {
    Json services = Json::array();
    for (const auto& s : country.services)
      services.push_back({{"id", s.id},
                          {"name", s.name},
                          {"phone", s.phone},
                          {"url", s.url},
                          {"hours", s.hours},
                          {"needs", s.needs},
                          {"sources", s.sources},
                          {"checked", s.checked.empty() ? std::string(kUnknown) : s.checked}});
    out.push_back(
        {{"code", code}, {"name", country.name}, {"emergency", country.emergency}, {"services", std::move(services)}});
  }
  return {{"countries", std::move(out)}};
}

}  // namespace bot
