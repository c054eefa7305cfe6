// jwt: JSON Web Tokens with RSA, both ways: what Teams and Google Chat show us, and what we show Google's token
// endpoint. Accepted: RS256, RS384, RS512 with a known kid, in time within kClockSkew; never `none`, never HMAC (a
// public key is no secret). Source: RFC 7515, 7517, 7519, read 2026-11-24; OpenSSL 3.0 EVP_PKEY_fromdata(3). Errors: a
// sentence for the log that holds nothing of the token. Threads: any. Tested by tests/adapters/jwt_test.cpp.
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

}  // namespace adapters
