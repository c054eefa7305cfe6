// jwt: JSON Web Tokens: with RSA what Teams and Google Chat show us, and what we show Google's token endpoint; with
// ES256 (P-256) what we show push services. Accepted: RS256, RS384, RS512 with a known kid, in time within kClockSkew;
// never `none`, never HMAC (a public key is no secret). Source: RFC 7515, 7517, 7519, read 2026-11-24; OpenSSL 3.0
// EVP_PKEY_fromdata(3). Errors: a sentence for the log that holds nothing of the token. Threads: any. Tested by
// tests/adapters/encode_test.cpp and vapid_test.cpp.
#pragma once
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "adapters/document.hpp"

namespace adapters {

inline constexpr std::chrono::minutes kClockSkew{5};

struct Jwt {
  Document claims;
  std::string key;  // the JSON Web Key that signed it
};
// `keys`: a JSON Web Key Set.
tl::expected<Jwt, std::string> verified_jwt(std::string_view token, std::string_view keys, Time now);

// Empty when the key is no RSA private key in PEM.
std::string signed_jwt(const std::string& claims, const std::string& pem, const std::string& kid = {});

// With the private key that is made of `secret`, of any form; the same secret makes the same key. Empty: it makes none,
// which does not happen with a secret of some bytes.
std::string signed_es256(const std::string& claims, std::string_view secret);
std::string es256_public(std::string_view secret);  // the point, 65 bytes, in base64url

}  // namespace adapters
