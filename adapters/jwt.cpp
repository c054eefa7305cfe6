#include "adapters/jwt.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "adapters/signature.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;
template <auto free>
struct Free {
  template <class T>
  void operator()(T* t) const {
    free(t);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;

const unsigned char* raw(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());  // NOLINT: OpenSSL's type
}

Number number_of(std::string_view base64url) {
  auto bytes = unbase64url(base64url);
  return Number(bytes ? BN_bin2bn(raw(*bytes), static_cast<int>(bytes->size()), nullptr) : nullptr);
}

Key public_key(Node jwk) {
  Number n = number_of(jwk["n"].text()), e = number_of(jwk["e"].text());
  std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>> build(OSSL_PARAM_BLD_new());
  if (!n || !e || !build || OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return nullptr;
  std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>> params(OSSL_PARAM_BLD_to_param(build.get()));
  std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>> context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return nullptr;
  return Key(key);
}

const EVP_MD* digest_of(std::string_view algorithm) {
  if (algorithm == "RS256") return EVP_sha256();
  if (algorithm == "RS384") return EVP_sha384();
  return algorithm == "RS512" ? EVP_sha512() : nullptr;
}

bool verified(EVP_PKEY* key, const EVP_MD* digest, std::string_view message, std::string_view signature) {
  Digest context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(message), message.size()) == 1;
}

}  // namespace

tl::expected<Jwt, std::string> verified_jwt(std::string_view token, std::string_view keys, Time now) {
  auto no = [](const char* why) { return tl::unexpected(std::string(why)); };
  std::size_t first = token.find('.'), second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return no("no token");
  auto head = unbase64url(token.substr(0, first)), body = unbase64url(token.substr(first + 1, second - first - 1)),
       signature = unbase64url(token.substr(second + 1));
  if (!head || !body || !signature) return no("not a token");
  Document header = Document::glance(*head);
  const EVP_MD* digest = digest_of(header["alg"].text());
  if (digest == nullptr) return no("signed in a way that is not taken");
  std::string kid = header["kid"].text();
  Document set = Document::glance(keys);
  for (Node jwk : set["keys"].items()) {
    if (kid.empty() || !jwk["kid"].is(kid) || !jwk["kty"].is("RSA")) continue;
    Key key = public_key(jwk);
    if (!key || !verified(key.get(), digest, token.substr(0, second), *signature)) return no("wrong signature");
    Jwt out{Document::glance(*body), jwk.json_text()};
    auto at = [&](const char* name) { return std::atoll(out.claims[name].text().c_str()); };
    std::int64_t skew = std::chrono::seconds(kClockSkew).count(), present = now.time_since_epoch().count();
    if (!out.claims["exp"].there() || at("exp") + skew < present) return no("run out");
    if (out.claims["nbf"].there() && at("nbf") - skew > present) return no("not valid yet");
    return out;
  }
  return no("signed with a key that is not known");
}

namespace {

std::string signature_of(const Key& key, const std::string& message) {  // over its SHA-256; empty: it cannot be made
  Digest context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (!key || !context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, raw(message), message.size()) != 1)
    return "";
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,  // NOLINT
                     raw(message), message.size()) != 1)
    return "";
  signature.resize(size);
  return signature;
}

}  // namespace

std::string signed_jwt(const std::string& claims, const std::string& pem, const std::string& kid) {
  std::unique_ptr<BIO, Free<BIO_free_all>> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Key key(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr) : nullptr);
  json header{{"alg", "RS256"}, {"typ", "JWT"}};
  if (!kid.empty()) header["kid"] = kid;
  std::string message = base64url(header.dump()) + "." + base64url(claims);
  std::string signature = signature_of(key, message);
  return signature.empty() ? "" : message + "." + base64url(signature);
}

namespace {

constexpr std::size_t kHalf = 32;  // bytes of a number of P-256

struct P256 {
  Key key;
  std::string point;  // public, uncompressed
};

P256 p256(std::string_view secret) {
  std::unique_ptr<EC_GROUP, Free<EC_GROUP_free>> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  std::unique_ptr<EC_POINT, Free<EC_POINT_free>> point(EC_POINT_new(group.get()));
  std::string bytes = hmac_sha256("steady es256", secret);
  Number scalar(BN_bin2bn(raw(bytes), static_cast<int>(bytes.size()), nullptr));
  if (!scalar || BN_is_zero(scalar.get()) || BN_cmp(scalar.get(), EC_GROUP_get0_order(group.get())) >= 0) return {};
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  P256 out;
  out.point.resize(1 + 2 * kHalf);
  auto* point_bytes = reinterpret_cast<unsigned char*>(out.point.data());  // NOLINT: OpenSSL's type
  std::unique_ptr<OSSL_PARAM_BLD, Free<OSSL_PARAM_BLD_free>> build(OSSL_PARAM_BLD_new());
  std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  if (EC_POINT_mul(group.get(), point.get(), scalar.get(), nullptr, nullptr, nullptr) != 1 ||
      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, point_bytes, out.point.size(),
                         nullptr) != out.point.size() ||
      OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get()) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point_bytes, out.point.size()) != 1)
    return {};
  std::unique_ptr<OSSL_PARAM, Free<OSSL_PARAM_free>> parameters(OSSL_PARAM_BLD_to_param(build.get()));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) != 1)
    return {};
  out.key.reset(key);
  return out;
}

}  // namespace

std::string es256_public(std::string_view secret) { return base64url(p256(secret).point); }

std::string signed_es256(const std::string& claims, std::string_view secret) {
  std::string message = base64url(R"({"alg":"ES256","typ":"JWT"})") + "." + base64url(claims);
  std::string der = signature_of(p256(secret).key, message);
  if (der.empty()) return "";
  const unsigned char* at = raw(der);
  std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>> signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string both(2 * kHalf, '\0');                          // RFC 7518, 3.4: the two numbers, not DER
  auto* out = reinterpret_cast<unsigned char*>(both.data());  // NOLINT
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, kHalf) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + kHalf, kHalf) < 0)
    return "";
  return message + "." + base64url(both);
}

}  // namespace adapters
