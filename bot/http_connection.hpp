// http_connection: what one kept outgoing connection does, for plain and for TLS streams. Included by http_client.cpp
// and http_client_tls.cpp only: each stream type costs eight seconds of compilation, so each has a file.
#pragma once
#include <deque>

#include "bot/http_client.hpp"
#include "bot/net.hpp"

namespace bot {

struct HttpClient::Pending {
  adapters::HttpCall call;
  std::string target;
  CallDone done;
};

struct HttpClient::Host {
  Host(Url u, bool allow) : url(std::move(u)), allow_private(allow) {}
  void wake_one() {
    if (sleepers.empty()) return;
    sleepers.back()->cancel();
    sleepers.pop_back();
  }
  Url url;
  bool allow_private, stopping = false;
  std::deque<Pending> queue;
  int connections = 0;
  std::vector<Timer*> sleepers;  // of idle connections; cancelled one by one as calls come
};

struct ClientParts {
  using Host = HttpClient::Host;
  using Pending = HttpClient::Pending;

  static Task<void> plain(std::shared_ptr<Host> host);
  static Task<void> tls(std::shared_ptr<Host> host, asio::ssl::context& context);

  static void fail(Pending& pending, bool sent) {
    adapters::HttpResult result;
    result.sent = sent;
    pending.done(std::move(result));
  }

  // The first address that may be connected to; none when all are forbidden or nothing resolves.
  static Task<std::optional<Protocol::endpoint>> resolve(std::shared_ptr<Host> host) {
    auto executor = co_await asio::this_coro::executor;
    Resolver resolver(executor);
    auto resolving = resolver.async_resolve(host->url.host, host->url.port, kTuple);
    auto [ec, found] = co_await std::move(resolving);
    std::optional<Protocol::endpoint> out;
    if (ec) co_return out;
    for (const auto& entry : found) {
      if (!host->allow_private && private_address(entry.endpoint().address().to_string())) {
        out.reset();
        co_return out;
      }
      if (!out) out = entry.endpoint();
    }
    co_return out;
  }

  static std::string text_of(const Pending& pending, const Url& url) {
    const adapters::HttpCall& call = pending.call;
    std::string out = call.method + " " + pending.target + " HTTP/1.1\r\nHost: " + url.host;
    if (url.port != "443" && url.port != "80") out.append(":").append(url.port);
    if (std::none_of(call.headers.begin(), call.headers.end(), [](const auto& h) { return h.first == "User-Agent"; }))
      out += "\r\nUser-Agent: Steady";
    for (const auto& [name, value] : call.headers) out.append("\r\n").append(name).append(": ").append(value);
    out.append("\r\nContent-Length: ").append(std::to_string(call.body.size())).append("\r\n\r\n");
    return out + call.body;
  }

  // Calls one after the other over `stream`, until it is idle for kKeepIdle or breaks.
  template <class AnyStream>
  static Task<void> serve(std::shared_ptr<Host> host, AnyStream& stream) {
    beast::flat_buffer buffer;
    buffer.reserve(kReadAhead);
    auto executor = co_await asio::this_coro::executor;
    Timer wake(executor);
    bool fresh = true;
    for (;;) {
      if (host->queue.empty()) {
        host->sleepers.push_back(&wake);
        wake.expires_after(kKeepIdle);
        auto pausing = wake.async_wait(kTuple);
        auto [ec] = co_await std::move(pausing);
        std::erase(host->sleepers, &wake);
        if (host->queue.empty() && (!ec || host->stopping)) co_return;
        continue;
      }
      Pending pending = std::move(host->queue.front());
      host->queue.pop_front();
      std::string request = text_of(pending, host->url);
      beast::get_lowest_layer(stream).expires_after(kCallDeadline);
      auto writing = asio::async_write(stream, asio::buffer(request), kTuple);
      auto [write_error, written] = co_await std::move(writing);
      http::response_parser<http::string_body> parser;
      parser.body_limit(kMaxAnswerBytes);
      beast::error_code read_error = write_error;
      if (!write_error) {
        auto reading = http::async_read(stream, buffer, parser, kTuple);
        auto [ec, n] = co_await std::move(reading);
        read_error = ec;
      }
      if (read_error) {
        bool nothing_came = read_error == http::error::end_of_stream || read_error == asio::error::connection_reset ||
                            read_error == asio::error::broken_pipe;
        if (!fresh && nothing_came) {  // a kept connection that the other side had closed: once more on a new one
          host->queue.push_front(std::move(pending));
        } else {
          fail(pending, true);
        }
        co_return;
      }
      fresh = false;
      adapters::HttpResult result;
      result.status = static_cast<int>(parser.get().result_int());
      result.sent = true;
      auto after = parser.get().find(http::field::retry_after);
      if (after != parser.get().end()) result.retry_after.assign(after->value().data(), after->value().size());
      bool keep = parser.get().keep_alive();
      result.body = std::move(parser.get().body());
      pending.done(std::move(result));
      if (!keep) co_return;
    }
  }
};

}  // namespace bot
