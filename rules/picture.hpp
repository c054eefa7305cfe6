// picture: a person's last twelve weeks as data for one drawing (conversation.md 9.5): four strips with a dot a moment,
// bars a week, hard weeks with how they came down, and the three routes. What it shows is also said in words
// (months.picture in the packs). Units: `at` runs from 0, twelve weeks ago, to 1, now; `height` from 0, the bottom of
// a strip, to 1. No axis is called better. Pure; threads: a value. Drawn by bot/drawing.hpp.
// Tested by tests/rules/trajectory_test.cpp.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "rules/person.hpp"
#include "rules/trajectory.hpp"
#include "rules/translation.hpp"

namespace rules {

struct Dot {
  double at = 0, height = 0;
  bool filled = true;
};

struct Strip {
  std::string name;
  std::vector<std::string> marks;  // words of equally spaced heights, from the bottom
  std::vector<Dot> dots;           // older first
  std::vector<Dot> middle;         // the running median; empty below kMinMoments dots
};

struct Bar {
  double size = 0;     // moments of the week
  bool known = false;  // false: no contact in that week
  bool counted = false;
  bool hard = false;
};

struct Picture {
  std::string title, weeks_name, routes_name;
  std::array<Strip, 4> strips;          // gap, total, pass, repair
  std::array<Bar, kRecentWeeks> weeks;  // older first
  std::vector<std::string> hard;        // a line each hard week, newest first
  std::array<std::pair<std::string, int>, 3> routes;
};

Picture picture_of(const Person& person, Time now, const Texts& texts);
std::string date_words(const Texts& texts, Time at, std::string_view zone);  // "3 September"

}  // namespace rules
