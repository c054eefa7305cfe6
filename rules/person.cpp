#include "rules/person.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rules {
namespace {

using json = nlohmann::json;

std::int64_t number(Time t) { return t.time_since_epoch().count(); }
Time time_of(std::int64_t seconds) { return Time(std::chrono::seconds(seconds)); }

// Writes only what differs from a new person: a stored person is a few hundred bytes.
template <class T>
void put(json& j, const char* key, const T& value, const T& usual) {
  if (value != usual) j[key] = value;
}
void put(json& j, const char* key, Time value) {
  if (value != Time{}) j[key] = number(value);
}
template <class T>
void take(const json& j, const char* key, T& value) {
  if (auto it = j.find(key); it != j.end()) it->get_to(value);
}
void take(const json& j, const char* key, Time& value) {
  if (auto it = j.find(key); it != j.end()) value = time_of(it->get<std::int64_t>());
}

json frame_json(const Frame& f) {
  json j{{"guide", f.guide}, {"step", f.step}, {"turn", f.turn}, {"since", number(f.since)}};
  put(j, "misses", f.misses, 0);
  if (!f.asked.empty()) j["asked"] = f.asked;
  if (!f.saved.empty()) j["saved"] = f.saved;
  return j;
}

Frame frame_of(const json& j) {
  Frame f;
  take(j, "guide", f.guide);
  take(j, "step", f.step);
  take(j, "turn", f.turn);
  take(j, "since", f.since);
  take(j, "misses", f.misses);
  take(j, "asked", f.asked);
  take(j, "saved", f.saved);
  return f;
}

json episode_json(const Episode& e) {
  const Episode usual;
  json j{{"opened", number(e.opened)}};
  if (e.closed) j["closed"] = number(*e.closed);
  put(j, "trigger", e.trigger, usual.trigger);
  put(j, "rel", e.rel, usual.rel);
  put(j, "pull", e.pull, usual.pull);
  put(j, "action", e.action, usual.action);
  put(j, "acted", e.acted, usual.acted);
  put(j, "outcome", e.outcome, usual.outcome);
  put(j, "body", e.body, usual.body);
  put(j, "strength", e.strength, usual.strength);
  put(j, "peak", e.peak, usual.peak);
  put(j, "onset_minutes", e.onset_minutes, usual.onset_minutes);
  put(j, "hold_minutes", e.hold_minutes, usual.hold_minutes);
  put(j, "rupture", e.rupture, usual.rupture);
  put(j, "repaired", e.repaired, usual.repaired);
  for (const Point& p : e.points) j["points"].push_back({number(p.at), p.value});
  return j;
}

Episode episode_of(const json& j) {
  Episode e;
  take(j, "opened", e.opened);
  if (j.contains("closed")) e.closed = time_of(j["closed"].get<std::int64_t>());
  take(j, "trigger", e.trigger);
  take(j, "rel", e.rel);
  take(j, "pull", e.pull);
  take(j, "action", e.action);
  take(j, "acted", e.acted);
  take(j, "outcome", e.outcome);
  take(j, "body", e.body);
  take(j, "strength", e.strength);
  take(j, "peak", e.peak);
  take(j, "onset_minutes", e.onset_minutes);
  take(j, "hold_minutes", e.hold_minutes);
  take(j, "rupture", e.rupture);
  take(j, "repaired", e.repaired);
  if (j.contains("points"))
    for (const auto& p : j["points"]) e.points.push_back({time_of(p.at(0).get<std::int64_t>()), p.at(1).get<int>()});
  return e;
}

void write_records(json& j, const Person& p) {
  for (const auto& f : p.stack) j["stack"].push_back(frame_json(f));
  for (const auto& [name, fact] : p.facts) j["facts"][name] = {fact.value, number(fact.at)};
  for (const auto& [rel, since] : p.closed_gates) j["gates"][rel] = number(since);
  if (p.episode) j["episode"] = episode_json(*p.episode);
  for (const auto& e : p.episodes) j["episodes"].push_back(episode_json(e));
  for (const auto& [name, a] : p.actions) j["actions"][name] = {a.offered, a.tried, a.helped, number(a.last)};
  for (const auto& s : p.signs) j["signs"].push_back({static_cast<int>(s.need), s.weight, number(s.at)});
  for (const auto& [id, u] : p.uses) j["uses"][id] = {u.count, u.last_variant, number(u.at)};
}

void read_records(const json& j, Person& p) {
  auto each = [&](const char* key, auto&& visit) {
    if (auto it = j.find(key); it != j.end())
      for (const auto& item : it->items()) visit(item.key(), item.value());
  };
  each("stack", [&](const auto&, const json& v) { p.stack.push_back(frame_of(v)); });
  each("facts", [&](const auto& k, const json& v) {
    p.facts[k] = {v.at(0).template get<std::string>(), time_of(v.at(1).template get<std::int64_t>())};
  });
  each("gates", [&](const auto& k, const json& v) { p.closed_gates[k] = time_of(v.template get<std::int64_t>()); });
  each("episodes", [&](const auto&, const json& v) { p.episodes.push_back(episode_of(v)); });
  each("actions", [&](const auto& k, const json& v) {
    p.actions[k] = {v.at(0).template get<int>(), v.at(1).template get<int>(), v.at(2).template get<int>(),
                    time_of(v.at(3).template get<std::int64_t>())};
  });
  each("signs", [&](const auto&, const json& v) {
    p.signs.push_back({static_cast<Need>(v.at(0).template get<int>() % static_cast<int>(kNeeds)),
                       v.at(1).template get<int>(), time_of(v.at(2).template get<std::int64_t>())});
  });
  each("uses", [&](const auto& k, const json& v) {
    p.uses[k] = {v.at(0).template get<int>(), v.at(1).template get<int>(),
                 time_of(v.at(2).template get<std::int64_t>())};
  });
  if (j.contains("episode")) p.episode = episode_of(j["episode"]);
}

}  // namespace

