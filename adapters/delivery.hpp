// delivery: what an HTTP status means for a delivery where the platform says nothing better.
#pragma once
#include "adapters/adapter.hpp"

namespace adapters {

std::chrono::seconds retry_after(const std::string& header, std::chrono::seconds most);  // 0: none, absurd or a date
Delivery conclude_by_status(const HttpResult& result);
std::optional<Token> oauth_token(const HttpResult& result);  // RFC 6749 5.1: access_token, expires_in

}  // namespace adapters
