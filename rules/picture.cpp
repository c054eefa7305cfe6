#include "rules/picture.hpp"

#include <algorithm>
#include <cmath>

#include "rules/compose.hpp"
#include "rules/schedule.hpp"

namespace rules {
namespace {

using std::chrono::hours;

constexpr hours kWeek{24 * 7};
constexpr hours kSpan = kWeek * kRecentWeeks;
constexpr std::size_t kMiddleOf = 5;  // dots of one running median
constexpr std::size_t kMaxHardLines = 3;
constexpr std::array<int, 5> kPassMinutes{15, 60, 240, kOverADay - 1, kOverADay};  // one mark each, equally spaced
constexpr int kTopStage = 3, kTopStrength = 10;

double place_of(Time at, Time now) {
  return 1 - static_cast<double>((now - at).count()) / static_cast<double>(std::chrono::seconds(kSpan).count());
}

double pass_height(int minutes) {  // the logarithm, mark by mark
  double top = kPassMinutes.size() - 1;
  if (minutes >= kOverADay) return 1;
  if (minutes <= kPassMinutes[0]) return 0;
  std::size_t i = 1;
  while (minutes > kPassMinutes[i]) ++i;
  double low = std::log(kPassMinutes[i - 1]), high = std::log(kPassMinutes[i]);
  return (static_cast<double>(i) - 1 + (std::log(minutes) - low) / (high - low)) / top;
}

void add_middle(Strip& strip) {
  if (strip.dots.size() < static_cast<std::size_t>(kMinMoments)) return;
  for (std::size_t i = kMiddleOf; i <= strip.dots.size(); ++i) {
    std::vector<double> heights;
    for (std::size_t k = i - kMiddleOf; k < i; ++k) heights.push_back(strip.dots[k].height);
    std::nth_element(heights.begin(), heights.begin() + kMiddleOf / 2, heights.end());
    strip.middle.push_back({strip.dots[i - 1].at, heights[kMiddleOf / 2], true});
  }
}

void add_dots(Picture& picture, const Person& person, Time now) {
  auto& [gap, total, pass, repair] = picture.strips;
  for (const Episode& e : person.episodes) {
    if (now - e.opened > kSpan) continue;
    double at = place_of(e.opened, now);
    if (int stage = gap_stage(e); stage >= 0)
      gap.dots.push_back({at, static_cast<double>(stage) / kTopStage, stage == kTopStage});
    if (e.peak >= 0) total.dots.push_back({at, static_cast<double>(e.peak) / kTopStrength, true});
    if (int minutes = settle_minutes(e); minutes >= 0) pass.dots.push_back({at, pass_height(minutes), true});
    if (e.rupture) repair.dots.push_back({at, 0.5, e.repaired});
  }
  add_middle(gap);
  add_middle(total);
  add_middle(pass);
}

void add_weeks(Picture& picture, const Person& person, Time now, const Texts& texts) {
  for (const auto& [back, week] : weeks_of(person, now)) {
    if (back < 0 || back >= kRecentWeeks) continue;
    Bar& bar = picture.weeks[static_cast<std::size_t>(kRecentWeeks - 1 - back)];
    bar = {week.moments, true, week.counted, week.hard()};
    if (!bar.hard || picture.hard.size() >= kMaxHardLines) continue;
    picture.hard.push_back(fill(texts.word_or("picture.hard", "{date}: {eased}/{moments}"),
                                [&, w = week, b = back](std::string_view name) {
                                  if (name == "date") return date_words(texts, now - kWeek * (b + 1), person.zone);
                                  return std::to_string(name == "eased" ? w.eased : w.logged);
                                }));
  }
}

}  // namespace

std::string date_words(const Texts& texts, Time at, std::string_view zone) {
  Date date = local_date(at, zone);
  return fill(texts.word_or("date." + std::to_string(date.month), "{day}"),
              [&](std::string_view) { return std::to_string(date.day); });
}

Picture picture_of(const Person& person, Time now, const Texts& texts) {
  Picture out;
  auto word = [&](const std::string& name) { return texts.word_or("picture." + name, name); };
  constexpr std::array<std::string_view, 4> kNames{"gap", "total", "pass", "repair"};
  constexpr std::array<std::size_t, 4> kMarks{kTopStage + 1, 3, kPassMinutes.size(), 0};
  for (std::size_t s = 0; s < kNames.size(); ++s) {
    out.strips[s].name = word(std::string(kNames[s]));
    for (std::size_t m = 0; m < kMarks[s]; ++m)
      out.strips[s].marks.push_back(word(std::string(kNames[s]) + "." + std::to_string(m)));
  }
  out.weeks_name = word("weeks");
  out.routes_name = word("routes");
  add_dots(out, person, now);
  add_weeks(out, person, now, texts);
  Trajectory t = trajectory_of(person, now);
  out.routes = {{{word("attention"), t.attention}, {word("experience"), t.experience}, {word("past"), t.past}}};
  auto shown = std::count_if(person.episodes.begin(), person.episodes.end(),
                             [&](const Episode& e) { return now - e.opened <= kSpan; });
  out.title = fill(word("title"), [&](std::string_view name) {
    if (name == "n") return std::to_string(shown);
    return date_words(texts, name == "from" ? now - kSpan : now, person.zone);
  });
  return out;
}

}  // namespace rules
