#include "rules/trajectory.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

namespace rules {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr hours kSpan{24 * 7 * 8};  // the two spans that are compared
constexpr hours kBalance{24 * 28};  // the window of the routes
constexpr hours kWeek{24 * 7};
constexpr double kMinDelta = 0.33;  // of Cliff's delta
constexpr double kMinShareMove = 0.20;
constexpr int kMinShareMoments = 2;
constexpr int kMinWeeks = 4;
// What a week's tap stands for.
constexpr std::array<std::pair<std::string_view, double>, 4> kCounts{
    {{"none", 0}, {"few", 1.5}, {"some", 4}, {"many", kManyAWeek}}};
constexpr std::size_t kShownDots = 12;
constexpr int kMinRoutePoints = 8, kMinElsewhere = 6;
constexpr double kThinShare = 0.15, kSingleShare = 0.8;
constexpr int kMinSinglePoints = 10, kFlatMoments = 20, kFlatWeeks = 12;

// Of each moment, with its time: what one measure says of it.
struct Sample {
  Time at{};
  double value = 0;
};
using Samples = std::vector<Sample>;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

std::vector<double> values_of(const Samples& samples) {
  std::vector<double> out;
  out.reserve(samples.size());
  for (const Sample& s : samples) out.push_back(s.value);
  return out;
}

int rounded_median(const Samples& samples) {
  return samples.empty() ? -1 : static_cast<int>(std::lround(median(values_of(samples))));
}

// The last eight weeks against the eight before; too few there: the first half of all against the second.
std::optional<std::pair<std::vector<double>, std::vector<double>>> spans(const Samples& samples, Time now,
                                                                         std::size_t least) {
  std::vector<double> before, after;
  for (const Sample& s : samples) {
    if (now - s.at <= kSpan) {
      after.push_back(s.value);
    } else if (now - s.at <= 2 * kSpan) {
      before.push_back(s.value);
    }
  }
  if (before.size() < least || after.size() < least) {
    auto half = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
    before = values_of({samples.begin(), half});
    after = values_of({half, samples.end()});
  }
  if (before.size() < least || after.size() < least) return std::nullopt;
  return std::pair(std::move(before), std::move(after));
}

Direction told(bool moved, bool better, std::size_t fewer) {
  if (!moved) return Direction::same;
  if (!better) return Direction::worse;
  return fewer >= kSureMoments ? Direction::better : Direction::early_better;
}

Direction by_delta(const Samples& samples, Time now, bool more_is_better) {
  auto two = spans(samples, now, kMinMoments);
  if (!two) return Direction::few;
  double delta = cliffs_delta(two->first, two->second);
  return told(std::abs(delta) >= kMinDelta, (delta > 0) == more_is_better,
              std::min(two->first.size(), two->second.size()));
}

Direction by_share(const Samples& samples, Time now) {
  auto two = spans(samples, now, kMinMoments);
  if (!two) return Direction::few;
  auto sum = [](const std::vector<double>& v) {
    double s = 0;
    for (double x : v) s += x;
    return s;
  };
  double before = sum(two->first) / static_cast<double>(two->first.size());
  double after = sum(two->second) / static_cast<double>(two->second.size());
  double moments = std::abs(after - before) * static_cast<double>(two->second.size());
  return told(std::abs(after - before) >= kMinShareMove && moments >= kMinShareMoments, after > before,
              std::min(two->first.size(), two->second.size()));
}

void measure_gap(Trajectory& t, const std::vector<Episode>& episodes, Time now) {
  Samples stages, room;
  std::vector<std::string> dots;
  for (const Episode& e : episodes) {
    int stage = gap_stage(e);
    if (stage < 0) continue;
    stages.push_back({e.opened, static_cast<double>(stage)});
    dots.emplace_back(stage >= 2 ? "●" : "○");
    if (stage >= 2) ++t.gap_before;
    if (stage < 2) room.push_back({e.opened, 0});
    if (stage == 2 && e.hold_minutes >= 0) room.push_back({e.opened, static_cast<double>(e.hold_minutes)});
    if (stage == 3 && !e.outcome.empty() && !e.points.empty())
      room.push_back(
          {e.opened, static_cast<double>(std::chrono::duration_cast<minutes>(e.points.back().at - e.opened).count())});
  }
  t.gap_of = static_cast<int>(stages.size());
  for (std::size_t i = dots.size() - std::min(dots.size(), kShownDots); i < dots.size(); ++i)
    t.gap_dots += (t.gap_dots.empty() ? "" : " ") + dots[i];
  t.gap_minutes = rounded_median(room);
  t.gap = by_delta(stages, now, true);
}

void measure_weeks(Trajectory& t, const Person& person, Time now) {
  std::vector<double> before, after;
  for (const auto& [back, week] : weeks_of(person, now)) {
    (back < kSpan / kWeek ? after : before).push_back(week.moments);
    if (back >= kRecentWeeks || !week.hard()) continue;
    ++t.hard_weeks;
    t.hard_moments += week.logged;
    t.hard_eased += week.eased;
  }
  if (after.empty()) return;
  double sum = 0;
  for (double count : after) sum += count;
  t.a_week = sum / static_cast<double>(after.size());
  if (after.size() < kMinWeeks || before.size() < kMinWeeks) return;
  double moved = median(after) - median(before);
  t.easily = told(std::abs(moved) >= 1, moved < 0, std::min(before.size(), after.size()));
}

struct Routes {
  int attention = 0, experience = 0, past = 0;
  [[nodiscard]] int all() const { return attention + experience + past; }
  // A route that got nearly all of it: A attention, E experience, P past; ' ' when there is none.
  [[nodiscard]] char single() const {
    if (all() < kMinSinglePoints) return ' ';
    for (auto [name, points] : {std::pair{'A', attention}, {'E', experience}, {'P', past}})
      if (points >= kSingleShare * all()) return name;
    return ' ';
  }
};

// Of the 28 days that end at `end`.
Routes routes_until(const Person& person, Time end) {
  auto recent = [&](Time at) { return at <= end && end - at <= kBalance; };
  Routes r;
  std::map<std::int64_t, bool> days;
  for (const Episode& e : person.episodes) {
    if (e.closed && recent(*e.closed)) days[e.closed->time_since_epoch() / hours(24)] = true;
    if (e.repaired && recent(e.opened)) ++r.experience;
  }
  r.attention = static_cast<int>(days.size());
  for (const LogEntry& entry : person.log) {
    if (!recent(entry.at)) continue;
    if (entry.kind == "evidence") ++r.experience;
    if (entry.kind == "story") r.past += 2;
    if (entry.kind == "week" && entry.field("came_through") == "yes") ++r.experience;
    if (entry.kind == "week" && entry.field("therapy") == "yes") r.past += 2, ++r.experience;
  }
  return r;
}

// Did the last hard week come down slower than the hard one before it: a smaller share of it within the day?
bool slower_hard_week(const Person& person, Time now) {
  std::vector<double> shares;  // the newest first
  for (const auto& [back, week] : weeks_of(person, now))
    if (week.hard() && week.logged > 0) shares.push_back(static_cast<double>(week.eased) / week.logged);
  return shares.size() >= 2 && shares[0] < shares[1];
}

std::string stall_of(const Trajectory& t, const Person& person, Time now) {
  auto moves = [](Direction d) { return d != Direction::few && d != Direction::same; };
  bool any = moves(t.gap) || moves(t.total) || moves(t.pass) || moves(t.repair) || moves(t.easily);
  if (!any && t.moments >= kFlatMoments && now - t.since >= kFlatWeeks * kWeek) return "flat";
  if (t.experience >= kMinRoutePoints && t.past == 0 && slower_hard_week(person, now)) return "outvoted";
  char single = Routes{t.attention, t.experience, t.past}.single();
  if (!any && single != ' ' && single == routes_until(person, now - kBalance).single()) return "single";
  return "";
}

void measure_routes(Trajectory& t, const Person& person, Time now) {
  Routes r = routes_until(person, now);
  t.attention = r.attention;
  t.experience = r.experience;
  t.past = r.past;
  int all = r.all();
  for (auto [name, points] : {std::pair{"experience", t.experience}, {"past", t.past}, {"attention", t.attention}}) {
    bool thin = all >= kMinRoutePoints && points < kThinShare * all;
    bool missing = points == 0 && all >= kMinElsewhere;
    if (t.thin.empty() && (thin || missing)) t.thin = name;
  }
}

std::string word_of_minutes(int minutes_long) {
  if (minutes_long < 0) return "unknown";
  if (minutes_long <= 60) return "hour";
  if (minutes_long <= 4 * 60) return "hours";
  return minutes_long < kOverADay ? "day" : "over";
}

using T = const Trajectory&;
std::string name_of(Direction d) { return std::string(kDirectionNames[static_cast<std::size_t>(d)]); }

using std::to_string;
constexpr std::array<std::pair<std::string_view, std::string (*)(T)>, 24> kValues{{
    {"n", [](T t) { return to_string(t.moments); }},
    {"gap_before", [](T t) { return to_string(t.gap_before); }},
    {"gap_of", [](T t) { return to_string(t.gap_of); }},
    {"gap_minutes", [](T t) { return to_string(t.gap_minutes); }},
    {"gap_direction", [](T t) { return name_of(t.gap); }},
    {"gap_dots", [](T t) { return t.gap_dots; }},
    {"total", [](T t) { return to_string(t.total_median); }},
    {"total_high", [](T t) { return to_string(t.total_high); }},
    {"total_direction", [](T t) { return name_of(t.total); }},
    {"pass", [](T t) { return word_of_minutes(t.pass_minutes); }},
    {"pass_direction", [](T t) { return name_of(t.pass); }},
    {"repaired", [](T t) { return to_string(t.repaired); }},
    {"ruptures", [](T t) { return to_string(t.ruptures); }},
    {"repair_direction", [](T t) { return name_of(t.repair); }},
    {"a_week", [](T t) { return to_string(std::lround(std::max(0.0, t.a_week))); }},
    {"easily_direction", [](T t) { return name_of(t.easily); }},
    {"attention", [](T t) { return to_string(t.attention); }},
    {"experience", [](T t) { return to_string(t.experience); }},
    {"past", [](T t) { return to_string(t.past); }},
    {"thin", [](T t) { return t.thin; }},
    {"stall", [](T t) { return t.stall; }},
    {"hard_weeks", [](T t) { return to_string(t.hard_weeks); }},
    {"hard_moments", [](T t) { return to_string(t.hard_moments); }},
    {"hard_eased", [](T t) { return to_string(t.hard_eased); }},
}};

}  // namespace

