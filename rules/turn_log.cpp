// What guides of other days keep and bring back: records, the experience that fits this moment, months, check-ins.
#include <algorithm>
#include <cmath>

#include "rules/checkins.hpp"
#include "rules/turn.hpp"

namespace rules {
namespace {

constexpr std::chrono::hours kRecallRest{24 * 14};  // an experience is not brought back twice within
constexpr int kUsesToSayBack = 2;
constexpr std::string_view kShown = "shown";  // when it was last brought back, seconds

std::vector<std::string> words_in(std::string_view list) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < list.size();) {
    std::size_t end = std::min(list.find(' ', at), list.size());
    if (end > at) out.emplace_back(list.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

Time shown_at(const LogEntry& e) { return Time(std::chrono::seconds(std::atoll(e.field(kShown).c_str()))); }

}  // namespace

// `fields` are facts; their values go into the entry, and the facts are done with.
void Turn::record(const std::string& kind, const std::string& fields) {
  LogEntry entry{kind, now_, {}};
  for (const auto& name : words_in(fields)) {
    if (const auto& value = person_.fact(name); !value.empty()) entry.fields[name] = value;
    person_.facts.erase(name);
  }
  person_.log.push_back(std::move(entry));
}

std::string Turn::log_value(std::string_view name) const {
  std::string_view kind = name.substr(name.find('.') + 1);
  auto same = [&](const LogEntry& e) { return e.kind == kind; };
  if (name.starts_with("count.")) return std::to_string(std::count_if(person_.log.begin(), person_.log.end(), same));
  auto last = std::find_if(person_.log.rbegin(), person_.log.rend(), same);
  constexpr int kNever = 9999;
  return std::to_string(last == person_.log.rend()
                            ? kNever
                            : std::chrono::duration_cast<std::chrono::hours>(now_ - last->at).count() / 24);
}

// The newest experience that contradicts what is feared now, with somebody the door is open to.
const LogEntry* Turn::recalled() const {
  for (auto e = person_.log.rbegin(); e != person_.log.rend(); ++e) {
    if (e->kind != "evidence" || e->field("recall") != "yes" || e->field("verdict") == "yes") continue;
    if (now_ - shown_at(*e) < kRecallRest) continue;
    if (person_.gate_closed(person_.rel)) continue;
    bool fits = person_.rel.empty() || e->field("evidence_who") == person_.rel || person_.fact("pull") != "withdraw";
    if (fits) return &*e;
  }
  return nullptr;
}

void Turn::mark_recalled() {
  const LogEntry* entry = recalled();
  for (LogEntry& e : person_.log)
    if (&e == entry) e.fields[std::string(kShown)] = std::to_string(now_.time_since_epoch().count());
}

const LogEntry* Turn::newest(std::string_view kind) const {
  auto seen = [](const LogEntry& e) { return std::max(e.at, shown_at(e)); };
  const LogEntry* newest = nullptr;
  for (const LogEntry& e : person_.log)
    if (e.kind == kind && (newest == nullptr || seen(e) >= seen(*newest))) newest = &e;
  return newest;
}

void Turn::drop_entry(std::string_view kind) {
  if (const LogEntry* entry = newest(kind)) person_.log.erase(person_.log.begin() + (entry - person_.log.data()));
}

// The same words for the same answer count; others begin anew.
void Turn::keep_own_words(const Step& step, const std::string& value) {
  if (step.own.empty() || said_ == nullptr || reading_ != &said_->reading) return;
  const Signal* image = reading_->heard(step.own);
  const Text& text = reading_->text;
  if (image == nullptr || image->begin >= image->end || image->end > text.words.size()) return;
  std::uint32_t from = text.words[image->begin].from, to = text.words[image->end - 1].to;
  std::string words = cut_graphemes(std::string_view(said_->text).substr(from, to - from), kMaxKeptWords);
  const std::string own = "keep.own_" + step.saves;
  bool same = person_.fact(own) == words && person_.fact(own + "_as") == value;
  int times = same ? std::atoi(person_.fact(own + "_times").c_str()) : 0;
  set_fact(own, words);
  set_fact(own + "_as", value);
  set_fact(own + "_times", std::to_string(times + 1));
}

// Nothing remembered is said where somebody may read over the shoulder.
std::string Turn::own_words(std::string_view of) const {
  if (person_.discreet || person_.masked) return "";
  const std::string own = "keep.own_" + std::string(of);
  const std::string& times = person_.fact(own + "_times");
  return times.empty() || std::atoi(times.c_str()) >= kUsesToSayBack ? person_.fact(own) : "";
}

std::string Turn::months_value(std::string_view name) const {
  if (!months_) months_ = trajectory_of(person_, now_);
  return months_->value(name);
}

// The means of the two scales of the self-reading, a1 to a4 and v1 to v4, to the half.
std::string Turn::reading_value(std::string_view name) const {
  constexpr int kItems = 4, kMaxLeftOpen = 1;
  constexpr double kNear = 0.75, kLoud = 3;
  std::array<double, 2> mean{};
  bool missing = false;
  for (std::size_t scale = 0; scale < 2; ++scale) {
    double sum = 0;
    int n = 0;
    for (int item = 1; item <= kItems; ++item)
      if (int tapped = std::atoi(person_.fact("av"[scale] + std::to_string(item)).c_str()); tapped > 0) {
        sum += tapped;
        ++n;
      }
    missing = missing || n < kItems - kMaxLeftOpen;
    mean[scale] = n == 0 ? 0 : sum / n;
  }
  if (name == "missing") return missing ? "yes" : "no";
  if (name == "lean") {
    if (std::abs(mean[0] - mean[1]) >= kNear) return mean[0] > mean[1] ? "pursue" : "withdraw";
    return mean[0] >= kLoud && mean[1] >= kLoud ? "both" : "neither";
  }
  auto halves = std::lround(2 * mean[name == "a" ? 0 : 1]);
  return std::to_string(halves / 2) + (halves % 2 == 1 ? "½" : "");
}

std::string Turn::date_words(Time at) const { return rules::date_words(texts_, at, person_.zone); }

void Turn::set_check_in_timer(const std::string& kind, CheckIn& check_in) {
  check_in.slot = next_slot(check_in, person_.quiet);
  set_timer_at("checkin." + kind, next_due(check_in, now_, person_.zone));
}

void Turn::set_check_in(const std::string& kind, const std::string& when) {
  auto before = person_.checkins.find(kind);
  if (when == kFlexible || when == kFixed) {
    if (before == person_.checkins.end()) return;
    before->second.flexible = when == kFlexible;
    return set_check_in_timer(kind, before->second);
  }
  auto chosen = parse_check_in(when);
  if (chosen && chosen->days == 0 && before != person_.checkins.end()) chosen->days = before->second.days;
  if (!chosen || chosen->days == 0) {
    person_.checkins.erase(kind);
    std::string timer = "checkin." + kind;
    std::erase_if(out_.timers, [&](const TimerChange& t) { return t.name == timer; });
    out_.timers.push_back({timer, std::nullopt});
    return;
  }
  person_.checkins[kind] = *chosen;
  set_quiet(person_, person_.quiet);
  set_check_in_timer(kind, person_.checkins[kind]);
}

void Turn::set_quiet_hours(const std::string& hours) {
  auto quiet = parse_quiet(hours);
  if (!quiet) return;
  set_quiet(person_, *quiet);
  for (auto& [kind, check_in] : person_.checkins) set_check_in_timer(kind, check_in);
}

// What has ended by itself begins again, when the person says so.
void Turn::resume_check_ins() {
  for (auto& [kind, check_in] : person_.checkins) {
    if (check_in.unanswered < kMaxUnanswered) continue;
    check_in.unanswered = check_in.skipped = 0;
    set_check_in_timer(kind, check_in);
  }
}

// True when the check-in is to be said now; its next date is set in any case.
bool Turn::check_in_due(const std::string& timer) {
  auto it = person_.checkins.find(timer.substr(timer.find('.') + 1));
  if (it == person_.checkins.end()) return false;
  Due due = take_due(it->second, person_, now_, contact_.window);
  check_in_last_ = due == Due::send_last;
  if (!check_in_last_) set_check_in_timer(it->first, it->second);
  if (due != Due::skip) person_.last_unasked = now_;
  return due != Due::skip;
}

}  // namespace rules
