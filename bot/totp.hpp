// totp: one-time codes of an authenticator app, six digits that change every 30 seconds. RFC 6238 over HMAC-SHA-1
// (RFC 4226), as all apps speak it; secrets in base32 (RFC 4648). rfc-editor.org/rfc/rfc6238, read 2026-11-30.
// Pure; threads: any. Tested by tests/bot/desk_accounts_test.cpp with the vectors of RFC 6238 B.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rules/person.hpp"

namespace bot {

std::string base32(std::string_view bytes);                  // without padding
std::optional<std::string> unbase32(std::string_view text);  // small letters and blanks allowed

std::string totp(std::string_view key, std::int64_t step);
// The step (30 s since 1970) whose code this is: the present one or its neighbours, and later than `after`, so that no
// code counts twice.
std::optional<std::int64_t> totp_step(std::string_view key, std::string_view code, rules::Time now, std::int64_t after);

}  // namespace bot
