// signature: hashes, encodings and comparison in constant time. Decoding failures are "bad signature", never an
// exception. Source: Standard Webhooks 1.0.0 spec (github.com/standard-webhooks, read 2026-11); OpenSSL 3.0 EVP_MAC(3).
// Threads: any. Tested by tests/adapters/adapters_test.cpp with the vectors of platforms-1.md 8.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace adapters {

std::string hmac_sha256(std::string_view key, std::string_view message);  // 32 raw bytes
std::string sha256_hex(std::string_view message);
std::string base64(std::string_view bytes);
std::optional<std::string> unbase64(std::string_view text);
bool equal_secret(std::string_view a, std::string_view b);  // time depends on the lengths only

// Standard Webhooks: `secret` is whsec_ + base64. Empty when the secret is not of that form.
std::string standard_signature(std::string_view secret, std::string_view id, std::string_view timestamp,
                               std::string_view body);

}  // namespace adapters
