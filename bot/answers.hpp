// answers: what our own pages and paths have in common: refusals in JSON, the headers that harden a page, cookies.
// Threads: free functions.
#pragma once
#include "bot/http.hpp"

namespace bot {

HttpResponse refusal(int status, const std::string& reason);                   // {"error": reason}
void harden(HttpResponse& response, const std::string& framed_by = "'none'");  // CSP's frame-ancestors
// A form on a foreign page could post with somebody's cookie: SameSite=Strict refuses it, and so does who asks this.
bool foreign(const HttpRequest& request);
// Of "a=1; b=2" and the like; empty: there is none.
std::string_view value_in(std::string_view list, char separator, std::string_view name);
std::string_view cookie_of(const HttpRequest& request, std::string_view name);  // empty: there is none
bool is_token(std::string_view token);      // as environment.hpp makes them: 32 bytes in base64url
bool over_tls(const HttpRequest& request);  // as the proxy in front says
std::string set_cookie(const std::string& name_and_value, const std::string& path, std::int64_t seconds, bool secure);
// In a frame on another site: a cookie that belongs to that site's pages alone (CHIPS), so that no other site has a use
// for it.
std::string set_framed_cookie(const std::string& name_and_value, std::int64_t seconds);

}  // namespace bot
