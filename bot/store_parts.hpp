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

// A document read, changed and written, and again when somebody else was quicker. `change` makes the next body of the
// present one (empty: there is none yet), or nothing: it is left as it is.
enum class Changed : std::uint8_t { kept, left, away, contended };
inline Changed change_document(Store& store, const std::string& name,
                               const std::function<std::optional<std::string>(const std::string& body)>& change) {
  constexpr int kTries = 5;
  for (int n = 0; n < kTries; ++n) {
    auto document = store.document(name);
    if (!document) return Changed::away;
    auto next = change(document->body);
    if (!next) return Changed::left;
    if (store.put_document(name, {document->revision, std::move(*next)})) return Changed::kept;
  }
  return Changed::contended;
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
