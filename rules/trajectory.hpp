// trajectory: what a person's own moments show over months: five measures, each with how many moments it rests on and
// which way it moved, if it did. Definitions and least numbers: conversation.md 9. Nothing is summarised below five.
// Pure; threads: any. Tested by tests/rules/trajectory_test.cpp.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rules/person.hpp"

namespace rules {

inline constexpr int kMinMoments = 5;    // for a summary, and on each side of a comparison
inline constexpr int kSureMoments = 10;  // on each side: below it, a direction is an early sign

enum class Direction : std::uint8_t { few, same, early_better, better, worse };
inline constexpr std::array<std::string_view, 5> kDirectionNames{"few", "same", "early_better", "better", "worse"};

// Cliff's delta: how much more often a value of `after` is above one of `before` than below it; -1 to 1.
double cliffs_delta(const std::vector<double>& before, const std::vector<double>& after);

struct Week {  // of a person's life with Steady
  double moments = 0;
  bool counted = false;                 // the person said how many; else what was logged
  int high = 0, eased = 0, logged = 0;  // logged moments; at kHigh or more; down within the day
  bool heavy = false;                   // a betrayal or a loss
  // Two high ones, a count at the top, a betrayal or a loss (conversation.md 9.3).
  [[nodiscard]] bool hard() const;
};
inline constexpr int kRecentWeeks = 12;  // that hard weeks and the picture look back
inline constexpr int kHigh = 8;
inline constexpr double kManyAWeek = 7;
// By weeks back from now; weeks without any contact are missing, not zero.
std::map<std::int64_t, Week> weeks_of(const Person& person, Time now);

struct Trajectory {
  int moments = 0;
  Time since{};
  int gap_before = 0, gap_of = 0;  // noticed and not acted, of those where it is known
  int gap_minutes = -1;            // median room between noticing and acting; -1 = unknown
  int total_median = -1, total_high = 0, total_of = 0;
  int pass_of = 0, pass_minutes = -1;  // median, from onset until down; kOverADay when it was not within a day
  int repaired = 0, ruptures = 0;
  double a_week = -1;
  Direction gap = Direction::few, total = Direction::few, pass = Direction::few, repair = Direction::few,
            easily = Direction::few;
  int attention = 0, experience = 0, past = 0;           // points of the last 28 days, by route
  int hard_weeks = 0, hard_moments = 0, hard_eased = 0;  // of the last twelve weeks
  std::string gap_dots;  // the last moments, older first: ● noticed before acting, ○ not
  std::string thin;      // a route with little in it: attention, experience, past; or empty
  // single: nearly all work goes into one route, and no measure moves; outvoted: much experience, no past, and the last
  // hard week came down slower than the one before; flat: twelve weeks, twenty moments, and nothing moves; or empty.
  std::string stall;

  // For conditions and placeholders: "n", "gap_before", "gap_direction", "pass" (hour, hours, day, over), ...
  [[nodiscard]] std::string value(std::string_view name) const;
  static const std::vector<std::string>& names();
};

inline constexpr int kOverADay = 24 * 60;

Trajectory trajectory_of(const Person& person, Time now);

// 0 acted before noticing, 1 while noticing, 2 noticed and acted later, 3 noticed and did not act; -1 = not known.
int gap_stage(const Episode& episode);

// Minutes from its beginning until a moment came down to half its peak; -1 = its points do not say.
int settle_minutes(const Episode& episode);

}  // namespace rules
