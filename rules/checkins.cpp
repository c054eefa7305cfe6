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

bool same_day(Time a, Time b, std::string_view zone) { return local_date(a, zone) == local_date(b, zone); }

bool may_write(const Person& p, Time now, std::chrono::minutes window) {
  if (window.count() > 0 && now - p.last_seen > window) return false;
  if (p.muted || p.masked || p.risk >= Risk::high || p.episode) return false;
  if (p.paused_until && now < *p.paused_until) return false;
  if (now - p.last_seen < kRecentWords || !p.stack.empty()) return false;
  if (p.last_unasked != Time{} && same_day(p.last_unasked, now, p.zone)) return false;
  return out_of_quiet(now, p.zone, p.quiet) == now;
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
    at = next_local(at, zone, minute_of(c) / 60, minute_of(c) % 60);
    bool told = c.sent != Time{} && same_day(c.sent, at, zone);  // an hour later, but today
    if (!told && (c.days >> local_weekday(at, zone) & 1U) != 0) return at;
  }
  return at;
}

int minute_of(const CheckIn& c) { return c.minute + (c.flexible ? (c.slot - 1) * 60 : 0); }

int next_slot(const CheckIn& c, const Quiet& quiet) {
  if (!c.flexible) return 1;
  auto allowed = [&](int slot) {
    int minute = c.minute + (slot - 1) * 60;
    return minute >= 0 && minute < 24 * 60 && !is_quiet(minute, quiet);
  };
  constexpr int kTries = 2;
  constexpr std::array<int, 3> kOrder{1, 0, 2};
  for (int tries = 1; tries <= kTries; ++tries)
    for (int slot : kOrder)
      if (allowed(slot) && c.sends[static_cast<std::size_t>(slot)] < tries) return slot;
  int best = 1;
  for (int slot : kOrder) {
    auto s = static_cast<std::size_t>(slot), b = static_cast<std::size_t>(best);
    if (allowed(slot) && c.within[s] * c.sends[b] > c.within[b] * c.sends[s]) best = slot;
  }
  return best;
}

std::optional<Quiet> parse_quiet(std::string_view text) {
  Quiet q;
  auto from = std::from_chars(text.data(), text.data() + text.size(), q.from);
  if (from.ptr == text.data() + text.size() || *from.ptr != ' ') return std::nullopt;
  std::from_chars(from.ptr + 1, text.data() + text.size(), q.to);
  bool hours = q.from >= 0 && q.from < 24 && q.to >= 0 && q.to < 24;
  return hours && (q.to - q.from + 24) % 24 >= kLeastQuiet ? std::optional(q) : std::nullopt;
}

void set_quiet(Person& person, const Quiet& quiet) {
  person.quiet = quiet;
  constexpr int kHour = 60, kBefore = 30;
  for (auto& [kind, c] : person.checkins) {
    bool evening = c.minute >= quiet.from * kHour && quiet.from * kHour >= kBefore;
    if (is_quiet(c.minute, quiet)) c.minute = evening ? quiet.from * kHour - kBefore : quiet.to * kHour;
  }
}

void note_answer(Person& person, Time now) {
  for (auto& [kind, c] : person.checkins) {
    if (c.waits >= 0 && now - c.sent <= kPrompt) ++c.within[static_cast<std::size_t>(c.waits)];
    c.waits = -1;
  }
}

Due take_due(CheckIn& c, const Person& person, Time now, std::chrono::minutes window) {
  if (c.sent != Time{} && person.last_seen > c.sent) c.unanswered = c.skipped = 0;
  auto late = std::chrono::minutes(local_minute(now, person.zone) - minute_of(c));
  if (late < std::chrono::minutes(0) || late > kLateLimit || !may_write(person, now, window)) return Due::skip;
  if (c.unanswered == 1 && c.skipped < kSkippedAfterOne) {
    ++c.skipped;
    return Due::skip;
  }
  if (c.unanswered >= 2 && now - c.sent < kAfterTwo) return Due::skip;
  ++c.unanswered;
  c.skipped = 0;
  c.sent = now;
  c.waits = c.slot;
  ++c.sends[static_cast<std::size_t>(c.slot)];
  return c.unanswered >= kMaxUnanswered ? Due::send_last : Due::send;
}

}  // namespace rules
