// checkins: when Steady may write first. Default: never; a person chooses kinds, days and a time. Policy of
// conversation.md 10: one unasked message a local day, never in quiet hours, never within two hours of the person's
// own words, never into an open moment; unanswered ones thin out by themselves and end after the third.
// Pure; local time through schedule. Tested by tests/rules/checkins_test.cpp.
#pragma once
#include <optional>
#include <string_view>

#include "rules/person.hpp"

namespace rules {

inline constexpr std::chrono::hours kRecentWords{2};
inline constexpr int kMaxUnanswered = 3;
inline constexpr std::chrono::hours kLateLimit{3};

// "mon wed fri 20:30", "daily 08:30", "sun 17:00"; "20:30" alone has no days: another time on those there are. None
// when it is not of this form.
std::optional<CheckIn> parse_check_in(std::string_view text);
Time next_due(const CheckIn& check_in, Time after, std::string_view zone);

enum class Due : std::uint8_t { send, send_last, skip };
// What happens to one that is due; notes it in `check_in`.
Due take_due(CheckIn& check_in, const Person& person, Time now);

}  // namespace rules
