// meta: what WhatsApp, Messenger and Instagram share: the handshake, the signature, the Graph API's errors, and the
// messaging[] of the latter two. Source: developers.facebook.com/documentation/business-messaging (webhooks, error
// codes); platforms-1.md 4-6, 2026-11. Authenticity: X-Hub-Signature-256 over the raw body; no time is signed, so the
// store's event ids are the guard against repeats. Tested by tests/adapters/{whatsapp,messenger,instagram}.json.
#pragma once
#include <array>

#include "adapters/call.hpp"
#include "adapters/document.hpp"

namespace adapters {

inline constexpr std::string_view kGraph = "https://graph.facebook.com/v25.0";
inline constexpr std::chrono::minutes kMetaWindow{24 * 60 - 5};  // of free messages after the person's last

// The answer to GET ?hub.mode=subscribe&hub.verify_token=...&hub.challenge=...
tl::expected<Received, Refusal> meta_handshake(const Channel& channel, const Request& request);
std::optional<Refusal> unsigned_by_meta(const Channel& channel, const Request& request);

// Both answer the handshake, verify, and read entry[].messaging[].
tl::expected<Received, Refusal> receive_messaging(const Channel& channel, const Request& request,
                                                  std::string_view object);
nlohmann::json messaging_body(const Outgoing& outgoing);  // recipient, text and quick replies
Delivery conclude_graph(const HttpResult& result);

}  // namespace adapters
