#include "rules/records.hpp"

#include "rules/schedule.hpp"

namespace rules {
namespace {

std::string two(unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); }

std::string when(const Person& p, Time t) {  // 2026-05-03 2:36
  Date d = local_date(t, p.zone);
  return std::to_string(d.year) + "-" + two(d.month) + "-" + two(d.day) + " " + local_clock(t, p.zone);
}

void line(std::string& out, const std::string& name, const std::string& value) {
  if (!value.empty()) out += name + ": " + value + "\n";
}

std::string episode_text(const Person& p, const Episode& e) {
  std::string out = when(p, e.opened);
  if (!e.trigger.empty()) out += ", " + e.trigger;
  if (!e.pull.empty()) out += ", pull " + e.pull;
  for (const auto& b : e.body) out += ", " + b;
  for (const auto& point : e.points) out += ", " + std::to_string(point.value) + " at " + local_clock(point.at, p.zone);
  if (e.onset_minutes >= 0) out += ", began " + std::to_string(e.onset_minutes) + " min before";
  if (!e.acted.empty()) out += ", acted " + e.acted;
  if (!e.action.empty()) out += ", chose " + e.action;
  if (!e.outcome.empty()) out += ", outcome " + e.outcome;
  if (e.hold_minutes >= 0) out += ", held " + std::to_string(e.hold_minutes) + " min";
  return out;
}

}  // namespace

std::string describe(const Person& p) {
  std::string out;
  line(out, "first written", p.first_seen == Time{} ? "" : when(p, p.first_seen));
  line(out, "language", p.language);
  line(out, "country", p.country + (p.country.empty() || p.country_sure ? "" : " (a guess)"));
  line(out, "time zone", p.zone);
  line(out, "keeping facts", p.consent);
  line(out, "adult", p.adult);
  line(out, "writes first", p.muted ? "never (stopped)" : "only what was agreed");
  if (p.paused_until) line(out, "paused until", when(p, *p.paused_until));
  line(out, "discreet", p.discreet ? "yes" : "");
  line(out, "nothing unasked",
       p.quiet == Quiet{} ? "" : clock_of(60 * p.quiet.from) + " to " + clock_of(60 * p.quiet.to));
  line(out, "safety note",
       p.risk == Risk::none
           ? ""
           : std::string(kRiskNames[static_cast<std::size_t>(p.risk)]) + " since " + when(p, p.risk_since));
  line(out, "people on call may be told your words", p.alerts_carry_words ? "yes" : "");
  if (!p.discreet)
    for (const auto& [rel, since] : p.closed_gates) line(out, "closed door", rel + " since " + when(p, since));
  for (const auto& [name, fact] : p.facts) line(out, name.starts_with("keep.") ? name.substr(5) : name, fact.value);
  if (p.episode) line(out, "open moment", episode_text(p, *p.episode));
  for (const auto& e : p.episodes) line(out, "moment", episode_text(p, e));
  for (const auto& e : p.log) {
    std::string fields;
    for (const auto& [name, value] : e.fields) fields.append(", ").append(name).append(" ").append(value);
    line(out, e.kind, when(p, e.at) + fields);
  }
  for (const auto& [name, c] : p.checkins) line(out, "check-in " + name, clock_of(c.minute));
  for (const auto& [name, use] : p.actions)
    line(out, "action " + name, "tried " + std::to_string(use.tried) + ", helped " + std::to_string(use.helped));
  return out.empty() ? "nothing" : out;
}

Person erased(const Person& p) {
  Person out;
  out.seed = p.seed;
  out.language = p.language;
  out.muted = p.muted;
  out.last_disclosed = p.last_disclosed;
  out.closed_gates = p.closed_gates;
  if (p.risk != Risk::none) {
    out.risk = p.risk;
    out.risk_since = p.risk_since;
    out.risk_checked = p.risk_checked;
    out.alarmed = p.alarmed;
    out.alarm_seen = p.alarm_seen;
    out.country = p.country;
    out.zone = p.zone;
    out.last_seen = p.last_seen;
  }
  return out;
}

}  // namespace rules
