#include "rules/person.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "rules/json_writer.hpp"

namespace rules {
namespace {

using json = nlohmann::json;

constexpr std::size_t kUsualBytes = 2048;
constexpr std::chrono::hours kLogKept{24 * 730};
constexpr std::chrono::hours kOwnWordsKept{24 * 365};  // unused
constexpr std::string_view kKept = "keep.", kSafetyNote = "keep.risk_", kOwnWords = "keep.own_";

std::int64_t number(Time t) { return t.time_since_epoch().count(); }
Time time_of(std::int64_t seconds) { return Time(std::chrono::seconds(seconds)); }

// Writes only what differs from a new person: a stored person is a few hundred bytes.
template <class T>
void put(JsonWriter& w, const char* key, const T& value, const T& usual) {
  if (value != usual) w.key(key).value(value);
}
void put(JsonWriter& w, const char* key, Time value) {
  if (value != Time{}) w.key(key).value(number(value));
}
template <class T>
void take(const json& j, const char* key, T& value) {
  if (auto it = j.find(key); it != j.end()) it->get_to(value);
}
void take(const json& j, const char* key, Time& value) {
  if (auto it = j.find(key); it != j.end()) value = time_of(it->get<std::int64_t>());
}

template <class List, class Write>
void each(JsonWriter& w, const char* key, char bracket, const List& list, Write write) {
  if (list.empty()) return;
  w.key(key).open(bracket);
  for (const auto& item : list) write(item);
  w.close(bracket == '{' ? '}' : ']');
}

void write_frame(JsonWriter& w, const Frame& f) {
  w.open('{').key("guide").value(f.guide).key("step").value(f.step);
  w.key("turn").value(f.turn).key("since").value(number(f.since));
  put(w, "misses", f.misses, 0);
  put(w, "saved", f.saved, {});
  each(w, "asked", '{', f.asked, [&](const auto& a) { w.key(a.first).value(a.second); });
  w.close('}');
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

void write_episode(JsonWriter& w, const Episode& e) {
  const Episode usual;
  w.open('{').key("opened").value(number(e.opened));
  if (e.closed) w.key("closed").value(number(*e.closed));
  put(w, "trigger", e.trigger, usual.trigger);
  put(w, "rel", e.rel, usual.rel);
  put(w, "pull", e.pull, usual.pull);
  put(w, "action", e.action, usual.action);
  put(w, "acted", e.acted, usual.acted);
  put(w, "outcome", e.outcome, usual.outcome);
  put(w, "body", e.body, usual.body);
  put(w, "strength", e.strength, usual.strength);
  put(w, "peak", e.peak, usual.peak);
  put(w, "onset_minutes", e.onset_minutes, usual.onset_minutes);
  put(w, "hold_minutes", e.hold_minutes, usual.hold_minutes);
  put(w, "rupture", e.rupture, usual.rupture);
  put(w, "repaired", e.repaired, usual.repaired);
  each(w, "points", '[', e.points, [&](const Point& p) { w.row(number(p.at), p.value); });
  w.close('}');
}

void write_handover(JsonWriter& w, const Handover& h) {
  w.open('{').key("since").value(number(h.since));
  put(w, "heard", h.heard);
  put(w, "told", h.told);
  put(w, "gone", h.gone, std::int64_t{0});
  each(w, "lines", '[', h.lines,
       [&](const Handover::Line& l) { w.row(static_cast<int>(l.from), number(l.at), l.text); });
  w.close('}');
}

Handover handover_of(const json& j) {
  Handover h;
  take(j, "since", h.since);
  take(j, "heard", h.heard);
  take(j, "told", h.told);
  take(j, "gone", h.gone);
  if (j.contains("lines"))
    for (const auto& l : j["lines"])
      h.lines.push_back({static_cast<Handover::From>(l.at(0).get<int>() % 3), time_of(l.at(1).get<std::int64_t>()),
                         l.at(2).get<std::string>()});
  return h;
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

void write_records(JsonWriter& w, const Person& p) {
  each(w, "stack", '[', p.stack, [&](const Frame& f) { write_frame(w, f); });
  each(w, "facts", '{', p.facts, [&](const auto& f) { w.key(f.first).row(f.second.value, number(f.second.at)); });
  each(w, "gates", '{', p.closed_gates, [&](const auto& g) { w.key(g.first).value(number(g.second)); });
  if (p.episode) write_episode(w.key("episode"), *p.episode);
  if (p.handover) write_handover(w.key("handover"), *p.handover);
  each(w, "episodes", '[', p.episodes, [&](const Episode& e) { write_episode(w, e); });
  each(w, "actions", '{', p.actions, [&](const auto& a) {
    w.key(a.first).row(a.second.offered, a.second.tried, a.second.helped, number(a.second.last));
  });
  each(w, "log", '[', p.log, [&](const LogEntry& e) {
    w.open('{').key("kind").value(e.kind).key("at").value(number(e.at));
    each(w, "fields", '{', e.fields, [&](const auto& f) { w.key(f.first).value(f.second); });
    w.close('}');
  });
  each(w, "checkins", '{', p.checkins, [&](const auto& c) {
    const CheckIn& k = c.second;
    w.key(c.first).row(k.days, k.minute, k.unanswered, k.skipped, number(k.sent), k.flexible ? 1 : 0, k.slot, k.waits,
                       k.sends[0], k.sends[1], k.sends[2], k.within[0], k.within[1], k.within[2]);
  });
  each(w, "signs", '[', p.signs, [&](const Sign& s) { w.row(static_cast<int>(s.need), s.weight, number(s.at)); });
  each(w, "uses", '{', p.uses,
       [&](const auto& u) { w.key(u.first).row(u.second.count, u.second.last_variant, number(u.second.at)); });
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
  each("log", [&](const auto&, const json& v) {
    LogEntry e;
    take(v, "kind", e.kind);
    take(v, "at", e.at);
    if (auto fields = v.find("fields"); fields != v.end())
      for (const auto& f : fields->items()) e.fields[f.key()] = f.value().template get<std::string>();
    p.log.push_back(std::move(e));
  });
  each("checkins", [&](const auto& k, const json& v) {
    auto at = [&](std::size_t i) { return i < v.size() ? v.at(i).template get<std::int64_t>() : 0; };
    auto n = [&](std::size_t i) { return static_cast<int>(at(i)); };
    CheckIn& c = p.checkins[k];
    c = {static_cast<unsigned>(n(0)), n(1), n(2), n(3), time_of(at(4)), n(5) != 0, 1, -1, {}, {}};
    if (v.size() <= 5) return;  // written before there was a flexible time
    c.slot = std::clamp(n(6), 0, 2);
    c.waits = std::clamp(n(7), -1, 2);
    c.sends = {n(8), n(9), n(10)};
    c.within = {n(11), n(12), n(13)};
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
  if (j.contains("handover")) p.handover = handover_of(j["handover"]);
}

// There was one own plan; now there is one for each pull.
void split_plan(Person& p) {
  std::string pull = p.fact("keep.kit_pull");
  for (const char* part : {"sign", "act", "then"}) {
    auto old = p.facts.find("keep.kit_" + std::string(part));
    if (old == p.facts.end()) continue;
    if (!pull.empty()) p.facts["keep.kit_" + pull + "_" + part] = old->second;
    p.facts.erase(old);
  }
  p.facts.erase("keep.kit_pull");
}

}  // namespace

const std::string& LogEntry::field(std::string_view name) const {
  static const std::string none;
  auto it = fields.find(name);
  return it == fields.end() ? none : it->second;
}

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
  JsonWriter w(kUsualBytes);
  w.open('{').key("format").value(kPersonFormat);
  put(w, "seed", p.seed, usual.seed);
  put(w, "first_seen", p.first_seen);
  put(w, "last_seen", p.last_seen);
  put(w, "last_disclosed", p.last_disclosed);
  put(w, "sitting_since", p.sitting_since);
  put(w, "last_asked", p.last_asked);
  put(w, "language", p.language, usual.language);
  put(w, "country", p.country, usual.country);
  put(w, "zone", p.zone, usual.zone);
  put(w, "country_sure", p.country_sure, usual.country_sure);
  put(w, "zone_sure", p.zone_sure, usual.zone_sure);
  put(w, "consent", p.consent, usual.consent);
  put(w, "adult", p.adult, usual.adult);
  put(w, "muted", p.muted, usual.muted);
  put(w, "discreet", p.discreet, usual.discreet);
  put(w, "masked", p.masked, usual.masked);
  if (p.paused_until) put(w, "paused_until", *p.paused_until);
  put(w, "clear_word", p.clear_word, usual.clear_word);
  if (p.quiet != usual.quiet) w.key("quiet").row(p.quiet.from, p.quiet.to);
  if (p.risk != Risk::none) w.key("risk").value(kRiskNames[static_cast<std::size_t>(p.risk)]);
  put(w, "risk_since", p.risk_since);
  put(w, "risk_checked", p.risk_checked);
  put(w, "alarmed", p.alarmed);
  put(w, "alarm_seen", p.alarm_seen);
  put(w, "alerts_carry_words", p.alerts_carry_words, usual.alerts_carry_words);
  put(w, "alarm_words", p.alarm_words, usual.alarm_words);
  if (!p.pushed.empty()) w.key("pushed").value(p.pushed);
  put(w, "rel", p.rel, usual.rel);
  put(w, "turn", p.turn, usual.turn);
  put(w, "last_opening", p.last_opening, usual.last_opening);
  put(w, "last_reply", p.last_reply, usual.last_reply);
  put(w, "aside_count", p.aside_count, usual.aside_count);
  put(w, "fallback_count", p.fallback_count, usual.fallback_count);
  put(w, "last_fallback", p.last_fallback);
  put(w, "last_unasked", p.last_unasked);
  put(w, "forget_at", p.forget_at);
  write_records(w, p);
  return w.close('}').take();
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
    if (j.contains("quiet")) p.quiet = {j["quiet"].at(0).get<int>() % 24, j["quiet"].at(1).get<int>() % 24};
    if (j.contains("risk")) {
      auto it = std::find(kRiskNames.begin(), kRiskNames.end(), j["risk"].get<std::string>());
      if (it == kRiskNames.end()) return tl::unexpected(std::string("unknown risk"));
      p.risk = static_cast<Risk>(it - kRiskNames.begin());
    }
    take(j, "risk_since", p.risk_since);
    take(j, "risk_checked", p.risk_checked);
    take(j, "alarmed", p.alarmed);
    take(j, "alarm_seen", p.alarm_seen);
    take(j, "alerts_carry_words", p.alerts_carry_words);
    take(j, "alarm_words", p.alarm_words);
    take(j, "pushed", p.pushed);
    take(j, "rel", p.rel);
    take(j, "turn", p.turn);
    take(j, "last_opening", p.last_opening);
    take(j, "last_reply", p.last_reply);
    take(j, "aside_count", p.aside_count);
    take(j, "fallback_count", p.fallback_count);
    take(j, "last_fallback", p.last_fallback);
    take(j, "last_unasked", p.last_unasked);
    take(j, "forget_at", p.forget_at);
    read_records(j, p);
    split_plan(p);
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
    std::erase_if(p.log, [&](const LogEntry& e) { return older(e.at, kScratchHours); });
    std::erase_if(p.uses, [&](const auto& u) { return older(u.second.at, kScratchHours); });
  }
  if (older(p.alarmed, kScratchHours)) p.alarm_words.clear();
  if (p.handover && older(std::max({p.handover->since, p.handover->heard, p.handover->told}), kScratchHours))
    p.handover.reset();
  std::erase_if(p.log, [&](const LogEntry& e) { return older(e.at, kLogKept); });
  std::erase_if(p.episodes, [&](const Episode& e) { return older(e.opened, kLogKept); });
  if (p.log.size() > kMaxLog) p.log.erase(p.log.begin(), p.log.end() - kMaxLog);
  if (p.episodes.size() > kMaxEpisodes) p.episodes.erase(p.episodes.begin(), p.episodes.end() - kMaxEpisodes);
  std::erase_if(p.facts, [&](const auto& f) {
    if (f.first.starts_with(kOwnWords) && older(f.second.at, kOwnWordsKept)) return true;
    return older(f.second.at, kScratchHours) && !f.first.starts_with(keeps ? kKept : kSafetyNote);
  });
  std::erase_if(p.signs, [&](const Sign& s) { return older(s.at, hours(24 * 7)); });
  std::erase_if(p.uses, [&](const auto& u) { return older(u.second.at, hours(24 * 30)); });
  while (p.uses.size() > kMaxUses)
    p.uses.erase(std::min_element(p.uses.begin(), p.uses.end(),
                                  [](const auto& a, const auto& b) { return a.second.at < b.second.at; }));
}

Time next_forgetting(const Person& p) {
  constexpr std::chrono::hours kALittle{1};  // so that the latest of it is old enough, too
  bool facts =
      std::any_of(p.facts.begin(), p.facts.end(), [](const auto& f) { return !f.first.starts_with(kSafetyNote); });
  bool scratch =
      !p.alarm_words.empty() || p.handover ||
      (p.consent != "yes" && (facts || p.episode || !p.episodes.empty() || !p.log.empty() || !p.actions.empty()));
  return p.last_seen + (scratch ? kScratchHours + kALittle : kSilenceNotice);
}

}  // namespace rules
