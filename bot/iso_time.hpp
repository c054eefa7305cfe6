// iso_time: moments as ISO 8601, seconds, UTC: what commands print and take ("2026-11-24T02:11:00Z"; an offset such as
// +01:00 and fractions of a second are understood too). Not of that form: no value. Threads: any.
// Tested by tests/bot/conversation_test.cpp through `steady chat`.
#pragma once
#include <optional>
#include <string>

#include "rules/person.hpp"

namespace bot {

std::string iso(rules::Time t);
std::string iso_day(rules::Time t);  // 2026-11-30, UTC
std::optional<rules::Time> parse_iso(const std::string& text);

}  // namespace bot
