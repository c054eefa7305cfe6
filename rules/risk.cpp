#include "rules/risk.hpp"

namespace rules {

Risk risk_of(Level level) {
  switch (level) {
    case Level::danger: return Risk::immediate;
    case Level::crisis: return Risk::high;
    case Level::concern: return Risk::watch;
    case Level::support:
    case Level::none: return Risk::none;
  }
  return Risk::none;
}

void raise(Person& person, Risk to, Time now) {
  if (to < person.risk) return;
  if (to > person.risk) person.risk_since = now;
  person.risk = to;
  person.risk_checked = Time{};
  if (to >= Risk::high) person.risk_since = now;  // a new finding starts the time again
}

std::string risk_kind(const Person& person, const Finding& finding) {
  const std::string& had = person.fact("keep.risk_kind");
  bool own = finding.subject != Subject::other;
  if (own && closes_gate(finding.need)) return "violence";
  if (own && (finding.need == Need::suicide || finding.need == Need::self_harm)) return "self";
  if (person.risk >= Risk::high && (had == "self" || had == "violence")) return had;
  return own ? "care" : std::string(kRiskOfOther);
}

void resolve(Person& person, Time now) {
  if (person.risk <= Risk::watch || person.fact("keep.risk_kind") != kRiskOfOther) return;
  person.risk = Risk::watch;
  person.risk_since = person.risk_checked = now;
}

bool recheck_negative(Person& person, Time now) {
  auto held = now - person.risk_since;
  person.risk_checked = now;
  switch (person.risk) {
    case Risk::none: return false;
    case Risk::watch:
      if (held < kWatchHours) return false;
      person.risk = Risk::none;
      break;
    case Risk::low:
      if (held < kLowHours) return false;
      person.risk = Risk::watch;
      break;
    case Risk::high:
      if (held < kHighHours) return false;
      person.risk = Risk::low;
      break;
    case Risk::immediate:
      if (held < kImmediateHours) return false;
      person.risk = Risk::high;
      break;
  }
  person.risk_since = now;
  return true;
}

bool closes_gate(Need need) {
  return need == Need::partner_violence || need == Need::family_violence || need == Need::controlling_relationship;
}

void close_gate(Person& person, std::string_view relationship, Time now) {
  person.closed_gates[relationship.empty() || relationship == "unknown" ? "any" : std::string(relationship)] = now;
}

}  // namespace rules
