// The names that packs may test in conditions and say in placeholders, and what they stand for.
#include <algorithm>

#include "rules/episode.hpp"
#include "rules/schedule.hpp"
#include "rules/turn.hpp"

namespace rules {
namespace {

constexpr std::chrono::minutes kStrengthHolds{60};
constexpr std::string_view kYourCountry = "your country", kThat = "that";

// placeholder -> the need whose route it names
struct RouteName {
  std::string_view name, need;
};
constexpr std::array<RouteName, 9> kRoutes{{{"line", "suicide"},
                                            {"dv", "domestic-violence"},
                                            {"sv", "sexual-violence"},
                                            {"ed", "eating-disorder"},
                                            {"child", "child"},
                                            {"substance", "substance"},
                                            {"therapist", "therapist"},
                                            {"trauma", "trauma-therapist"},
                                            {"low_cost", "public-system"}}};
constexpr std::array<std::string_view, 4> kRouteForms{"", "_full", "_text", "_url"};

constexpr std::array<std::string_view, 37> kPlainWords{
    "emerg",           "program",      "heard",       "they",          "them",
    "their",           "peak",         "clock",       "back_at",       "now_clock",
    "country_name",    "best_action",  "best_date",   "word",          "words",
    "facts_count",     "first",        "number",      "guess",         "parked",
    "version",         "hour_clock",   "recall_date", "recall_who",    "recall_feared",
    "recall_happened", "months_since", "kit_line",    "checkin_clock", "operator",
    "alarm_line",      "quiet_from",   "quiet_to",    "entry_date",    "entry_happened",
    "body_words",      "wave"};

constexpr std::array<std::string_view, 52> kNames{
    "alarm",        "risk",      "level",       "need",          "subject",         "gate",
    "arousal",      "night",     "episode",     "consent",       "adult",           "taps",
    "discreet",     "masked",    "muted",       "first_contact", "country_known",   "country_sure",
    "zone_sure",    "answer",    "misses",      "rel",           "parked",          "best_action",
    "unasked",      "denied",    "past",        "question",      "running",         "fell",
    "nontext",      "risk_kind", "risk_hours",  "sitting",       "language_partly", "recall_fits",
    "checkin_last", "reading.a", "reading.v",   "reading.lean",  "reading.missing", "window",
    "peak_today",   "kit_spent", "likely_pull", "likely_ask",    "own_body",        "own_wave",
    "own_them",     "on_call",   "handover",    "length"};

std::string yes(bool b) { return b ? "yes" : "no"; }

// The highest peak of the moments that began on this local day; 0 = there was none.
int peak_of_day(const Person& person, Time now) {
  Date today = local_date(now, person.zone);
  int peak = 0;
  auto take = [&](const Episode& e) {
    if (local_date(e.opened, person.zone) == today) peak = std::max(peak, e.peak);
  };
  std::for_each(person.episodes.begin(), person.episodes.end(), take);
  if (person.episode) take(*person.episode);
  return peak;
}

// Which own plan is meant: the one being made, or the one for the pull of this moment.
const std::string& pull_of_plan(const Person& person) {
  return person.fact("kit_pull").empty() ? person.fact("pull") : person.fact("kit_pull");
}

const std::string& part_of_plan(const Person& person, std::string_view part) {
  const std::string& now = person.fact("kit_" + std::string(part));
  return now.empty() ? person.fact("keep.kit_" + pull_of_plan(person) + "_" + std::string(part)) : now;
}

}  // namespace

std::set<std::string> known_names() {
  std::set<std::string> out(kNames.begin(), kNames.end());
  for (auto need : kNeedNames) out.insert("found." + std::string(need));
  for (const auto& name : Trajectory::names()) out.insert("months." + name);
  return out;
}

std::vector<std::string> engine_phrases() { return {std::string(kYourCountry), std::string(kThat)}; }

bool known_placeholder(std::string_view name, const Pack& pack) {
  std::string plain(name);
  if (!plain.empty() && plain[0] >= 'A' && plain[0] <= 'Z') plain[0] = static_cast<char>(plain[0] + 32);
  for (const auto& route : kRoutes)
    for (auto form : kRouteForms)
      if (plain == std::string(route.name) + std::string(form)) return true;
  if (plain.starts_with("months.") || plain.starts_with("reading.")) return known_names().contains(plain);
  bool is_fact = std::find(pack.facts.begin(), pack.facts.end(), plain) != pack.facts.end();
  if (!is_fact && plain.ends_with("_word")) plain.resize(plain.size() - 5);  // a number as a word
  return std::find(kPlainWords.begin(), kPlainWords.end(), plain) != kPlainWords.end() ||
         std::find(pack.facts.begin(), pack.facts.end(), plain) != pack.facts.end();
}

bool Turn::holds(const Condition& condition) const {
  return rules::holds(condition, [this](std::string_view name) { return value_of(name); });
}

int Turn::arousal() const {
  auto it = person_.facts.find("strength");
  if (it != person_.facts.end() && now_ - it->second.at <= kStrengthHolds && it->second.value != "unsure")
    return std::atoi(it->second.value.c_str());
  if (reading_ != nullptr) {
    if (reading_->heard("flood.hard") != nullptr || reading_->heard("numb.hard") != nullptr) return 8;
    if (reading_->heard("flood.soft") != nullptr) return 7;
    if (reading_->heard("pull.*") != nullptr) return 5;
  }
  return 2;
}

std::string Turn::country() const { return person_.country; }

std::string Turn::value_of(std::string_view name) const {
  if (name.starts_with("heard:")) return yes(reading_ != nullptr && reading_->heard(name.substr(6)) != nullptr);
  if (name.starts_with("found.")) {
    if (reading_ == nullptr) return "no";
    for (const auto& f : reading_->findings)
      if (kNeedNames[static_cast<std::size_t>(f.need)] == name.substr(6)) return "yes";
    return "no";
  }
  if (name.starts_with("count.") || name.starts_with("days.")) return log_value(name);
  if (name.starts_with("months.")) return months_value(name.substr(7));
  if (name.starts_with("reading.")) return reading_value(name.substr(8));
  if (name == "recall_fits") return yes(recalled() != nullptr);
  if (name == "checkin_last") return yes(check_in_last_);
  if (name.starts_with("checkins.")) return yes(person_.checkins.contains(std::string(name.substr(9))));
  if (name == "alarm") return alarm_state();
  if (name == "risk") return std::string(kRiskNames[static_cast<std::size_t>(person_.risk)]);
  if (name == "risk_kind") return person_.fact("keep.risk_kind");
  if (name == "risk_hours")
    return std::to_string(std::chrono::duration_cast<std::chrono::hours>(now_ - person_.risk_since).count());
  if (name == "language_partly") return yes(texts_.safety_only());
  if (name == "sitting") return yes(now_ - person_.sitting_since < kSitting);
  if (name == "level")
    return std::string(kLevelNames[static_cast<std::size_t>(finding_ ? finding_->level : Level::none)]);
  if (name == "need") return finding_ ? std::string(kNeedNames[static_cast<std::size_t>(finding_->need)]) : "";
  if (name == "subject") return finding_ && finding_->subject == Subject::other ? "other" : "self";
  if (name == "denied") return yes(finding_ && finding_->denied);
  if (name == "past") return yes(finding_ && finding_->past);
  if (name == "gate") return person_.gate_closed(person_.rel) ? "closed" : "open";
  if (name == "arousal") return std::to_string(arousal());
  if (name == "night") return yes(is_night(now_, person_.zone));
  if (name == "episode") return yes(person_.episode.has_value());
  if (name == "consent") return person_.consent;
  if (name == "adult") return person_.adult;
  if (name == "taps") return contact_.taps == Taps::rich ? "rich" : contact_.taps == Taps::three ? "three" : "none";
  if (name == "discreet") return yes(person_.discreet);
  if (name == "masked") return yes(person_.masked);
  if (name == "muted") return yes(person_.muted);
  if (name == "first_contact") return yes(person_.last_disclosed == Time{});
  if (name == "country_known") return yes(!person_.country.empty());
  if (name == "country_sure") return yes(person_.country_sure);
  if (name == "zone_sure") return yes(person_.zone_sure);
  if (name == "answer") return answer_value_;
  if (name == "length") return reading_ == nullptr ? "0" : std::to_string(reading_->text.words.size());
  if (name == "misses") return person_.stack.empty() ? "0" : std::to_string(person_.stack.back().misses);
  if (name == "rel") return person_.rel;
  if (name == "running") return person_.stack.empty() ? "" : person_.stack.back().guide;
  if (name == "parked") return person_.stack.size() < 2 ? "" : person_.stack.front().guide;
  if (name == "best_action") return yes(!best_actions(person_, person_.fact("pull")).empty());
  if (name == "unasked") return yes(unasked_);
  if (name == "question") return yes(reading_ != nullptr && asks_back());
  if (name == "nontext") return nontext_kind_;
  if (name == "likely_pull")
    return reading_ != nullptr && reading_->sure_pull ? std::string(reading_->likely_pull) : "";
  if (name == "likely_ask") {  // faq:alone is faq_alone here
    std::string ask(reading_ != nullptr && reading_->sure_ask ? reading_->likely_ask : std::string_view{});
    std::replace(ask.begin(), ask.end(), ':', '_');
    return ask;
  }
  if (name == "handover") return yes(person_.handover.has_value());
  if (name == "on_call") return yes(!contact_.operator_name.empty());
  if (name.starts_with("own_")) return yes(!own_words(name.substr(4)).empty());
  if (name == "window") return yes(contact_.window.count() > 0);
  if (name == "peak_today") return std::to_string(peak_of_day(person_, now_));
  if (name == "kit_spent") return yes(spent(person_, pull_of_plan(person_), part_of_plan(person_, "act")));
  if (name == "fell") {
    if (!person_.episode || person_.episode->points.empty()) return "0";
    return std::to_string(std::max(0, person_.episode->peak - person_.episode->points.back().value));
  }
  return person_.fact(name);
}

std::string Turn::heard_line(bool of_anything) {
  if (heard_said_ || reading_ == nullptr) return "";
  for (const auto& line : pack_.heard_lines) {
    if (line.hears.empty() ? !of_anything : !reading_->heard_any(line.hears)) continue;
    if (!holds(line.when)) continue;
    heard_said_ = true;
    return rendered(line.say, false);
  }
  return "";
}

std::string Turn::words_for(std::string_view name) {
  auto phrasebook = [this](std::string_view english) { return texts_.text(english); };
  for (const auto& route : kRoutes) {
    if (!name.starts_with(route.name)) continue;
    auto form = name.substr(route.name.size());
    if (std::find(kRouteForms.begin(), kRouteForms.end(), form) == kRouteForms.end()) continue;
    route_said_ = true;
    Route r = pack_.directory.route(country(), route.need, phrasebook);
    if (form.empty()) return r.line;
    if (form == "_full") return r.line_full;
    if (form == "_text") return r.text.empty() ? r.line : r.text;
    return r.url;
  }
  route_said_ = route_said_ || name == "emerg";
  if (name == "emerg") return pack_.directory.emergency(country(), phrasebook);
  if (name == "program") {
    disclosed_ = true;
    auto it = pack_.lines.find("program");
    return texts_.text(it->second[0].variants[0]);
  }
  if (name == "heard") return heard_line();
  auto own = [this](std::string_view of) {  // what is said is in use
    std::string words = own_words(of);
    if (!words.empty()) person_.facts["keep.own_" + std::string(of)].at = now_;
    return words;
  };
  if (name == "body_words") return own("body");
  if (name == "wave") return own("wave");
  if (name == "they" || name == "them" || name == "their") {
    if (std::string words = own("them"); !words.empty())
      return fill(texts_.word_or(std::string(name) + ".own", "{name}"), [&](std::string_view) { return words; });
    const std::string& said = person_.fact("they");
    return texts_.word_or(std::string(name) + "." + (said == "he" || said == "she" ? said : "they"), name);
  }
  auto number = [&](const std::string& n) { return texts_.word_or("number." + n, n); };
  bool is_fact = std::find(pack_.facts.begin(), pack_.facts.end(), name) != pack_.facts.end();
  if (!is_fact && name.ends_with("_word")) return number(person_.fact(name.substr(0, name.size() - 5)));
  if (name == "peak") return person_.episode ? std::to_string(person_.episode->peak) : person_.fact("strength");
  if (name == "first")
    return person_.episode && !person_.episode->points.empty() ? std::to_string(person_.episode->points.front().value)
                                                               : person_.fact("strength");
  if (name == "number") return answer_value_;
  if (name == "clock") {
    for (const auto& t : out_.timers)
      if (t.at) return local_clock(*t.at, person_.zone);
    return local_clock(now_, person_.zone);
  }
  if (name == "operator") return contact_.operator_name;
  if (name == "alarm_line")
    return fill(texts_.word_or("alarm." + alarm_state(), ""), [&](std::string_view) { return contact_.operator_name; });
  if (name == "checkin_clock") {
    auto evening = person_.checkins.find("evening");
    return evening == person_.checkins.end() ? "" : clock_of(evening->second.minute);
  }
  if (name == "quiet_from" || name == "quiet_to")
    return clock_of(60 * (name == "quiet_to" ? person_.quiet.to : person_.quiet.from));
  if (name == "hour_clock") return local_clock(now_ + std::chrono::hours(1), person_.zone);
  if (name == "back_at") return local_clock(now_ + std::chrono::minutes(30), person_.zone);
  if (name == "now_clock") return local_clock(now_, person_.zone);
  if (name == "country_name" || name == "guess") {
    const Country* c = pack_.directory.country(person_.country);
    return c == nullptr ? texts_.text(kYourCountry) : c->name;
  }
  if (name == "best_action" || name == "best_date") {
    auto best = best_actions(person_, person_.fact("pull"));
    if (best.empty()) return "";
    if (name == "best_date") return date_words(best[0].last);
    return texts_.word_or("action." + best[0].action, best[0].action);
  }
  if (name.starts_with("months.")) return texts_.word_or(std::string(name) + "." + value_of(name), value_of(name));
  if (name.starts_with("reading.")) return reading_value(name.substr(8));
  if (name == "months_since") return date_words(person_.episodes.empty() ? now_ : person_.episodes.front().opened);
  if (name.starts_with("recall_") || name.starts_with("entry_")) {
    const LogEntry* e = name[0] == 'r' ? recalled() : newest("evidence");
    if (e == nullptr) return "";
    std::string field(name.substr(name.find('_') + 1));
    if (field == "date") return date_words(e->at);
    return texts_.word_or(field + "." + e->field(field), e->field(field));
  }
  if (name == "kit_line")
    return fill(texts_.word_or("kit.line", ""), [&](std::string_view part) {
      const std::string& value = part == "pull" ? pull_of_plan(person_) : part_of_plan(person_, part);
      return texts_.word_or("kit_" + std::string(part) + "." + value, "");
    });
  if (name == "word") return person_.clear_word;
  if (name == "words") {
    bool joined = said_ != nullptr && reading_ != &said_->reading;  // its bytes are those of two messages
    if (said_ == nullptr || joined || !finding_ || finding_->end <= finding_->begin) return texts_.text(kThat);
    return cut_graphemes(std::string_view(said_->text).substr(finding_->begin, finding_->end - finding_->begin), 60);
  }
  if (name == "facts_count")
    return std::to_string(person_.facts.size() + person_.episodes.size() + person_.actions.size());
  if (name == "version") return pack_.version;
  if (name == "parked") {
    return texts_.word_or("guide." + value_of("parked"), value_of("parked"));
  }
  const std::string& value = person_.fact(name);
  return texts_.word_or(std::string(name) + "." + value, value);
}

}  // namespace rules
