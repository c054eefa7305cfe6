// vault: what is kept of people is kept sealed. Each person has a data key; it is stored wrapped by the master key, and
// what is said of the person is sealed with the data key, both by XChaCha20-Poly1305 (libsodium) with the row's
// identity as associated data: a row moved to another place does not open. A new data key makes everything sealed with
// the old one unreadable, in old copies of the file too.
// The master key: $CREDENTIALS_DIRECTORY/steady-master (systemd), else DATA/keys/master, 0400, made at the first start.
// Keep it apart from copies of the database: without it they open to nobody.
// Sealed: nonce (24 bytes), then the text and its tag (16 more). Errors: open() gives no value; a key that cannot be
// read is an empty Vault, which refuses to work. Threads: a value, read by any. Tested by tests/bot/vault_test.cpp.
// Source: doc.libsodium.org/secret-key_cryptography/aead/chacha20-poly1305/xchacha20-poly1305_construction (1.0.18).
#pragma once
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "adapters/secret.hpp"
#include "bot/environment.hpp"

namespace bot {

struct SealedError : std::runtime_error {  // what is kept does not open with this key
  using std::runtime_error::runtime_error;
};

// Of a row: "person/17".
inline std::string identity_of(const char* what, std::int64_t id) {
  return std::string(what) + "/" + std::to_string(id);
}

// Of a document.
inline std::string identity_of_document(const std::string& name) { return "document/" + name; }

struct DataKey {
  std::string bytes;    // 32
  std::string wrapped;  // as it is stored
};

class Vault {
 public:
  Vault() = default;
  explicit Vault(const adapters::Secret& master);
  [[nodiscard]] bool ready() const { return !master_.empty(); }
  // A key of its own for another purpose, from the master key: 64 hexadecimal digits.
  [[nodiscard]] std::string derived(std::string_view purpose) const;
  // `identity`: of whom, e.g. "person/17".
  [[nodiscard]] DataKey new_key(std::string_view identity) const;
  [[nodiscard]] std::string rewrap(const DataKey& key, std::string_view identity) const;
  [[nodiscard]] std::optional<DataKey> unwrap(std::string wrapped, std::string_view identity) const;

 private:
  std::string master_;  // 32 bytes, derived
};

std::string seal(const DataKey& key, std::string_view text, std::string_view identity);
std::optional<std::string> open_sealed(const DataKey& key, std::string_view sealed, std::string_view identity);

// A rotation that was begun, and perhaps cut off, is brought to its end: of the two master keys in the folder the one
// that opens `sample`, somebody's wrapped key, stays. Does nothing where there is but one.
inline constexpr const char* kNextMaster = "master.next";
void settle_rotation(const std::filesystem::path& data, const Environment& environment,
                     const std::optional<std::pair<std::int64_t, std::string>>& sample);

// The master key of a data folder; made when there is none.
adapters::Secret master_key(const std::filesystem::path& data, const Environment& environment);

}  // namespace bot
