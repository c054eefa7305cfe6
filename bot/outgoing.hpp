// outgoing: a reply of the rules as the message an adapter sends, and as the text the outbox keeps.
// The kept text is a JSON object {text, choices: [[label, value]], urgent, unasked}; false and empty are left out.
// Errors: parse_outgoing() throws nlohmann::json::exception on a text that kept_text() did not make.
// Threads: free functions. Tested by tests/bot/store_test.cpp.
#pragma once
#include <string>
#include <string_view>

#include "adapters/adapter.hpp"
#include "rules/engine.hpp"

namespace bot {

adapters::Outgoing outgoing(const rules::Reply& reply, const std::string& contact);
std::string kept_text(const rules::Reply& reply);
adapters::Outgoing parse_outgoing(std::string_view kept, std::string contact);

}  // namespace bot
