// checkins: when Steady may write first. Default: never; a person chooses kinds, days and a time. Policy of
// conversation.md 10: one unasked message a local day, never in quiet hours, never within two hours of the person's
// own words, never into an open moment; unanswered ones thin out by themselves and end after the third. What a platform
// would not take (its window after the person's last message) is skipped, and counts as nothing.
// Pure; local time through schedule. Tested by tests/rules/checkins_test.cpp.
#pragma once
#include <optional>
#include <string_view>

#include "rules/person.hpp"

namespace rules {

inline constexpr std::chrono::hours kRecentWords{2};
inline constexpr int kMaxUnanswered = 3;
inline constexpr std::chrono::hours kLateLimit{3};
inline constexpr std::chrono::minutes kPrompt{60};  // an answer within it says that the hour is a good one
inline constexpr int kLeastQuiet = 6;               // hours

// In place of a schedule: the one there is ends, or may or may not move by an hour.
inline constexpr std::string_view kOff = "off", kFlexible = "flexible", kFixed = "fixed";
// "mon wed fri 20:30", "daily 08:30", "sun 17:00"; "20:30" alone has no days: another time on those there are. None
// when it is not of this form.
std::optional<CheckIn> parse_check_in(std::string_view text);
Time next_due(const CheckIn& check_in, Time after, std::string_view zone);
int minute_of(const CheckIn& check_in);  // local, of the day, of the next one
// Of a flexible one: each of the three hours twice, then the one answered best; never one in the quiet hours.
int next_slot(const CheckIn& check_in, const Quiet& quiet);
// "21 9"; fewer than kLeastQuiet hours are none.
std::optional<Quiet> parse_quiet(std::string_view text);
// A check-in that falls into them is moved to half an hour before, or to their end.
void set_quiet(Person& person, const Quiet& quiet);
// The person has written, at `now`.
void note_answer(Person& person, Time now);

enum class Due : std::uint8_t { send, send_last, skip };
// What happens to one that is due; notes it in `check_in`. `window`: of the platform, 0 = none.
Due take_due(CheckIn& check_in, const Person& person, Time now, std::chrono::minutes window = {});

}  // namespace rules
