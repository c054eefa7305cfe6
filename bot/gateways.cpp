#include "bot/gateways.hpp"

#include <boost/asio/ssl.hpp>

#include "adapters/registry.hpp"
#include "bot/gateway_line.hpp"
#include "bot/log.hpp"

namespace bot {
namespace {

Url url_of(const std::string& text) {  // ws -> http, wss -> https
  return text.starts_with("ws") ? parse_url("http" + text.substr(2)) : Url{};
}

Task<std::optional<Protocol::endpoint>> resolve(const Url& url, bool allow_private) {
  auto executor = co_await asio::this_coro::executor;
  Resolver resolver(executor);
  std::optional<Protocol::endpoint> out;
  auto resolving = resolver.async_resolve(url.host, url.port, kTuple);
  auto [ec, found] = co_await std::move(resolving);
  if (ec) co_return out;
  for (const auto& entry : found) {
    bool inside = private_address(entry.endpoint().address().to_string());
    if (inside && !allow_private) co_return std::nullopt;
    if (!out) out = entry.endpoint();
  }
  co_return out;
}

Task<void> keep(std::shared_ptr<GatewayParts::Line> line, asio::ssl::context& tls) {
  auto executor = co_await asio::this_coro::executor;
  Timer timer(executor);
  line->pause = &timer;
  std::chrono::seconds pause = kShortestPause;
  bool allow_private = !line->channel.setting("api_base").empty() || line->channel.setting("allow_private") == "true";
  while (!line->stopping) {
    Url url = url_of(line->connection->url());
    auto began = std::chrono::steady_clock::now();
    auto resolving = resolve(url, allow_private);
    auto endpoint = co_await std::move(resolving);
    if (endpoint && url.tls) {
      auto talking = GatewayParts::tls(line, url, *endpoint, tls);
      co_await std::move(talking);
    } else if (endpoint) {
      auto talking = GatewayParts::plain(line, url, *endpoint);
      co_await std::move(talking);
    }
    if (line->stopping) break;
    bool held = std::chrono::steady_clock::now() - began > kLongestPause;
    pause = held ? kShortestPause : std::min(pause * 2, kLongestPause);
    log(LogLevel::info, "gateway_closed",
        {{"channel", std::string_view(line->channel.name)}, {"again_in_s", std::int64_t{pause.count()}}});
    timer.expires_after(pause);
    auto waiting = timer.async_wait(kTuple);
    co_await std::move(waiting);
  }
  line->pause = nullptr;
}

}  // namespace

void GatewayParts::broken(Line& line, const std::string& why) {
  log(LogLevel::error, "channel_broken",
      {{"channel", std::string_view(line.channel.name)}, {"code", std::string_view(why)}});
  line.stopping = true;
}

Task<void> GatewayParts::plain(std::shared_ptr<Line> line, Url url, Protocol::endpoint endpoint) {
  auto executor = co_await asio::this_coro::executor;
  auto socket = std::make_shared<websocket::stream<Stream>>(executor);
  beast::get_lowest_layer(*socket).expires_after(kConnectDeadline);
  auto connecting = beast::get_lowest_layer(*socket).async_connect(endpoint, kTuple);
  auto [ec] = co_await std::move(connecting);
  if (ec) co_return;
  auto speaking = speak(line, socket, url);
  co_await std::move(speaking);
}

Gateways::Gateways(asio::io_context& context, const std::vector<adapters::Channel>& channels, Environment& environment,
                   Events events)
    : context_(context), tls_(std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client)) {
  tls_->set_default_verify_paths();
  tls_->set_verify_mode(asio::ssl::verify_peer);
  auto shared = std::make_shared<Events>(std::move(events));
  for (const auto& channel : channels) {
    auto connection = adapters::find(channel.platform)->connection(channel);
    if (!connection) continue;
    auto line = std::make_shared<Line>();
    line->channel = channel;
    line->connection = std::move(connection);
    line->environment = &environment;
    line->events = shared;
    lines_.push_back(std::move(line));
  }
}

Gateways::~Gateways() = default;

void Gateways::start() {
  for (auto& line : lines_) asio::co_spawn(context_, keep(line, *tls_), asio::detached);
}

void Gateways::stop() {
  for (auto& line : lines_) {
    line->stopping = true;
    if (line->close) line->close();
    if (line->pause != nullptr) line->pause->cancel();
  }
}

}  // namespace bot
