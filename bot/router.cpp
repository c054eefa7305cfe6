#include "bot/router.hpp"

#include <charconv>

#include "adapters/signature.hpp"
#include "bot/config.hpp"
#include "bot/pages.hpp"

namespace bot {
namespace {

constexpr std::string_view kCookie = "steady_web=";
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; manifest-src "
    "'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

std::string_view token_of(const HttpRequest& request) {
  std::string_view cookies = request.header("Cookie");
  auto at = cookies.find(kCookie);
  if (at == std::string_view::npos) return {};
  cookies.remove_prefix(at + kCookie.size());
  return cookies.substr(0, cookies.find(';'));
}

Address address_of(const std::string& channel, std::string_view token) {
  return {channel, adapters::sha256_hex(token).substr(0, 40)};
}

HttpResponse error(int status, const std::string& reason) {
  HttpResponse out;
  out.status = status;
  out.body = "{\"error\":\"" + reason + "\"}";
  return out;
}

void harden(HttpResponse& r) {
  r.headers.emplace_back("X-Content-Type-Options", "nosniff");
  r.headers.emplace_back("Referrer-Policy", "no-referrer");
  r.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  r.headers.emplace_back("Cache-Control", "no-store");
  r.headers.emplace_back("Content-Security-Policy", std::string(kPolicy));
}

// As environment.hpp makes them: 32 bytes in base64url.
bool is_token(std::string_view token) {
  constexpr std::size_t kLength = 43;
  return token.size() == kLength &&
         token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
             std::string_view::npos;
}

// A form on a foreign page could post with the person's cookie: SameSite=Strict refuses it, and so does this.
bool foreign(const HttpRequest& request) {
  std::string_view site = request.header("Sec-Fetch-Site");
  return !site.empty() && site != "same-origin" && site != "none";
}

}  // namespace

void Router::handle(const HttpRequest& request, Answer answer) {
  std::string_view path = request.target.substr(0, request.target.find('?'));
  bool get = request.method == "GET" || request.method == "HEAD", post = request.method == "POST";
  if (path.starts_with(kHooks)) {  // any method: which ones a platform uses, its adapter knows
    std::string_view rest = path.substr(kHooks.size());
    std::string name(rest.substr(0, rest.find('/')));
    const auto* channel = webhooks_.channel(name);
    if (channel != nullptr && channel->platform == "web") return answer(error(404, "no such channel"));
    return webhooks_.handle(name, request, std::move(answer));
  }
  if (post && path == "/web/messages" && !web_channel_.empty()) {
    if (foreign(request)) return answer(error(403, "posted from another site"));
    return webhooks_.handle(web_channel_, request, std::move(answer));
  }
  if ((get || post) && path.starts_with(kAlarmPath)) {
    if (post && foreign(request)) return answer(error(403, "posted from another site"));
    HttpResponse r = alarms_.page(request.method, std::string(path.substr(kAlarmPath.size())));
    harden(r);
    return answer(std::move(r));
  }
  if (get && path == "/web/events") return events(request, answer);
  if (post && path == "/web/shown") return shown(request, answer);
  if (get && path == "/healthz") {
    HttpResponse ok;
    ok.body = "{\"alive\":true}";
    return answer(std::move(ok));
  }
  if (get && path == "/readyz") {
    bool ready = ready_();
    HttpResponse r;
    r.status = ready ? 200 : 503;
    r.body = ready ? "{\"ready\":true}" : "{\"ready\":false}";
    return answer(std::move(r));
  }
  if (get && path == "/metrics") {
    HttpResponse r;
    r.content_type = "text/plain; version=0.0.4";
    r.body = metrics_.text();
    return answer(std::move(r));
  }
  if (get && !web_channel_.empty()) {
    std::string_view file = path == "/" ? "index.html" : path.substr(1);
    if (find_page(file) != nullptr) return answer(page(request, file));
  }
  bool known = path == "/" || path == "/web/messages" || path == "/web/events" || path == "/web/shown" ||
               path == "/healthz" || path == "/readyz" || path == "/metrics";
  answer(known ? error(405, "this path takes another method") : error(404, "no such path"));
}

HttpResponse Router::page(const HttpRequest& request, std::string_view file) const {
  const Page* found = find_page(file);
  HttpResponse r;
  r.body = std::string(found->content);
  r.content_type = std::string(found->type);
  if (file == "index.html" && !is_token(token_of(request))) {
    bool secure = request.header("X-Forwarded-Proto") == "https";
    r.headers.emplace_back("Set-Cookie", std::string(kCookie) + environment_.random_token() +
                                             "; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000" +
                                             (secure ? "; Secure" : ""));
  }
  harden(r);
  return r;
}

void Router::events(const HttpRequest& request, const Answer& answer) {
  std::string_view token = token_of(request);
  if (web_channel_.empty() || !is_token(token)) return answer(error(401, "open the page first: it gives the cookie"));
  HttpResponse r;
  r.stream = webchat_.listen(address_of(web_channel_, token));
  answer(std::move(r));
}

void Router::shown(const HttpRequest& request, const Answer& answer) {
  std::string_view token = token_of(request);
  std::int64_t up_to = 0;
  auto [end, ec] = std::from_chars(request.body.data(), request.body.data() + request.body.size(), up_to);
  if (!is_token(token)) return answer(error(401, "open the page first: it gives the cookie"));
  if (ec != std::errc{}) return answer(error(400, "the body is the number of the last message shown"));
  webchat_.shown(address_of(web_channel_, token), up_to);
  HttpResponse r;
  r.status = 204;
  answer(std::move(r));
}

}  // namespace bot