double cliffs_delta(const std::vector<double>& before, const std::vector<double>& after) {
  if (before.empty() || after.empty()) return 0;
  double sum = 0;
  for (double a : after)
    for (double b : before) sum += a > b ? 1 : a < b ? -1 : 0;
  return sum / (static_cast<double>(before.size()) * static_cast<double>(after.size()));
}

int gap_stage(const Episode& e) {
  if (e.acted == "yes") return 0;
  if (e.acted == "part") return 1;
  if (e.acted != "none") return -1;
  return e.outcome == "old" || e.outcome == "mixed" ? 2 : 3;
}

bool Week::hard() const { return high >= 2 || heavy || (counted && moments >= kManyAWeek); }

std::map<std::int64_t, Week> weeks_of(const Person& person, Time now) {
  std::map<std::int64_t, Week> weeks;
  for (const Episode& e : person.episodes) {
    Week& week = weeks[(now - e.opened) / kWeek];
    ++week.moments;
    ++week.logged;
    if (e.peak >= kHigh) ++week.high;
    if (int m = settle_minutes(e); m >= 0 && m < kOverADay) ++week.eased;
  }
  for (const LogEntry& entry : person.log) {
    auto back = (now - entry.at) / kWeek;
    if (entry.kind == "setback" &&
        (entry.field("setback_cause") == "betrayal" || entry.field("setback_cause") == "loss"))
      weeks[back].heavy = true;
    if (entry.kind != "week") continue;
    for (auto [word, count] : kCounts) {  // what was counted wins over what was logged
      if (entry.field("count") != word) continue;
      weeks[back].moments = count;
      weeks[back].counted = true;
    }
  }
  return weeks;
}

