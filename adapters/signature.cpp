#include "adapters/signature.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "adapters/encode.hpp"

namespace adapters {
namespace {

struct MacDeleter {
  void operator()(EVP_MAC* m) const { EVP_MAC_free(m); }
  void operator()(EVP_MAC_CTX* c) const { EVP_MAC_CTX_free(c); }
};

const unsigned char* raw(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());  // NOLINT: OpenSSL's type
}

std::string digest_hex(std::string_view message, const EVP_MD* kind) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned n = 0;
  EVP_Digest(message.data(), message.size(), reinterpret_cast<unsigned char*>(digest.data()), &n, kind,  // NOLINT
             nullptr);
  return hex(std::string_view(digest).substr(0, n));
}

// One keyed context a thread: re-keying costs three times the sum itself (performance.md 2).
class Mac {
 public:
  std::string sum(std::string_view key, std::string_view message) {
    if (key != key_ || !context_) rekey(key);
    std::string out(32, '\0');
    std::size_t n = out.size();
    EVP_MAC_init(context_.get(), nullptr, 0, nullptr);
    EVP_MAC_update(context_.get(), raw(message), message.size());
    EVP_MAC_final(context_.get(), reinterpret_cast<unsigned char*>(out.data()), &n,
                  out.size());  // NOLINT: OpenSSL's type
    return out;
  }

 private:
  void rekey(std::string_view key) {
    if (!mac_) mac_.reset(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    context_.reset(EVP_MAC_CTX_new(mac_.get()));
    std::array<char, 7> digest{"SHA256"};
    std::array<OSSL_PARAM, 2> params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                     OSSL_PARAM_construct_end()};
    EVP_MAC_init(context_.get(), raw(key), key.size(), params.data());
    key_ = key;
  }
  std::unique_ptr<EVP_MAC, MacDeleter> mac_;
  std::unique_ptr<EVP_MAC_CTX, MacDeleter> context_;
  std::string key_;
};

}  // namespace

std::string hmac_sha256(std::string_view key, std::string_view message) {
  thread_local Mac mac;
  return mac.sum(key, message);
}

std::string hmac_sha1(std::string_view key, std::string_view message) {
  std::string out(20, '\0');
  unsigned n = 0;
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), raw(message), message.size(),
       reinterpret_cast<unsigned char*>(out.data()), &n);  // NOLINT: OpenSSL's type
  return out;
}

std::string sha256_hex(std::string_view message) { return digest_hex(message, EVP_sha256()); }
std::string sha1_hex(std::string_view message) { return digest_hex(message, EVP_sha1()); }

bool ed25519_verified(std::string_view key, std::string_view message, std::string_view signature) {
  if (key.size() != 32 || signature.size() != 64) return false;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pkey(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(key), key.size()), &EVP_PKEY_free);
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return pkey && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
         EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(message), message.size()) == 1;
}

std::string base64(std::string_view in) {
  std::string out(4 * ((in.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(in.data()),
                  static_cast<int>(in.size()));  // NOLINT
  return out;
}

std::optional<std::string> unbase64(std::string_view text, std::size_t most) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > most) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  int n =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));  // NOLINT
  if (n < 0) return std::nullopt;
  for (std::size_t i = text.size(); i-- > 0 && text[i] == '=';) --n;
  if (n < 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(n));
  return out;
}

std::string base64url(std::string_view bytes) {
  std::string out = base64(bytes);
  while (out.ends_with('=')) out.pop_back();
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

std::optional<std::string> unbase64url(std::string_view text) {
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), '-', '+');
  std::replace(plain.begin(), plain.end(), '_', '/');
  plain.append((4 - plain.size() % 4) % 4, '=');
  return unbase64(plain);
}

bool equal_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<Refusal> refused(const Channel& channel, const std::string& name,
                               const std::function<bool(const std::string&)>& check) {
  const Secret &now = channel.secret(name), &old = channel.secret(name + "_old");
  if (now.empty()) return Refusal{503, "the channel has no " + name};
  bool good = check(now.reveal());
  bool before = !old.empty() && check(old.reveal());
  if (good || before) return std::nullopt;
  return Refusal{401, "missing, wrong or old signature"};
}

std::optional<Refusal> refused_token(const Channel& channel, const std::string& name, std::string_view given) {
  return refused(channel, name, [&](const std::string& secret) { return equal_secret(given, secret); });
}

std::string standard_signature(std::string_view secret, std::string_view id, std::string_view timestamp,
                               std::string_view body) {
  constexpr std::string_view kPrefix = "whsec_";
  if (!secret.starts_with(kPrefix)) return "";
  auto key = unbase64(secret.substr(kPrefix.size()));
  if (!key) return "";
  std::string message;
  message.reserve(id.size() + timestamp.size() + body.size() + 2);
  message.append(id).append(".").append(timestamp).append(".").append(body);
  return "v1," + base64(hmac_sha256(*key, message));
}

}  // namespace adapters
