// gateways: keeps the connections that some platforms want instead of webhooks (WebSockets: Discord's Gateway,
// Mattermost; plain streams: XMPP): dials out, carries texts between the socket and the adapter's Connection, dials
// again after a pause that doubles up to kLongestPause; stops where the platform says that an operator has to look. One
// connection a channel, and on several nodes held by one of them. Failure: a broken channel is logged as channel_broken
// and not tried again until the next start. Addresses of one's own network only where the channel allows them. Threads:
// one io_context's; start() before it runs, stop() on it. Source: Boost.Beast 1.81, websocket; RFC 6455. Tested by
// tests/e2e/gateways.mjs.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "adapters/adapter.hpp"
#include "bot/environment.hpp"

namespace boost::asio {
class io_context;
namespace ssl {
class context;
}
}  // namespace boost::asio

namespace bot {

inline constexpr std::chrono::seconds kShortestPause{1}, kLongestPause{60};

class Gateways {
 public:
  struct Events {
    std::function<void(const adapters::Channel&, std::vector<adapters::Update>)> said;
    std::function<void(const adapters::Channel&, adapters::HttpCall)> courtesy;
    std::function<bool(const adapters::Channel&)> ours;  // whether its connection is this process's to hold, now
  };
  Gateways(boost::asio::io_context& context, const std::vector<adapters::Channel>& channels, Environment& environment,
           Events events);
  ~Gateways();
  void start();
  void stop();
  // Over the channel's connection; `done` gets status 200 when it was written, 0 when there is no connection.
  void send(const std::string& channel, std::string text, const std::function<void(adapters::HttpResult)>& done);

 private:
  friend struct GatewayParts;
  struct Line;
  boost::asio::io_context& context_;
  std::unique_ptr<boost::asio::ssl::context> tls_;
  std::vector<std::shared_ptr<Line>> lines_;
};

}  // namespace bot
