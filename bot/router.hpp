// router: which path goes where. The whole public surface of the service stands in router.cpp, in one list.
#pragma once
#include "bot/alarms.hpp"
#include "bot/canary.hpp"
#include "bot/desk.hpp"
#include "bot/http.hpp"
#include "bot/metrics.hpp"
#include "bot/push.hpp"
#include "bot/webchat.hpp"
#include "bot/webhooks.hpp"

namespace bot {

class Router {
 public:
  // desk: null where the configuration has none.
  Router(Webhooks& webhooks, WebChat& webchat, Push& push, Alarms& alarms, Canary& canary, Desk* desk,
         Environment& environment, Metrics& metrics, std::string web_channel, const std::vector<std::string>& embed,
         std::function<bool()> ready)
      : webhooks_(webhooks),
        webchat_(webchat),
        push_(push),
        alarms_(alarms),
        canary_(canary),
        desk_(desk),
        environment_(environment),
        metrics_(metrics),
        web_channel_(std::move(web_channel)),
        ready_(std::move(ready)) {
    for (const auto& origin : embed) framed_by_ += (framed_by_.empty() ? "" : " ") + origin;
  }
  void handle(const HttpRequest& request, Answer answer);

 private:
  HttpResponse page(const HttpRequest& request, std::string_view file, bool framed) const;
  void events(const HttpRequest& request, const Answer& answer);
  void shown(const HttpRequest& request, const Answer& answer);

  Webhooks& webhooks_;
  WebChat& webchat_;
  Push& push_;
  Alarms& alarms_;
  Canary& canary_;
  Desk* desk_;
  Environment& environment_;
  Metrics& metrics_;
  std::string web_channel_;
  std::string framed_by_;  // origins, as CSP takes them; empty: the chat is in nobody's frame
  std::function<bool()> ready_;
};

}  // namespace bot
