#include "bot/vault.hpp"

#include <sodium.h>

#include <cstdlib>
#include <fstream>

#include "bot/keys.hpp"

namespace bot {
namespace {

constexpr std::size_t kKey = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
                      kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
                      kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }  // NOLINT
unsigned char* bytes(std::string& s) { return reinterpret_cast<unsigned char*>(s.data()); }                  // NOLINT

std::string sealed(std::string_view key, std::string_view text, std::string_view identity) {
  std::string out(kNonce + text.size() + kTag, '\0');
  randombytes_buf(out.data(), kNonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes(out) + kNonce, nullptr, bytes(text), text.size(), bytes(identity),
                                             identity.size(), nullptr, bytes(out), bytes(key));
  return out;
}

std::optional<std::string> opened(std::string_view key, std::string_view sealed, std::string_view identity) {
  if (key.size() != kKey || sealed.size() < kNonce + kTag) return std::nullopt;
  std::string out(sealed.size() - kNonce - kTag, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes(out), nullptr, nullptr, bytes(sealed) + kNonce,
                                                 sealed.size() - kNonce, bytes(identity), identity.size(),
                                                 bytes(sealed), bytes(key)) != 0)
    return std::nullopt;
  return out;
}

}  // namespace

Vault::Vault(const adapters::Secret& master) {
  if (master.empty() || sodium_init() < 0) return;
  master_.resize(kKey);  // of any length and alphabet: what an operator puts there by hand, too
  const std::string& own = master.reveal();
  constexpr std::string_view kPurpose = "steady vault 1";
  crypto_generichash(bytes(master_), kKey, bytes(own), own.size(), bytes(kPurpose), kPurpose.size());
}

std::string Vault::derived(std::string_view purpose) const {
  std::string raw(kKey, '\0'), out(2 * kKey + 1, '\0');
  std::string label = "steady " + std::string(purpose) + " 1";
  crypto_generichash(bytes(raw), kKey, bytes(label), label.size(), bytes(master_), master_.size());
  sodium_bin2hex(out.data(), out.size(), bytes(raw), raw.size());
  out.pop_back();
  return out;
}

DataKey Vault::new_key(std::string_view identity) const {
  DataKey key;
  key.bytes.resize(kKey);
  randombytes_buf(key.bytes.data(), kKey);
  key.wrapped = sealed(master_, key.bytes, identity);
  return key;
}

std::string Vault::rewrap(const DataKey& key, std::string_view identity) const {
  return sealed(master_, key.bytes, identity);
}

std::optional<DataKey> Vault::unwrap(std::string wrapped, std::string_view identity) const {
  auto key = opened(master_, wrapped, identity);
  if (!key || key->size() != kKey) return std::nullopt;
  return DataKey{std::move(*key), std::move(wrapped)};
}

std::string seal(const DataKey& key, std::string_view text, std::string_view identity) {
  return sealed(key.bytes, text, identity);
}

std::optional<std::string> open_sealed(const DataKey& key, std::string_view sealed, std::string_view identity) {
  return opened(key.bytes, sealed, identity);
}

void settle_rotation(const std::filesystem::path& data, const Environment& environment,
                     const std::optional<std::pair<std::int64_t, std::string>>& sample) {
  auto next = data / "keys" / kNextMaster;
  if (!std::filesystem::exists(next)) return;
  Vault vault(own_key(data, kNextMaster, environment));
  if (sample && vault.unwrap(sample->second, identity_of("person", sample->first))) {
    std::filesystem::rename(next, data / "keys" / "master");
  } else {
    std::filesystem::remove(next);
  }
}

adapters::Secret master_key(const std::filesystem::path& data, const Environment& environment) {
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY")) {
    std::string key;
    auto path = std::filesystem::path(credentials) / "steady-master";
    if (std::ifstream(path) >> key) return adapters::Secret(key);
    std::error_code ec;
    if (std::filesystem::exists(path, ec) || ec) return {};  // it is the one; no other is made
  }
  return own_key(data, "master", environment);
}

}  // namespace bot
