// audit: what somebody may have to answer for, in a chain that shows every change: help lines that were given (notice:
// need and country), alarms raised and acknowledged, erasures, exports, packs that came into force. People are row
// numbers, never addresses; no words. Each entry's hash is HMAC-SHA256 over the one before and the entry, and the head
// (how many, the last hash) is signed the same way, so that a tail cut off shows. The key is DATA/keys/audit: who holds
// both the database and the key can write a new chain, so keep heads elsewhere (they are logged when the service
// starts and stops). Pure; threads: any. Tested by tests/bot/audit_test.cpp and tests/e2e/audit.mjs.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/person.hpp"

namespace bot {

struct AuditEntry {
  std::int64_t seq = 0;  // from 1, without a hole
  rules::Time at{};
  std::string what;  // notice, alarm, acknowledge, erase, export, packs
  std::int64_t person = 0;
  std::string detail, hash;
};

struct AuditHead {
  std::int64_t seq = 0;  // of the last entry; 0 = there is none
  std::string hash, signature;
};

std::string audit_hash(std::string_view key, std::string_view before, const AuditEntry& entry);
std::string audit_signature(std::string_view key, const AuditHead& head);

// Checks entries as they come, in order.
class AuditCheck {
 public:
  explicit AuditCheck(std::string key) : key_(std::move(key)) {}
  void take(const AuditEntry& entry);
  [[nodiscard]] std::string problem(const AuditHead& head) const;  // the first one, for people; empty = all is right
  [[nodiscard]] std::int64_t entries() const { return last_.seq; }

 private:
  std::string key_, problem_;
  AuditHead last_;
};

}  // namespace bot
