// schedule: everything about local time: the clock where a person is, nights, quiet hours, "tomorrow".
// The only file that knows time zones (IANA, through the date library). Units: UTC seconds in, UTC seconds out.
// Unknown zones count as UTC. Tested by tests/rules/parts_test.cpp.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/person.hpp"

namespace rules {

inline constexpr int kTomorrowHour = 9;  // "tomorrow" is after nine, local (conversation.md 13.8)

std::string local_clock(Time at, std::string_view zone);  // "2:36"
std::string clock_of(int minute);                         // of the day: "20:30"
struct Date {
  unsigned day = 1, month = 1;
  int year = 1970;
  bool operator==(const Date&) const = default;
};
Date local_date(Time at, std::string_view zone);
int local_hour(Time at, std::string_view zone);
int local_minute(Time at, std::string_view zone);        // of the day
unsigned local_weekday(Time at, std::string_view zone);  // 0 = Monday
bool is_night(Time at, std::string_view zone);           // 22:00 to 06:59
bool zone_exists(std::string_view zone);
const std::vector<std::string>& zone_names();
// The moments at which a zone's clock jumps; its beginning counts as one.
std::vector<Time> clock_changes(std::string_view zone, Time from, Time to);
Time next_local(Time after, std::string_view zone, int hour,
                int minute);  // the first such wall time after; a skipped hour gives the first valid minute
// at, or the end of the quiet hours it falls into
Time out_of_quiet(Time at, std::string_view zone, const Quiet& quiet = {});
bool is_quiet(int minute_of_day, const Quiet& quiet);
// "20m", "1h", "3d", "PT20M", "P1DT2H", "tomorrow", "tonight"; the last two need the zone.
std::optional<Time> after(std::string_view delay, Time now, std::string_view zone);
std::optional<std::chrono::seconds> parse_duration(std::string_view text);
std::string zone_of_clock(Time now, int hour, std::string_view country_zone);  // a zone in which it is about that hour

}  // namespace rules
