#include "adapters/delivery.hpp"

#include <algorithm>
#include <charconv>

#include "adapters/document.hpp"

namespace adapters {

namespace {
constexpr std::chrono::seconds kMaxRetryAfter{3600};
}

std::chrono::seconds retry_after(const std::string& header, std::chrono::seconds most) {
  std::int64_t n = 0;
  auto [end, ec] = std::from_chars(header.data(), header.data() + header.size(), n);
  if (ec != std::errc{} || end != header.data() + header.size() || n <= 0) return std::chrono::seconds(0);
  return std::min(std::chrono::seconds(n), most);
}

std::optional<Token> oauth_token(const HttpResult& r) {
  constexpr int kUsual = 3600;
  Document d = Document::glance(r.body);
  std::string token = d["access_token"].text();
  if (r.status != 200 || token.empty()) return std::nullopt;
  int lasts = std::atoi(d["expires_in"].text().c_str());
  return Token{Secret(std::move(token)), std::chrono::seconds(lasts > 0 ? lasts : kUsual)};
}

Delivery conclude_by_status(const HttpResult& r) {
  if (r.status == 0) {
    if (r.sent) return Unknown{};
    return Retry{};
  }
  if (r.status >= 200 && r.status < 300) return Delivered{};
  if (r.status == 429) return Retry{retry_after(r.retry_after, kMaxRetryAfter), true};
  if (r.status >= 500) return Retry{retry_after(r.retry_after, kMaxRetryAfter), false};
  if (r.status == 401) return ChannelBroken{"401"};
  return Rejected{std::to_string(r.status), "the platform refused the message"};
}

}  // namespace adapters
