// store_copy: a store as `steady store copy` reads and writes it: person by person, opened. Internal to command_store.
// Errors: std::runtime_error. Threads: one.
#pragma once
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "bot/audit.hpp"
#include "bot/vault.hpp"

namespace bot {

// All that is kept of one person, opened: {"channel", "contact", "state", "events": [[id, at]], "timers": [[name, at]],
// "outbox": [[id, text, created, due, attempts]], "alarms": [[level, at, next, step, token, seen]], "dead": [[id, at,
// code]]}. Numbers that are not known are null.
// `number`: in the store it was read from.
using TakeWhole = std::function<void(std::int64_t number, const nlohmann::json& kept)>;

// As it lies in the store: both are under the same master key, and a document's name is the same in both.
struct SealedDocument {
  std::string name;
  std::int64_t revision = 0;
  std::string key, body;
};

class Side {  // one of the two stores
 public:
  virtual ~Side() = default;
  virtual void begin(bool writes) = 0;  // throws where it is in use, or, to be written, not empty
  virtual void each(const TakeWhole& take) = 0;
  virtual std::int64_t put(const nlohmann::json& kept) = 0;  // gives the number in this store
  virtual std::vector<AuditEntry> audit() = 0;
  virtual AuditHead head() = 0;
  virtual void put_audit(const std::vector<AuditEntry>& entries, const AuditHead& head) = 0;
  virtual std::vector<SealedDocument> documents() = 0;  // by name
  virtual void put_document(const SealedDocument& document) = 0;
  virtual void end() = 0;
  [[nodiscard]] const std::string& audit_key() const { return audit_key_; }

 protected:
  Side(Vault vault, std::string audit_key) : vault_(std::move(vault)), audit_key_(std::move(audit_key)) {}
  std::string opened(const DataKey& key, const std::string& sealed, const char* what, std::int64_t id) const {
    auto text = open_sealed(key, sealed, identity_of(what, id));
    if (!text) throw SealedError("case " + std::to_string(id) + " does not open with this master key");
    return std::move(*text);
  }
  DataKey key_of(std::string wrapped, std::int64_t person) const {
    auto key = vault_.unwrap(std::move(wrapped), identity_of("person", person));
    if (!key) throw SealedError("case " + std::to_string(person) + " does not open with this master key");
    return std::move(*key);
  }
  Vault vault_;
  std::string audit_key_;
};

nlohmann::json number_or_null(bool null, std::int64_t n);
std::string text_in(const nlohmann::json& j);
std::int64_t number_in(const nlohmann::json& j);  // -1: null

std::unique_ptr<Side> sqlite_side(const std::string& folder, Vault vault, std::string audit_key);
std::unique_ptr<Side> postgres_side(const std::string& url, Vault vault, std::string audit_key);

}  // namespace bot
