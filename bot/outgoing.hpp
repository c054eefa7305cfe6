// outgoing: a reply of the rules as the message an adapter sends, and as the text the outbox keeps.
// The kept text is a JSON object {text, choices: [[label, value]], picture: base64 PNG, urgent, unasked, heard:
// seconds}; false and empty are left out, and heard where it was asked for. Errors: parse_outgoing() throws
// nlohmann::json::exception on a text that kept_text() did not make. Threads: free functions. Tested by
// tests/bot/store_test.cpp.
#pragma once
#include <string>
#include <string_view>

#include "adapters/adapter.hpp"
#include "rules/engine.hpp"

namespace bot {

adapters::Outgoing outgoing(const rules::Reply& reply, const std::string& contact, rules::Time heard);
std::string kept_text(const adapters::Outgoing& message);
adapters::Outgoing parse_outgoing(std::string_view kept, std::string contact);

}  // namespace bot
