// store_parts: what the stores have in common. Threads: free functions.
#pragma once
#include <cstdint>

#include "bot/store.hpp"

namespace bot {

inline constexpr std::chrono::hours kKeepEvents{24 * 7};  // an update that comes again later counts as a new one

inline TurnResult failed_turn(std::string problem, bool away) {
  TurnResult out;
  out.kind = TurnResult::Kind::failed;
  out.problem = std::move(problem);
  out.away = away;
  return out;
}

inline std::int64_t seconds(rules::Time t) { return t.time_since_epoch().count(); }
inline rules::Time time_of(std::int64_t s) { return rules::Time(std::chrono::seconds(s)); }

inline std::uint32_t seed_of(const Address& a) {  // FNV-1a
  std::uint32_t h = 2166136261U;
  for (char c : a.channel + "/" + a.contact) h = (h ^ static_cast<unsigned char>(c)) * 16777619U;
  return h;
}

inline std::string key_of_row(std::int64_t id) {
  return "steady-" + std::to_string(id);
}  // a platform's idempotency key

}  // namespace bot
