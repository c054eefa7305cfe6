// Tests of rules/checkins: the schedule a person chooses, and when it keeps still (conversation.md 10).
#include "rules/checkins.hpp"

#include <gtest/gtest.h>

#include <map>

#include "rules/schedule.hpp"

namespace rules {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr const char* kZone = "America/New_York";
const Time kMonday8pm{std::chrono::seconds(1'778'545'800)};  // 2026-05-11 20:30 in New York

Person somebody() {
  Person p;
  p.zone = kZone;
  p.last_seen = kMonday8pm - hours(10);
  return p;
}

CheckIn daily() { return *parse_check_in("daily 20:30"); }

TEST(CheckInSchedule, IsReadAndRefused) {
  auto c = parse_check_in("mon wed fri 20:30");
  ASSERT_TRUE(c);
  EXPECT_EQ(c->days, 0b0010101U);
  EXPECT_EQ(c->minute, 20 * 60 + 30);
  for (const char* bad : {"", "off", "mon", "mon 25:00", "mon 20:61", "someday 20:30", "mon 20"})
    EXPECT_FALSE(parse_check_in(bad)) << bad;
  EXPECT_EQ(parse_check_in("20:30")->days, 0U);  // on the days there are
}

TEST(CheckInSchedule, FindsTheNextChosenDayInLocalTime) {
  auto c = *parse_check_in("wed 20:30");
  Time due = next_due(c, kMonday8pm, kZone);
  EXPECT_EQ(due, kMonday8pm + hours(48));
  EXPECT_EQ(next_due(c, due, kZone), due + hours(24 * 7));
  EXPECT_EQ(local_clock(next_due(daily(), kMonday8pm, kZone), kZone), "20:30");
}

TEST(CheckInSchedule, KeepsItsClockWhenSummerTimeBegins) {
  Time before{std::chrono::seconds(1'774'600'000)};  // 2026-03-27, two days before Europe/London's change
  auto c = daily();
  Time due = before;
  for (int day = 0; day < 5; ++day) {
    due = next_due(c, due, "Europe/London");
    EXPECT_EQ(local_clock(due, "Europe/London"), "20:30");
  }
}

TEST(CheckInDue, IsSentAndThinsOutWhenNobodyAnswers) {
  Person p = somebody();
  CheckIn c = daily();
  std::vector<int> sent_on, last_on;
  for (int day = 0; day < 40; ++day) {
    Due due = take_due(c, p, kMonday8pm + hours(24 * day));
    if (due != Due::skip) sent_on.push_back(day);
    if (due == Due::send_last) {
      last_on.push_back(day);
      break;
    }
  }
  EXPECT_EQ(sent_on, (std::vector<int>{0, 3, 10}));  // two skipped, then a week, then the last
  EXPECT_EQ(last_on, (std::vector<int>{10}));
}

TEST(CheckInDue, AnyAnswerBringsItBackToEveryDay) {
  Person p = somebody();
  CheckIn c = daily();
  for (int day = 0; day < 6; ++day) {
    Time now = kMonday8pm + hours(24 * day);
    EXPECT_EQ(take_due(c, p, now), Due::send) << day;
    p.last_seen = now + minutes(5);
  }
}

TEST(CheckInDue, KeepsStillWhereItWouldDisturb) {
  struct Case {
    const char* what;
    void (*change)(Person&);
  };
  for (const Case& t :
       {Case{"stopped", [](Person& p) { p.muted = true; }},
        Case{"paused", [](Person& p) { p.paused_until = kMonday8pm + hours(1); }},
        Case{"masked", [](Person& p) { p.masked = true; }}, Case{"risk", [](Person& p) { p.risk = Risk::high; }},
        Case{"an open moment", [](Person& p) { p.episode = Episode{}; }},
        Case{"a question that waits", [](Person& p) { p.stack.resize(1); }},
        Case{"wrote an hour ago", [](Person& p) { p.last_seen = kMonday8pm - hours(1); }},
        Case{"another one today", [](Person& p) { p.last_unasked = kMonday8pm - hours(3); }}}) {
    Person p = somebody();
    t.change(p);
    CheckIn c = daily();
    EXPECT_EQ(take_due(c, p, kMonday8pm), Due::skip) << t.what;
    EXPECT_EQ(c.unanswered, 0) << t.what << ": what was not sent is not unanswered";
  }
}

TEST(CheckInDue, IsDroppedInQuietHoursAndWhenLate) {
  Person p = somebody();
  CheckIn late = daily();
  EXPECT_EQ(take_due(late, p, kMonday8pm + minutes(80)), Due::send);  // 21:50
  CheckIn quiet = *parse_check_in("daily 22:30");
  EXPECT_EQ(take_due(quiet, p, kMonday8pm + hours(2)), Due::skip);
  CheckIn morning = *parse_check_in("daily 08:30");
  EXPECT_EQ(take_due(morning, p, kMonday8pm), Due::skip);  // twelve hours late
}

TEST(CheckInDue, IsNotUnansweredWhereThePlatformLetsNothingThrough) {
  Person p = somebody();
  p.last_seen = kMonday8pm - hours(30);
  CheckIn c = daily();
  EXPECT_EQ(take_due(c, p, kMonday8pm, hours(24)), Due::skip);
  EXPECT_EQ(c.unanswered, 0);
  p.last_seen = kMonday8pm - hours(23);
  EXPECT_EQ(take_due(c, p, kMonday8pm, hours(24)), Due::send);
}

TEST(QuietHours, AreThePersonsAndNotFewerThanSix) {
  EXPECT_EQ(parse_quiet("21 9"), (Quiet{21, 9}));
  EXPECT_EQ(parse_quiet("0 6"), (Quiet{0, 6}));
  for (const char* bad : {"", "21", "2 7", "22 26", "-1 9", "x 9"}) EXPECT_FALSE(parse_quiet(bad)) << bad;
  Person p = somebody();
  set_quiet(p, {20, 10});
  CheckIn c = daily();
  EXPECT_EQ(take_due(c, p, kMonday8pm), Due::skip);
}

TEST(QuietHours, MoveWhatFallsIntoThem) {
  Person p = somebody();
  p.checkins["evening"] = *parse_check_in("daily 21:15");
  p.checkins["morning"] = *parse_check_in("mon 08:30");
  p.checkins["weekly"] = *parse_check_in("sun 17:00");
  set_quiet(p, {21, 9});
  EXPECT_EQ(clock_of(p.checkins["evening"].minute), "20:30");
  EXPECT_EQ(clock_of(p.checkins["morning"].minute), "9:00");
  EXPECT_EQ(clock_of(p.checkins["weekly"].minute), "17:00");
}

// Answers at once at 21:30 and at no other hour.
TEST(FlexibleTime, GoesToTheHourThatIsAnswered) {
  Person p = somebody();
  CheckIn& c = p.checkins["evening"] = daily();
  c.flexible = true;
  std::map<std::string, int> sent;
  Time now = kMonday8pm - hours(12);
  for (int day = 0; day < 20; ++day) {
    c.slot = next_slot(c, p.quiet);
    now = next_due(c, now, kZone);
    ASSERT_NE(take_due(c, p, now), Due::skip) << day;
    std::string clock = local_clock(now, kZone);
    ++sent[clock];
    Time answered = now + (clock == "21:30" ? minutes(5) : minutes(100));
    note_answer(p, answered);
    p.last_seen = answered;
  }
  EXPECT_EQ(sent["19:30"], 2);
  EXPECT_EQ(sent["20:30"], 2);
  EXPECT_EQ(sent["21:30"], 16);
}

TEST(FlexibleTime, KeepsOutOfQuietHoursAndStaysWhereNothingIsBetter) {
  CheckIn c = daily();
  c.flexible = true;
  c.sends = {0, 2, 0};
  EXPECT_EQ(next_slot(c, {21, 9}), 0);  // 21:30 would be quiet
  c.sends = {2, 2, 0};
  EXPECT_EQ(next_slot(c, {21, 9}), 1);
  c.flexible = false;
  EXPECT_EQ(next_slot(c, {}), 1);
}

}  // namespace
}  // namespace rules
