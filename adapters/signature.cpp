#include "adapters/signature.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <memory>
#include <vector>

namespace adapters {
namespace {

struct MacDeleter {
  void operator()(EVP_MAC* m) const { EVP_MAC_free(m); }
  void operator()(EVP_MAC_CTX* c) const { EVP_MAC_CTX_free(c); }
};

// One keyed context a thread: re-keying costs three times the sum itself (performance.md 2).
class Mac {
 public:
  std::string sum(std::string_view key, std::string_view message) {
    if (key != key_ || !context_) rekey(key);
    std::string out(32, '\0');
    std::size_t n = out.size();
    EVP_MAC_init(context_.get(), nullptr, 0, nullptr);
    EVP_MAC_update(context_.get(), bytes(message), message.size());
    EVP_MAC_final(context_.get(), reinterpret_cast<unsigned char*>(out.data()), &n,
                  out.size());  // NOLINT: OpenSSL's type
    return out;
  }

 private:
  static const unsigned char* bytes(std::string_view s) {
    return reinterpret_cast<const unsigned char*>(s.data());
  }  // NOLINT
  void rekey(std::string_view key) {
    if (!mac_) mac_.reset(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    context_.reset(EVP_MAC_CTX_new(mac_.get()));
    std::array<char, 7> digest{"SHA256"};
    std::array<OSSL_PARAM, 2> params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                     OSSL_PARAM_construct_end()};
    EVP_MAC_init(context_.get(), bytes(key), key.size(), params.data());
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

std::string sha256_hex(std::string_view message) {
  std::array<unsigned char, 32> digest{};
  EVP_Digest(message.data(), message.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (unsigned char byte : digest) {
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

std::string base64(std::string_view in) {
  std::string out(4 * ((in.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(in.data()),
                  static_cast<int>(in.size()));  // NOLINT
  return out;
}

std::optional<std::string> unbase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > 4096) return std::nullopt;
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

bool equal_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
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
