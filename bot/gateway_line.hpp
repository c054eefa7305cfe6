// gateway_line: one channel's connection, for plain and for TLS sockets. Included by gateways.cpp and gateways_tls.cpp
// only: Beast's WebSocket costs twenty seconds of compilation a stream type.
#pragma once
#include <boost/beast/websocket.hpp>
#include <deque>

#include "adapters/connection.hpp"
#include "bot/gateways.hpp"
#include "bot/http_client.hpp"
#include "bot/net.hpp"

namespace bot {

namespace websocket = beast::websocket;

struct Gateways::Line {
  adapters::Channel channel;
  std::unique_ptr<adapters::Connection> connection;
  Environment* environment = nullptr;
  std::shared_ptr<const Events> events;
  struct Text {
    std::string text;
    std::function<void(adapters::HttpResult)> done;
  };
  std::deque<Text> out;
  bool writing = false, open = false, stopping = false;
  std::function<void()> close, write;  // of the socket of now
  Timer* pause = nullptr;
};

struct GatewayParts {
  using Line = Gateways::Line;
  static constexpr std::size_t kLongestText = 1 << 20;

  static Task<void> plain(std::shared_ptr<Line> line, Url url, Protocol::endpoint endpoint);
  static Task<void> bytes(std::shared_ptr<Line> line, Protocol::endpoint endpoint);
  static Task<void> tls(std::shared_ptr<Line> line, Url url, Protocol::endpoint endpoint, asio::ssl::context& context);

  // What the connection wants done. True: hang up.
  template <class Socket>
  static bool apply(const std::shared_ptr<Line>& line, const std::shared_ptr<Socket>& socket, adapters::Heard heard) {
    for (auto& call : heard.calls) line->events->courtesy(line->channel, std::move(call));
    if (!heard.updates.empty()) line->events->said(line->channel, std::move(heard.updates));
    for (auto& text : heard.say) line->out.push_back({std::move(text), nullptr});
    write(line, socket);
    if (!heard.broken.empty()) broken(*line, heard.broken);
    return heard.reconnect || line->stopping;
  }

  static void broken(Line& line, const std::string& why);

  template <class Socket>
  static void write(const std::shared_ptr<Line>& line, const std::shared_ptr<Socket>& socket) {
    if (line->writing || line->out.empty() || !line->open) return;
    line->writing = true;
    auto written = [line, socket](const beast::error_code& ec, std::size_t) {
      line->writing = false;
      auto done = std::move(line->out.front().done);
      line->out.pop_front();
      if (done) done(written_as(!ec));
      if (!ec) write(line, socket);
    };
    send(*socket, asio::buffer(line->out.front().text), std::move(written));
  }

  template <class Buffer, class Done>
  static void send(Stream& socket, Buffer buffer, Done done) {
    asio::async_write(socket, buffer, std::move(done));
  }
  template <class Socket, class Buffer, class Done>
  static void send(Socket& socket, Buffer buffer, Done done) {
    socket.async_write(buffer, std::move(done));
  }

  static adapters::HttpResult written_as(bool whole) {
    adapters::HttpResult out;
    out.status = whole ? 200 : 0;
    out.sent = true;
    return out;
  }

  // Once a second, for as long as the socket is open.
  template <class Socket>
  static Task<void> ticking(std::shared_ptr<Line> line, std::shared_ptr<Socket> socket) {
    auto executor = co_await asio::this_coro::executor;
    Timer timer(executor);
    while (line->open) {
      timer.expires_after(std::chrono::seconds(1));
      auto waiting = timer.async_wait(kTuple);
      co_await std::move(waiting);
      if (!line->open) co_return;
      auto wanted = line->connection->tick(line->environment->now());
      bool hang_up = apply(line, socket, std::move(wanted)) || !line->events->ours(line->channel);
      if (hang_up && line->close) line->close();
    }
  }

  template <class Socket>
  static void begin(const std::shared_ptr<Line>& line, const std::shared_ptr<Socket>& socket) {
    line->open = true;
    line->close = [socket] { beast::get_lowest_layer(*socket).close(); };
    line->write = [socket, weak = std::weak_ptr<Line>(line)] {
      if (auto alive = weak.lock()) write(alive, socket);
    };
    apply(line, socket, line->connection->opened(line->environment->now()));
  }

  static void end(Line& line, int code);

  // The socket is connected (and its TLS shaken): speaks until either side ends it.
  template <class Socket>
  static Task<void> speak(std::shared_ptr<Line> line, std::shared_ptr<Socket> socket, Url url) {
    auto executor = co_await asio::this_coro::executor;
    beast::get_lowest_layer(*socket).expires_never();
    socket->set_option(websocket::stream_base::timeout::suggested(beast::role_type::client));
    socket->read_message_max(kLongestText);
    bool usual = url.port == "443" || url.port == "80";
    std::string host = usual ? url.host : url.host + ":" + url.port;
    auto shaking = socket->async_handshake(host, url.target, kTuple);
    auto [shake_error] = co_await std::move(shaking);
    if (shake_error) co_return;
    begin(line, socket);
    asio::co_spawn(executor, ticking(line, socket), asio::detached);
    beast::flat_buffer buffer;
    for (;;) {
      auto reading = socket->async_read(buffer, kTuple);
      auto [ec, n] = co_await std::move(reading);
      if (ec) break;
      std::string text = beast::buffers_to_string(buffer.data());
      buffer.consume(buffer.size());
      auto wanted = line->connection->heard(text, line->environment->now());
      if (apply(line, socket, std::move(wanted))) break;
    }
    end(*line, static_cast<int>(socket->reason().code));
  }
};

}  // namespace bot
