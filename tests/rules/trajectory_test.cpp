// Tests of rules/trajectory: five measures, their least numbers and directions (conversation.md 9).
#include "rules/trajectory.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "rules/pack.hpp"
#include "rules/picture.hpp"

namespace rules {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Time kNow{std::chrono::seconds(1'778'511'600)};

Episode moment(int days_ago, int peak, const char* acted = "none", const char* outcome = "steady") {
  Episode e;
  e.opened = kNow - hours(24 * days_ago);
  e.closed = e.opened + hours(2);
  e.peak = peak;
  e.acted = acted;
  e.outcome = outcome;
  e.onset_minutes = 10;
  e.points = {{e.opened, peak}, {e.opened + minutes(40), 3}};
  return e;
}

TEST(CliffsDelta, IsHowMuchOftenerOneIsAboveTheOther) {
  EXPECT_DOUBLE_EQ(cliffs_delta({1, 2, 3}, {4, 5}), 1);
  EXPECT_DOUBLE_EQ(cliffs_delta({4, 5}, {1, 2, 3}), -1);
  EXPECT_DOUBLE_EQ(cliffs_delta({1, 2}, {1, 2}), 0);
  EXPECT_DOUBLE_EQ(cliffs_delta({}, {1}), 0);
}

TEST(Settling, IsTheMiddleOfTheLastPointAboveAndTheFirstBelow) {
  Episode e = moment(1, 8);
  EXPECT_EQ(settle_minutes(e), 10 + 20);  // from its beginning, ten minutes before
  e.points = {{e.opened, 8}, {e.opened + minutes(30), 6}, {e.opened + minutes(90), 4}};
  EXPECT_EQ(settle_minutes(e), 10 + 60);
  e.points.pop_back();
  EXPECT_EQ(settle_minutes(e), -1);  // not known
  e.closed = e.opened + hours(24);
  EXPECT_EQ(settle_minutes(e), kOverADay);  // not within a day
  e.points.clear();
  EXPECT_EQ(settle_minutes(e), -1);
}

TEST(Trajectory, SaysNoDirectionFromFewMoments) {
  Person p;
  for (int i = 9; i > 0; --i) p.episodes.push_back(moment(7 * i, i > 5 ? 9 : 4));
  Trajectory t = trajectory_of(p, kNow);
  EXPECT_EQ(t.moments, 9);
  EXPECT_EQ(t.value("total_direction"), "few");  // four against five
  EXPECT_EQ(t.value("gap_direction"), "few");
  EXPECT_EQ(t.total_median, 4);
  EXPECT_EQ(t.total_high, 4);
}

TEST(Trajectory, AnEarlySignFromFiveASideAndMoreFromTen) {
  Person p;
  for (int i = 10; i > 0; --i) p.episodes.push_back(moment(7 * i, i > 5 ? 9 : 4));
  EXPECT_EQ(trajectory_of(p, kNow).value("total_direction"), "early_better");
  p.episodes.clear();
  for (int i = 24; i > 0; --i) p.episodes.push_back(moment(4 * i, i > 12 ? 9 : 4));
  EXPECT_EQ(trajectory_of(p, kNow).value("total_direction"), "better");
}

TEST(Trajectory, TellsWhatGotWorse) {
  Person p;
  for (int i = 12; i > 0; --i) p.episodes.push_back(moment(7 * i, 5, i > 6 ? "none" : "yes", i > 6 ? "steady" : "old"));
  Trajectory t = trajectory_of(p, kNow);
  EXPECT_EQ(t.value("gap_direction"), "worse");
  EXPECT_EQ(t.gap_before, 6);
  EXPECT_EQ(t.gap_of, 12);
  EXPECT_EQ(t.value("total_direction"), "same");
}

TEST(Trajectory, RepairIsOfThoseWithSomethingToRepair) {
  Person p;
  for (int i = 12; i > 0; --i) {
    Episode e = moment(7 * i, 5);
    e.rupture = true;
    e.repaired = i <= 6;
    p.episodes.push_back(e);
  }
  p.episodes.push_back(moment(1, 5));
  Trajectory t = trajectory_of(p, kNow);
  EXPECT_EQ(t.ruptures, 12);
  EXPECT_EQ(t.repaired, 6);
  EXPECT_EQ(t.value("repair_direction"), "early_better");
}

TEST(Trajectory, TheThinRouteIsTheOneWithLittleInIt) {
  Person p;
  for (int i = 10; i > 0; --i) p.episodes.push_back(moment(i, 5));
  EXPECT_EQ(trajectory_of(p, kNow).thin, "experience");
  for (int i = 0; i < 4; ++i) p.log.push_back({"evidence", kNow - hours(24), {}});
  EXPECT_EQ(trajectory_of(p, kNow).thin, "past");
  p.log.push_back({"story", kNow - hours(24), {}});
  p.log.push_back({"week", kNow - hours(24), {{"therapy", "yes"}}});
  EXPECT_EQ(trajectory_of(p, kNow).thin, "");
}

TEST(Trajectory, WeeksThatWereCountedWinOverWeeksThatWereLogged) {
  Person p;
  p.episodes.push_back(moment(1, 5));
  p.log.push_back({"week", kNow - hours(1), {{"count", "many"}}});
  EXPECT_DOUBLE_EQ(trajectory_of(p, kNow).a_week, 7);
}

TEST(Trajectory, AHardWeekIsToldWithHowItCameDown) {
  Person p;
  for (int day : {2, 3}) p.episodes.push_back(moment(day, 9));
  p.episodes.push_back(moment(9, 9));  // one alone is no hard week
  Episode open = moment(4, 5);
  open.points.clear();
  p.episodes.push_back(open);
  Trajectory t = trajectory_of(p, kNow);
  EXPECT_EQ(t.hard_weeks, 1);
  EXPECT_EQ(t.hard_moments, 3);
  EXPECT_EQ(t.hard_eased, 2);
  p.log.push_back({"setback", kNow - hours(24 * 15), {{"setback_cause", "loss"}}});
  EXPECT_EQ(trajectory_of(p, kNow).hard_weeks, 2);
}

TEST(PictureOf, HasADotAMomentInItsPlace) {
  Pack pack;
  Person p;
  for (int week = 11; week > 0; week -= 2) p.episodes.push_back(moment(7 * week, 10, week > 6 ? "yes" : "none"));
  p.episodes.push_back(moment(7 * 20, 10));  // before the picture begins
  p.episodes.back().rupture = true;
  p.log.push_back({"week", kNow - hours(1), {{"count", "few"}}});
  Picture picture = picture_of(p, kNow, Texts(pack, "en"));
  const auto& [gap, total, pass, repair] = picture.strips;
  ASSERT_EQ(gap.dots.size(), 6U);
  EXPECT_NEAR(gap.dots.front().at, 1.0 / 12, 0.001);
  EXPECT_EQ(gap.dots.front().height, 0);
  EXPECT_FALSE(gap.dots.front().filled);
  EXPECT_EQ(gap.dots.back().height, 1);
  EXPECT_TRUE(gap.dots.back().filled);
  EXPECT_EQ(total.dots.front().height, 1);
  EXPECT_NEAR(pass.dots.front().height, 0.25 * std::log(30.0 / 15) / std::log(60.0 / 15), 0.001);  // half an hour
  EXPECT_TRUE(repair.dots.empty());
  EXPECT_EQ(gap.middle.size(), 2U);  // of five dots each
  EXPECT_TRUE(picture.weeks[11].counted);
  EXPECT_FALSE(picture.weeks[11].hard);
  EXPECT_TRUE(picture.weeks[10].known);
  EXPECT_FALSE(picture.weeks[9].known);  // no contact: missing, not none
}

TEST(Trajectory, OfNobodyIsEmpty) {
  Trajectory t = trajectory_of(Person{}, kNow);
  for (const auto& name : Trajectory::names()) EXPECT_EQ(t.value(name), t.value(name)) << name;
  EXPECT_EQ(t.value("n"), "0");
  EXPECT_EQ(t.value("pass"), "unknown");
}

TEST(Stall, IsFlatAfterTwelveWeeksAndTwentyMomentsThatDoNotMove) {
  Person p;
  for (int i = 0; i < 20; ++i) p.episodes.push_back(moment(100 - 5 * i, 7));
  EXPECT_EQ(trajectory_of(p, kNow).stall, "flat");
  p.episodes.resize(19);
  EXPECT_NE(trajectory_of(p, kNow).stall, "flat");
}

TEST(Stall, IsSingleWhenTwoWindowsHadOneRouteAndNothingMoves) {
  Person p;
  for (int day = 54; day > 30; day -= 2) p.episodes.push_back(moment(day, 7));
  for (int day = 26; day > 2; day -= 2) p.episodes.push_back(moment(day, 7));
  EXPECT_EQ(trajectory_of(p, kNow).stall, "single");
  p.log.push_back({"evidence", kNow - hours(24 * 3), {}});
  p.log.push_back({"evidence", kNow - hours(24 * 4), {}});
  p.log.push_back({"evidence", kNow - hours(24 * 5), {}});
  p.log.push_back({"story", kNow - hours(24 * 5), {}});
  EXPECT_EQ(trajectory_of(p, kNow).stall, "");
}

TEST(Stall, IsOutvotedWhenMuchWentWellAndTheHardWeekTookLonger) {
  Person p;
  for (int i = 0; i < 9; ++i) p.log.push_back({"evidence", kNow - hours(24 * i), {}});
  p.episodes = {moment(20, 9), moment(19, 9), moment(3, 9), moment(2, 9)};
  for (std::size_t i : {2U, 3U}) p.episodes[i].points = {{p.episodes[i].opened, 9}};
  EXPECT_EQ(trajectory_of(p, kNow).stall, "outvoted");
  p.log.push_back({"story", kNow - hours(24), {}});
  EXPECT_EQ(trajectory_of(p, kNow).stall, "");
}

}  // namespace
}  // namespace rules
