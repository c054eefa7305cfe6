#include "bot/gateways.hpp"

#include <boost/asio/ssl.hpp>

#include "adapters/registry.hpp"
#include "bot/gateway_line.hpp"
#include "bot/log.hpp"

namespace bot {
namespace {

constexpr std::string_view kBytes = "stream://";

Url url_of(const std::string& text) {  // ws -> http, wss -> https
  if (text.starts_with(kBytes)) return parse_url("http://" + text.substr(kBytes.size()));
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
  while (!line->stopping) {
    if (!line->events->ours(line->channel)) {  // another node's
      timer.expires_after(kShortestPause);
      auto waiting = timer.async_wait(kTuple);
      co_await std::move(waiting);
      continue;
    }
    std::string address = line->connection->url();
    Url url = url_of(address);
    bool stream = address.starts_with(kBytes);  // without TLS: only ever to a server of one's own
    auto began = std::chrono::steady_clock::now();
    auto resolving = resolve(url, line->channel.own_network() || stream);
    auto endpoint = co_await std::move(resolving);
    if (endpoint && stream) {
      auto talking = GatewayParts::bytes(line, *endpoint);
      co_await std::move(talking);
    } else if (endpoint && url.tls) {
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

void GatewayParts::end(Line& line, int code) {
  line.open = false;
  line.close = line.write = nullptr;
  std::size_t kept = line.writing ? 1 : 0;  // its handler is still to come
  while (line.out.size() > kept) {
    auto done = std::move(line.out.back().done);
    line.out.pop_back();
    if (done) done({});
  }
  auto last = line.connection->closed(code);
  if (!last.broken.empty()) broken(line, last.broken);
}

Task<void> GatewayParts::bytes(std::shared_ptr<Line> line, Protocol::endpoint endpoint) {
  auto executor = co_await asio::this_coro::executor;
  auto socket = std::make_shared<Stream>(executor);
  socket->expires_after(kConnectDeadline);
  auto connecting = socket->async_connect(endpoint, kTuple);
  auto [connect_error] = co_await std::move(connecting);
  if (connect_error) co_return;
  socket->expires_never();
  begin(line, socket);
  asio::co_spawn(executor, ticking(line, socket), asio::detached);
  std::string buffer(kReadAhead, '\0');
  for (;;) {
    auto reading = socket->async_read_some(asio::buffer(buffer), kTuple);
    auto [ec, n] = co_await std::move(reading);
    if (ec) break;
    auto wanted = line->connection->heard(std::string_view(buffer).substr(0, n), line->environment->now());
    if (apply(line, socket, std::move(wanted))) break;
  }
  end(*line, 0);
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
    : context_(context), tls_(client_tls()) {
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

void Gateways::send(const std::string& channel, std::string text,
                    const std::function<void(adapters::HttpResult)>& done) {
  for (auto& line : lines_) {
    if (line->channel.name != channel || !line->open || !line->connection->ready()) continue;
    line->out.push_back({std::move(text), done});
    return line->write();
  }
  done({});
}

void Gateways::stop() {
  for (auto& line : lines_) {
    line->stopping = true;
    if (line->close) line->close();
    if (line->pause != nullptr) line->pause->cancel();
  }
}

}  // namespace bot
