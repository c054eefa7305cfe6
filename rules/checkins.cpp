#include "rules/checkins.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "rules/schedule.hpp"

namespace rules {
namespace {

constexpr std::array<std::string_view, 7> kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr int kSkippedAfterOne = 2;
constexpr std::chrono::hours kAfterTwo{24 * 7 - 1};  // then once a week

std::optional<int> minute_of_day(std::string_view clock) {
  std::size_t colon = clock.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  int hour = -1, minute = -1;
  std::from_chars(clock.data(), clock.data() + colon, hour);
  std::from_chars(clock.data() + colon + 1, clock.data() + clock.size(), minute);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

bool same_day(Time a, Time b, std::string_view zone) {
  Date x = local_date(a, zone), y = local_date(b, zone);
  return x.day == y.day && x.month == y.month && x.year == y.year;
}

bool may_write(const Person& p, Time now) {
  if (p.muted || p.masked || p.risk >= Risk::high || p.episode) return false;
  if (p.paused_until && now < *p.paused_until) return false;
  if (now - p.last_seen < kRecentWords || !p.stack.empty()) return false;
  if (p.last_unasked != Time{} && same_day(p.last_unasked, now, p.zone)) return false;
  return out_of_quiet(now, p.zone) == now;
}

}  // namespace

std::optional<CheckIn> parse_check_in(std::string_view text) {
  CheckIn out;
  std::optional<int> minute;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(text.find(' ', at), text.size());
    std::string_view word = text.substr(at, end - at);
    at = end + 1;
    auto day = std::find(kDays.begin(), kDays.end(), word);
    if (word == "daily") {
      out.days = 0x7F;
    } else if (day != kDays.end()) {
      out.days |= 1U << static_cast<unsigned>(day - kDays.begin());
    } else if (minute = minute_of_day(word); !minute) {
      return std::nullopt;
    }
  }
  if (!minute) return std::nullopt;
  out.minute = *minute;
  return out;
}

Time next_due(const CheckIn& c, Time after, std::string_view zone) {
  Time at = after;
  for (int tries = 0; tries < 8; ++tries) {
    at = next_local(at, zone, c.minute / 60, c.minute % 60);
    if ((c.days >> local_weekday(at, zone) & 1U) != 0) return at;
  }
  return at;
}

Due take_due(CheckIn& c, const Person& person, Time now) {
  if (c.sent != Time{} && person.last_seen > c.sent) c.unanswered = c.skipped = 0;
  auto late = std::chrono::minutes(local_minute(now, person.zone) - c.minute);
  if (late < std::chrono::minutes(0) || late > kLateLimit || !may_write(person, now)) return Due::skip;
  if (c.unanswered == 1 && c.skipped < kSkippedAfterOne) {
    ++c.skipped;
    return Due::skip;
  }
  if (c.unanswered >= 2 && now - c.sent < kAfterTwo) return Due::skip;
  ++c.unanswered;
  c.skipped = 0;
  c.sent = now;
  return c.unanswered >= kMaxUnanswered ? Due::send_last : Due::send;
}

}  // namespace rules
