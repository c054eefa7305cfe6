#include "bot/iso_time.hpp"

#include <array>
#include <cctype>
#include <cstdio>
#include <ctime>

namespace bot {

std::string iso(rules::Time t) {
  std::time_t seconds = t.time_since_epoch().count();
  std::tm tm{};
  gmtime_r(&seconds, &tm);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &tm);
  return text.data();
}

std::string iso_day(rules::Time t) {
  constexpr std::size_t kDay = 10;
  return iso(t).substr(0, kDay);
}

std::optional<rules::Time> parse_iso(const std::string& text) {
  std::tm tm{};
  const char* end = strptime(text.c_str(), "%Y-%m-%dT%H:%M", &tm);
  if (end == nullptr) return std::nullopt;
  if (*end == ':') end = strptime(end, ":%S", &tm);
  if (end == nullptr) return std::nullopt;
  if (*end == '.') {
    ++end;
    while (std::isdigit(static_cast<unsigned char>(*end)) != 0) ++end;
  }
  std::chrono::seconds offset{0};
  if (*end == '+' || *end == '-') {
    int hours = 0, minutes = 0;
    if (std::sscanf(end + 1, "%2d:%2d", &hours, &minutes) < 1) return std::nullopt;
    offset = std::chrono::minutes((*end == '+' ? -1 : 1) * (hours * 60 + minutes));
  } else if (*end != '\0' && *end != 'Z') {
    return std::nullopt;
  }
  return rules::Time(std::chrono::seconds(timegm(&tm))) + offset;
}

}  // namespace bot
