#include "rules/schedule.hpp"

#include <date/tz.h>

#include <charconv>

namespace rules {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const date::time_zone* zone_or_null(std::string_view zone) {
  if (zone.empty()) return nullptr;
  try {
    return date::locate_zone(zone);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

date::local_seconds local(Time at, std::string_view zone) {
  const auto* z = zone_or_null(zone);
  return z == nullptr ? date::local_seconds(at.time_since_epoch()) : z->to_local(at);
}

Time utc(date::local_seconds at, std::string_view zone) {
  const auto* z = zone_or_null(zone);
  if (z == nullptr) return Time(at.time_since_epoch());
  auto info = z->get_info(at);
  // A skipped wall time gives the minute the clocks went to; a doubled one its first occurrence.
  if (info.result == date::local_info::nonexistent) return std::chrono::time_point_cast<seconds>(info.first.end);
  return Time(at.time_since_epoch() - info.first.offset);
}

std::string two(int n) { return (n < 10 ? "0" : "") + std::to_string(n); }

}  // namespace

bool zone_exists(std::string_view zone) { return zone_or_null(zone) != nullptr; }

const std::vector<std::string>& zone_names() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names;
    for (const auto& zone : date::get_tzdb().zones) names.push_back(zone.name());
    return names;
  }();
  return all;
}

std::vector<Time> clock_changes(std::string_view zone, Time from, Time to) {
  std::vector<Time> out{from};
  const auto* z = zone_or_null(zone);
  for (Time at = from; z != nullptr;) {
    Time end = date::floor<seconds>(z->get_info(at).end);
    if (end >= to || end <= at) break;
    out.push_back(end);
    at = end;
  }
  return out;
}

std::string local_clock(Time at, std::string_view zone) {
  auto t = local(at, zone);
  date::hh_mm_ss<seconds> time(t - date::floor<date::days>(t));
  return clock_of(static_cast<int>(time.hours().count() * 60 + time.minutes().count()));
}

std::string clock_of(int minute) { return std::to_string(minute / 60) + ":" + two(minute % 60); }

Date local_date(Time at, std::string_view zone) {
  date::year_month_day day(date::floor<date::days>(local(at, zone)));
  return {static_cast<unsigned>(day.day()), static_cast<unsigned>(day.month()), static_cast<int>(day.year())};
}

int local_hour(Time at, std::string_view zone) {
  auto t = local(at, zone);
  return static_cast<int>(std::chrono::duration_cast<hours>(t - date::floor<date::days>(t)).count());
}

int local_minute(Time at, std::string_view zone) {
  auto t = local(at, zone);
  return static_cast<int>(std::chrono::duration_cast<minutes>(t - date::floor<date::days>(t)).count());
}

unsigned local_weekday(Time at, std::string_view zone) {
  return date::weekday(date::floor<date::days>(local(at, zone))).iso_encoding() - 1;
}

bool is_night(Time at, std::string_view zone) {
  int hour = local_hour(at, zone);
  return hour >= 22 || hour < 7;
}

Time next_local(Time after, std::string_view zone, int hour, int minute) {
  auto day = date::floor<date::days>(local(after, zone));
  for (int d = 0; d < 3; ++d) {
    Time at = utc(day + date::days(d) + hours(hour) + minutes(minute), zone);
    if (at > after) return at;
  }
  return after + hours(24);
}

bool is_quiet(int minute_of_day, const Quiet& quiet) {
  int hour = minute_of_day / 60;
  return quiet.from < quiet.to ? hour >= quiet.from && hour < quiet.to : hour >= quiet.from || hour < quiet.to;
}

Time out_of_quiet(Time at, std::string_view zone, const Quiet& quiet) {
  return is_quiet(local_minute(at, zone), quiet) ? next_local(at, zone, quiet.to, 0) : at;
}

std::optional<seconds> parse_duration(std::string_view text) {
  bool iso = text.starts_with('P');
  if (iso) text.remove_prefix(1);
  seconds total{0};
  bool any = false, time = !iso;
  while (!text.empty()) {
    if (text[0] == 'T') {
      time = true;
      text.remove_prefix(1);
      continue;
    }
    std::int64_t n = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (ec != std::errc{} || end == text.data() + text.size() || n < 0 || n > 1'000'000) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    switch (text[0]) {
      case 'W':
      case 'w': total += hours(24 * 7) * n; break;
      case 'D':
      case 'd': total += hours(24) * n; break;
      case 'H':
      case 'h': total += hours(n); break;
      case 'M':
      case 'm':
        if (!time) return std::nullopt;  // months have no length
        total += minutes(n);
        break;
      case 'S':
      case 's': total += seconds(n); break;
      default: return std::nullopt;
    }
    any = true;
    text.remove_prefix(1);
  }
  return any ? std::optional(total) : std::nullopt;
}

std::optional<Time> after(std::string_view delay, Time now, std::string_view zone) {
  if (delay == "tomorrow") {
    Time next_day = next_local(now, zone, 0, 0);
    return next_local(next_day - seconds(1), zone, kTomorrowHour, 0);
  }
  if (delay == "tonight") return next_local(now, zone, 20, 30);
  auto length = parse_duration(delay);
  return length ? std::optional(now + *length) : std::nullopt;
}

std::string zone_of_clock(Time now, int hour, std::string_view country_zone) {
  if (zone_exists(country_zone) && std::abs(local_hour(now, country_zone) - hour) <= 1)
    return std::string(country_zone);
  int offset = hour - local_hour(now, "UTC");
  if (offset > 12) offset -= 24;
  if (offset < -12) offset += 24;
  if (offset == 0) return "Etc/UTC";
  return std::string("Etc/GMT") + (offset > 0 ? "-" : "+") + std::to_string(std::abs(offset));  // POSIX signs
}

}  // namespace rules