int settle_minutes(const Episode& e) {
  if (e.points.size() < 2) return -1;
  int low = std::max(3, (e.peak + 1) / 2);
  Time began = e.opened - minutes(std::max(0, e.onset_minutes));
  Time above = e.opened;
  for (const Point& p : e.points) {
    if (p.value > low) {
      above = p.at;
    } else if (p.at > e.opened) {
      auto midpoint = above + (p.at - above) / 2;
      return static_cast<int>(
          std::min<std::int64_t>(kOverADay, std::chrono::duration_cast<minutes>(midpoint - began).count()));
    }
  }
  return e.closed && *e.closed - e.opened >= hours(24) ? kOverADay : -1;
}

Trajectory trajectory_of(const Person& person, Time now) {
  Trajectory t;
  t.moments = static_cast<int>(person.episodes.size());
  if (!person.episodes.empty()) t.since = person.episodes.front().opened;
  Samples peaks, settled, repairs;
  for (const Episode& e : person.episodes) {
    if (e.peak >= 0) peaks.push_back({e.opened, static_cast<double>(e.peak)});
    if (int m = settle_minutes(e); m >= 0) settled.push_back({e.opened, static_cast<double>(m)});
    if (e.rupture) repairs.push_back({e.opened, e.repaired ? 1.0 : 0.0});
  }
  for (const LogEntry& entry : person.log)
    if (entry.kind == "evening" && entry.has("evening_peak"))
      peaks.push_back({entry.at, std::atof(entry.field("evening_peak").c_str())});
  std::sort(peaks.begin(), peaks.end(), [](const Sample& a, const Sample& b) { return a.at < b.at; });
  for (const Sample& s : peaks) t.total_high += s.value >= kHigh ? 1 : 0;
  for (const Sample& s : repairs) t.repaired += s.value > 0 ? 1 : 0;
  t.total_median = rounded_median(peaks);
  t.total_of = static_cast<int>(peaks.size());
  t.pass_of = static_cast<int>(settled.size());
  t.pass_minutes = rounded_median(settled);
  t.ruptures = static_cast<int>(repairs.size());
  t.total = by_delta(peaks, now, false);
  t.pass = by_delta(settled, now, false);
  t.repair = by_share(repairs, now);
  measure_gap(t, person.episodes, now);
  measure_weeks(t, person, now);
  measure_routes(t, person, now);
  t.stall = stall_of(t, person, now);
  return t;
}

std::string Trajectory::value(std::string_view name) const {
  for (const auto& [own, tell] : kValues)
    if (own == name) return tell(*this);
  return "";
}

const std::vector<std::string>& Trajectory::names() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> out;
    out.reserve(kValues.size());
    for (const auto& value : kValues) out.emplace_back(value.first);
    return out;
  }();
  return all;
}

}  // namespace rules
