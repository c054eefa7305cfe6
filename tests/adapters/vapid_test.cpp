// A push to a browser: the call, and that its token is signed with the key that the page subscribed with.
#include "adapters/vapid.hpp"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <nlohmann/json.hpp>

#include "adapters/jwt.hpp"
#include "adapters/signature.hpp"

namespace adapters {
namespace {

bool signed_by(const std::string& token, const std::string& point) {
  std::size_t dot = token.rfind('.');
  auto both = unbase64url(token.substr(dot + 1));
  auto* bytes = reinterpret_cast<const unsigned char*>(both->data());
  ECDSA_SIG* signature = ECDSA_SIG_new();
  ECDSA_SIG_set0(signature, BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
  unsigned char* der = nullptr;
  int size = i2d_ECDSA_SIG(signature, &der);
  ECDSA_SIG_free(signature);
  OSSL_PARAM_BLD* build = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(build);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context);
  EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(digest, nullptr, EVP_sha256(), nullptr, key);
  bool good = EVP_DigestVerify(digest, der, static_cast<std::size_t>(size),
                               reinterpret_cast<const unsigned char*>(token.data()), dot) == 1;
  EVP_MD_CTX_free(digest);
  EVP_PKEY_free(key);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(build);
  OPENSSL_free(der);
  return good;
}

TEST(Vapid, ThePushIsSignedForItsServiceAndHoldsNothing) {
  const Time now{std::chrono::seconds(1'798'800'000)};
  auto call = push_call("https://push.example.net/send/abc?x=1", "https://steady.example.org", "a secret", now, true);
  EXPECT_EQ(call.url, "https://push.example.net/send/abc?x=1");
  EXPECT_EQ(call.body, "");
  std::string authorization = call.headers[0].second;
  ASSERT_TRUE(authorization.starts_with("vapid t="));
  std::size_t comma = authorization.find(", k=");
  std::string token = authorization.substr(8, comma - 8), point = *unbase64url(authorization.substr(comma + 4));
  EXPECT_EQ(point.size(), 65U);
  EXPECT_EQ(base64url(point), es256_public("a secret")) << "what the page subscribes with";
  EXPECT_TRUE(signed_by(token, point));
  EXPECT_FALSE(signed_by(token, *unbase64url(es256_public("another"))));
  auto claims =
      nlohmann::json::parse(*unbase64url(token.substr(token.find('.') + 1, token.rfind('.') - token.find('.') - 1)));
  EXPECT_EQ(claims["aud"], "https://push.example.net");
  EXPECT_EQ(claims["sub"], "https://steady.example.org");
  EXPECT_EQ(claims["exp"], 1'798'800'000 + 12 * 3600);
  EXPECT_EQ(call.headers[2].second, "high");
  EXPECT_TRUE(push_call("nowhere", "x", "y", now, false).url.empty());
}

TEST(Vapid, ManySecretsMakeKeysThatSign) {
  for (int i = 0; i < 200; ++i) {
    std::string secret = "secret " + std::to_string(i);
    EXPECT_TRUE(signed_by(signed_es256("{}", secret), *unbase64url(es256_public(secret)))) << i;
  }
}

}  // namespace
}  // namespace adapters