const std::string& Person::fact(std::string_view name) const {
  static const std::string none;
  auto it = facts.find(name);
  return it == facts.end() ? none : it->second.value;
}

bool Person::gate_closed(std::string_view relationship) const {
  return closed_gates.contains("any") ||
         closed_gates.contains(std::string(relationship.empty() ? "unknown" : relationship));
}

std::string to_json(const Person& p) {
  const Person usual;
  json j{{"format", kPersonFormat}};
  put(j, "seed", p.seed, usual.seed);
  put(j, "first_seen", p.first_seen);
  put(j, "last_seen", p.last_seen);
  put(j, "last_disclosed", p.last_disclosed);
  put(j, "sitting_since", p.sitting_since);
  put(j, "last_asked", p.last_asked);
  put(j, "language", p.language, usual.language);
  put(j, "country", p.country, usual.country);
  put(j, "zone", p.zone, usual.zone);
  put(j, "country_sure", p.country_sure, usual.country_sure);
  put(j, "zone_sure", p.zone_sure, usual.zone_sure);
  put(j, "consent", p.consent, usual.consent);
  put(j, "adult", p.adult, usual.adult);
  put(j, "muted", p.muted, usual.muted);
  put(j, "discreet", p.discreet, usual.discreet);
  put(j, "masked", p.masked, usual.masked);
  if (p.paused_until) put(j, "paused_until", *p.paused_until);
  put(j, "clear_word", p.clear_word, usual.clear_word);
  if (p.risk != Risk::none) j["risk"] = kRiskNames[static_cast<std::size_t>(p.risk)];
  put(j, "risk_since", p.risk_since);
  put(j, "risk_checked", p.risk_checked);
  put(j, "rel", p.rel, usual.rel);
  put(j, "turn", p.turn, usual.turn);
  put(j, "last_opening", p.last_opening, usual.last_opening);
  put(j, "aside_count", p.aside_count, usual.aside_count);
  put(j, "fallback_count", p.fallback_count, usual.fallback_count);
  put(j, "last_fallback", p.last_fallback);
  write_records(j, p);
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

tl::expected<Person, std::string> person_from_json(std::string_view text) {
  try {
    json j = json::parse(text);
    int format = j.at("format").get<int>();
    if (format != kPersonFormat)
      return tl::unexpected("person format " + std::to_string(format) + ", this program knows " +
                            std::to_string(kPersonFormat));
    Person p;
    take(j, "seed", p.seed);
    take(j, "first_seen", p.first_seen);
    take(j, "last_seen", p.last_seen);
    take(j, "last_disclosed", p.last_disclosed);
    take(j, "sitting_since", p.sitting_since);
    take(j, "last_asked", p.last_asked);
    take(j, "language", p.language);
    take(j, "country", p.country);
    take(j, "zone", p.zone);
    take(j, "country_sure", p.country_sure);
    take(j, "zone_sure", p.zone_sure);
    take(j, "consent", p.consent);
    take(j, "adult", p.adult);
    take(j, "muted", p.muted);
    take(j, "discreet", p.discreet);
    take(j, "masked", p.masked);
    if (j.contains("paused_until")) p.paused_until = time_of(j["paused_until"].get<std::int64_t>());
    take(j, "clear_word", p.clear_word);
    if (j.contains("risk")) {
      auto it = std::find(kRiskNames.begin(), kRiskNames.end(), j["risk"].get<std::string>());
      if (it == kRiskNames.end()) return tl::unexpected(std::string("unknown risk"));
      p.risk = static_cast<Risk>(it - kRiskNames.begin());
    }
    take(j, "risk_since", p.risk_since);
    take(j, "risk_checked", p.risk_checked);
    take(j, "rel", p.rel);
    take(j, "turn", p.turn);
    take(j, "last_opening", p.last_opening);
    take(j, "aside_count", p.aside_count);
    take(j, "fallback_count", p.fallback_count);
    take(j, "last_fallback", p.last_fallback);
    read_records(j, p);
    return p;
  } catch (const json::exception& e) {
    return tl::unexpected(std::string("not a stored person: ") + e.what());
  }
}

void forget_expired(Person& p, Time now) {
  using std::chrono::hours;
  auto older = [now](Time t, auto age) { return now - t > age; };
  bool keeps = p.consent == "yes";
  if (p.episode && older(p.episode->opened, kScratchHours)) {
    if (!p.episode->closed) p.episode->closed = p.episode->opened + kScratchHours;
    if (keeps) p.episodes.push_back(*p.episode);
    p.episode.reset();
  }
  if (!keeps) {
    std::erase_if(p.episodes, [&](const Episode& e) { return older(e.opened, kScratchHours); });
    std::erase_if(p.actions, [&](const auto& a) { return older(a.second.last, kScratchHours); });
  }
  if (p.episodes.size() > kMaxEpisodes) p.episodes.erase(p.episodes.begin(), p.episodes.end() - kMaxEpisodes);
  std::erase_if(p.facts,
                [&](const auto& f) { return older(f.second.at, kScratchHours) && !f.first.starts_with("keep."); });
  std::erase_if(p.signs, [&](const Sign& s) { return older(s.at, hours(24 * 7)); });
  std::erase_if(p.uses, [&](const auto& u) { return older(u.second.at, hours(24 * 30)); });
  while (p.uses.size() > kMaxUses)
    p.uses.erase(std::min_element(p.uses.begin(), p.uses.end(),
                                  [](const auto& a, const auto& b) { return a.second.at < b.second.at; }));
}

}  // namespace rules
