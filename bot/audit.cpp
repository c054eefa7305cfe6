#include "bot/audit.hpp"

#include <nlohmann/json.hpp>

#include "adapters/encode.hpp"
#include "adapters/signature.hpp"

namespace bot {

std::string audit_hash(std::string_view key, std::string_view before, const AuditEntry& e) {
  auto row = nlohmann::json::array({before, e.seq, e.at.time_since_epoch().count(), e.what, e.person, e.detail});
  return adapters::hex(adapters::hmac_sha256(key, row.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
}

std::string audit_signature(std::string_view key, const AuditHead& head) {
  return adapters::hex(adapters::hmac_sha256(key, "head " + std::to_string(head.seq) + " " + head.hash));
}

void AuditCheck::take(const AuditEntry& entry) {
  if (!problem_.empty()) return;
  if (entry.seq != last_.seq + 1) problem_ = "entry " + std::to_string(last_.seq + 1) + " is missing";
  else if (entry.hash != audit_hash(key_, last_.hash, entry))
    problem_ = "entry " + std::to_string(entry.seq) + " was changed";
  last_ = {entry.seq, entry.hash, {}};
}

std::string AuditCheck::problem(const AuditHead& head) const {
  if (!problem_.empty()) return problem_;
  if (head.seq == 0 && last_.seq == 0) return "";
  if (head.signature != audit_signature(key_, head)) return "the head is not signed with this key";
  if (head.seq > last_.seq)
    return "entries " + std::to_string(last_.seq + 1) + " to " + std::to_string(head.seq) + " are missing";
  return head.seq == last_.seq && head.hash == last_.hash ? "" : "the head is not of the last entry";
}

}  // namespace bot
