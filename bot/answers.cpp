#include "bot/answers.hpp"

#include <nlohmann/json.hpp>

namespace bot {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; manifest-src "
    "'self'; base-uri 'none'; form-action 'self'; frame-ancestors ";

}  // namespace

HttpResponse refusal(int status, const std::string& reason) {
  HttpResponse out;
  out.status = status;
  out.body = nlohmann::json{{"error", reason}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return out;
}

void harden(HttpResponse& r, const std::string& framed_by) {
  r.headers.emplace_back("X-Content-Type-Options", "nosniff");
  r.headers.emplace_back("Referrer-Policy", "no-referrer");
  r.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  r.headers.emplace_back("Cache-Control", "no-store");
  r.headers.emplace_back("Content-Security-Policy", std::string(kPolicy) + framed_by);
}

bool foreign(const HttpRequest& request) {
  std::string_view site = request.header("Sec-Fetch-Site");
  return !site.empty() && site != "same-origin" && site != "none";
}

std::string_view value_in(std::string_view list, char separator, std::string_view name) {
  while (!list.empty()) {
    std::string_view one = list.substr(0, list.find(separator));
    list.remove_prefix(std::min(list.size(), one.size() + 1));
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(name) && one.substr(name.size()).starts_with('=')) return one.substr(name.size() + 1);
  }
  return {};
}

std::string_view cookie_of(const HttpRequest& request, std::string_view name) {
  return value_in(request.header("Cookie"), ';', name);
}

bool is_token(std::string_view token) {
  constexpr std::size_t kLength = 43;
  return token.size() == kLength &&
         token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
             std::string_view::npos;
}

bool over_tls(const HttpRequest& request) { return request.header("X-Forwarded-Proto") == "https"; }

std::string set_cookie(const std::string& name_and_value, const std::string& path, std::int64_t seconds, bool secure) {
  return name_and_value + "; Path=" + path + "; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds) +
         (secure ? "; Secure" : "");
}

std::string set_framed_cookie(const std::string& name_and_value, std::int64_t seconds) {
  return name_and_value + "; Path=/; HttpOnly; SameSite=None; Secure; Partitioned; Max-Age=" + std::to_string(seconds);
}

}  // namespace bot
