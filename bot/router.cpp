#include "bot/router.hpp"

#include <charconv>

#include "adapters/signature.hpp"
#include "bot/answers.hpp"
#include "bot/config.hpp"
#include "bot/pages.hpp"

namespace bot {
namespace {

constexpr std::string_view kCookie = "steady_web";
constexpr std::int64_t kYear = 31'536'000;  // seconds

std::string_view token_of(const HttpRequest& request) { return cookie_of(request, kCookie); }

Address address_of(const std::string& channel, std::string_view token) {
  return {channel, adapters::sha256_hex(token).substr(0, 40)};
}

}  // namespace

void Router::handle(const HttpRequest& request, Answer answer) {
  std::string_view path = request.target.substr(0, request.target.find('?'));
  bool get = request.method == "GET" || request.method == "HEAD", post = request.method == "POST";
  if (path.starts_with(kHooks)) {  // any method: which ones a platform uses, its adapter knows
    std::string_view rest = path.substr(kHooks.size());
    std::string name(rest.substr(0, rest.find('/')));
    const auto* channel = webhooks_.channel(name);
    if (channel != nullptr && channel->platform == "web") return answer(refusal(404, "no such channel"));
    return webhooks_.handle(name, request, std::move(answer));
  }
  if (post && path == "/web/messages" && !web_channel_.empty()) {
    if (foreign(request)) return answer(refusal(403, "posted from another site"));
    return webhooks_.handle(web_channel_, request, std::move(answer));
  }
  if ((get || post) && path.starts_with(kAlarmPath)) {
    if (post && foreign(request)) return answer(refusal(403, "posted from another site"));
    HttpResponse r = alarms_.page(request.method, std::string(path.substr(kAlarmPath.size())));
    harden(r);
    return answer(std::move(r));
  }
  if (post && path.starts_with(kCanaryPath))
    return answer(canary_.arrived(path.substr(kCanaryPath.size()), request.body));
  if (get && path == "/web/events") return events(request, answer);
  if (post && path == "/web/shown") return shown(request, answer);
  if ((get || post) && path == "/web/push" && !web_channel_.empty()) {
    std::string_view token = token_of(request);
    if (post && foreign(request)) return answer(refusal(403, "posted from another site"));
    if (!is_token(token)) return answer(refusal(401, "open the page first: it gives the cookie"));
    return push_.handle(request, address_of(web_channel_, token), std::move(answer));
  }
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
  if (desk_ != nullptr && (get || post) && path.starts_with(kDeskApi)) return desk_->handle(request, std::move(answer));
  bool framed = path == "/embedded" || path == "/widget.js";
  if (framed && framed_by_.empty())
    return answer(refusal(404, "no other site may show the chat: embed: in the configuration names those that may"));
  std::string_view file = path == "/" || path == "/embedded" ? "index.html"
                          : path == kDeskPath                ? "desk.html"
                                                             : path.substr(1);
  if (get && (file.starts_with("desk") ? desk_ != nullptr : !web_channel_.empty()) && find_page(file) != nullptr)
    return answer(page(request, file, framed));
  bool known = path == "/" || path == "/web/messages" || path == "/web/events" || path == "/web/shown" ||
               path == "/healthz" || path == "/readyz" || path == "/metrics";
  answer(known ? refusal(405, "this path takes another method") : refusal(404, "no such path"));
}

HttpResponse Router::page(const HttpRequest& request, std::string_view file, bool framed) const {
  const Page* found = find_page(file);
  HttpResponse r;
  r.body = std::string(found->content);
  r.content_type = std::string(found->type);
  if (file == "index.html" && !is_token(token_of(request))) {
    std::string made = std::string(kCookie) + "=" + environment_.random_token();
    r.headers.emplace_back("Set-Cookie",
                           framed ? set_framed_cookie(made, kYear) : set_cookie(made, "/", kYear, over_tls(request)));
  }
  if (framed) harden(r, framed_by_);
  else harden(r);
  return r;
}

void Router::events(const HttpRequest& request, const Answer& answer) {
  std::string_view token = token_of(request);
  if (web_channel_.empty() || !is_token(token)) return answer(refusal(401, "open the page first: it gives the cookie"));
  HttpResponse r;
  r.stream = webchat_.listen(address_of(web_channel_, token));
  answer(std::move(r));
}

void Router::shown(const HttpRequest& request, const Answer& answer) {
  std::string_view token = token_of(request);
  std::int64_t up_to = 0;
  auto [end, ec] = std::from_chars(request.body.data(), request.body.data() + request.body.size(), up_to);
  if (!is_token(token)) return answer(refusal(401, "open the page first: it gives the cookie"));
  if (ec != std::errc{}) return answer(refusal(400, "the body is the number of the last message shown"));
  webchat_.shown(address_of(web_channel_, token), up_to);
  HttpResponse r;
  r.status = 204;
  answer(std::move(r));
}

}  // namespace bot
