// signature: hashes, encodings and comparison in constant time. Decoding failures are "bad signature", never an
// exception. Source: Standard Webhooks 1.0.0 spec (github.com/standard-webhooks, read 2026-11); OpenSSL 3.0 EVP_MAC(3).
// Threads: any. Tested by tests/adapters/adapters_test.cpp with the vectors of platforms-1.md 8.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/adapter.hpp"

namespace adapters {

std::string hmac_sha256(std::string_view key, std::string_view message);  // 32 raw bytes
std::string hmac_sha1(std::string_view key, std::string_view message);    // 20 raw bytes; where a platform asks for it
std::string sha256_hex(std::string_view message);
std::string sha1_hex(std::string_view message);
// `key` 32 and `signature` 64 raw bytes; anything else is a bad signature.
bool ed25519_verified(std::string_view key, std::string_view message, std::string_view signature);
std::string base64(std::string_view bytes);
inline constexpr std::size_t kMaxBase64 = 16 * 1024;
std::optional<std::string> unbase64(std::string_view text, std::size_t most = kMaxBase64);
std::string base64url(std::string_view bytes);  // without padding
std::optional<std::string> unbase64url(std::string_view text);
bool equal_secret(std::string_view a, std::string_view b);  // time depends on the lengths only
// Nothing when check(secret) holds for the channel's secret of this name, or for its NAME_old during a rotation; else
// why the request is refused: 503 when none is set, 401 when it is not theirs.
std::optional<Refusal> refused(const Channel& channel, const std::string& name,
                               const std::function<bool(const std::string&)>& check);
std::optional<Refusal> refused_token(const Channel& channel, const std::string& name, std::string_view given);

// Standard Webhooks: `secret` is whsec_ + base64. Empty when the secret is not of that form.
std::string standard_signature(std::string_view secret, std::string_view id, std::string_view timestamp,
                               std::string_view body);

}  // namespace adapters
