#include "bot/http_server.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <stdexcept>

#include "bot/net.hpp"

namespace bot {

constexpr std::chrono::milliseconds kAcceptPause{50};  // where the system has no descriptor or memory to give

using Parser = http::request_parser<http::string_body>;

namespace {

int connections_to_have() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= kMaxConnections + kSpareDescriptors)
    return kMaxConnections;
  return std::max(static_cast<int>(files.rlim_cur) - kSpareDescriptors, 1);
}

}  // namespace

struct HttpServer::Acceptors {
  std::vector<std::unique_ptr<Acceptor>> list;
};

struct ServerParts {
  // The initiation of "ask the handler": a named class, because g++ 12.2 destroys lambdas inside co_await twice
  // (house.md).
  class Ask {
   public:
    Ask(HttpServer& server, const HttpRequest& request) : server_(server), request_(request) {}
    template <class Handler>
    void operator()(Handler&& handler) {
      auto waiting = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
      auto executor = asio::get_associated_executor(*waiting);
      server_.handler_(request_, [waiting, executor](HttpResponse response) {
        asio::post(executor, [waiting, response = std::move(response)]() mutable { (*waiting)(std::move(response)); });
      });
    }

   private:
    HttpServer& server_;
    const HttpRequest& request_;
  };

  static Task<void> listen(HttpServer& server, Acceptor& acceptor) {
    asio::steady_timer pause(acceptor.get_executor());
    for (;;) {
      auto accepting = acceptor.async_accept(kTuple);
      auto [ec, socket] = co_await std::move(accepting);
      if (ec == asio::error::operation_aborted || !acceptor.is_open()) co_return;
      if (ec) {
        pause.expires_after(kAcceptPause);
        auto waiting = pause.async_wait(kTuple);
        co_await std::move(waiting);
        continue;
      }
      if (server.connections_ >= server.most_) {
        beast::error_code ignored;
        socket.close(ignored);
        continue;
      }
      beast::error_code ignored;
      socket.set_option(Protocol::no_delay(true), ignored);
      auto executor = socket.get_executor();
      ++server.connections_;
      asio::co_spawn(executor, session(server, std::move(socket)),
                     [&server](const std::exception_ptr&) { --server.connections_; });
    }
  }

  static int status_of(const beast::error_code& ec) {
    if (ec == http::error::header_limit || ec == http::error::buffer_overflow) return 431;
    if (ec == http::error::body_limit) return 413;
    if (ec == beast::error::timeout) return 408;
    return ec.category() == http::make_error_code(http::error::bad_method).category() ? 400 : 0;
  }

  static std::string text_of(const HttpResponse& answer, bool keep, bool head_only) {
    std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " ";
    out += std::string_view(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(answer.status))));
    if (!answer.body.empty()) out.append("\r\nContent-Type: ").append(answer.content_type);
    for (const auto& [name, value] : answer.headers) out.append("\r\n").append(name).append(": ").append(value);
    if (answer.status != 204) out.append("\r\nContent-Length: ").append(std::to_string(answer.body.size()));
    out += keep ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
    return head_only ? out : out + answer.body;
  }

  // false: the connection ends here.
  static Task<bool> write(HttpServer& server, Stream& stream, HttpResponse answer, bool keep, bool head_only) {
    keep = keep && !server.stopping_;
    std::string text = text_of(answer, keep, head_only);
    stream.expires_after(kRequestDeadline);
    auto writing = asio::async_write(stream, asio::buffer(text), kTuple);
    auto [ec, bytes] = co_await std::move(writing);
    co_return !ec && keep;
  }

  static Task<void> stream_events(HttpServer& server, Stream& stream, HttpResponse answer) {
    auto executor = co_await asio::this_coro::executor;
    auto timer = std::make_shared<Timer>(executor);
    std::weak_ptr<Timer> weak = timer;
    answer.stream->on_push([executor, weak] {
      asio::post(executor, [weak] {
        if (auto t = weak.lock()) t->cancel();
      });
    });
    std::string out =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: "
        "no\r\nConnection: close\r\n\r\n: hello\n\n";
    while (!server.stopping_) {
      for (std::string chunk; answer.stream->take(chunk);) out += chunk;
      if (out.empty()) {
        if (answer.stream->closed()) break;
        timer->expires_after(kStreamPing);
        auto pausing = timer->async_wait(kTuple);
        auto [ec] = co_await std::move(pausing);
        if (!ec) out = ": ping\n\n";
        continue;
      }
      stream.expires_after(kRequestDeadline);
      auto writing = asio::async_write(stream, asio::buffer(out), kTuple);
      auto [ec, bytes] = co_await std::move(writing);
      if (ec) break;
      out.clear();
    }
    answer.stream->close();
  }

  static Task<void> session(HttpServer& server, Socket socket) {
    beast::error_code ignored;
    std::string remote = socket.remote_endpoint(ignored).address().to_string();
    Stream stream(std::move(socket));
    beast::flat_buffer buffer(kMaxBuffered);  // an endless chunk extension counts neither as head nor as body
    for (bool keep = true, first = true; keep; first = false) {
      Parser parser;
      parser.header_limit(kMaxHeadBytes);
      parser.body_limit(kMaxBodyBytes);
      parser.eager(true);
      if (buffer.size() == 0) {  // between requests a connection may idle; a begun request may not
        stream.expires_after(first ? kRequestDeadline : kIdleDeadline);
        auto waiting = stream.async_read_some(buffer.prepare(kReadAhead), kTuple);
        auto [failed, bytes] = co_await std::move(waiting);
        if (failed) co_return;
        buffer.commit(bytes);
      }
      beast::error_code ec;
      buffer.consume(parser.put(buffer.data(), ec));
      if (ec == http::error::need_more || (!ec && !parser.is_done())) {
        stream.expires_after(kRequestDeadline);
        auto reading = http::async_read(stream, buffer, parser, kTuple);
        auto [failed, bytes] = co_await std::move(reading);
        ec = failed;
      }
      if (ec) {
        HttpResponse refusal;
        refusal.status = status_of(ec);
        if (refusal.status == 0 || ec == http::error::end_of_stream || ec == http::error::partial_message) co_return;
        refusal.body = "{\"error\":\"" + ec.message() + "\"}";
        auto writing = write(server, stream, std::move(refusal), false, false);
        co_await std::move(writing);
        co_return;
      }
      const auto& message = parser.get();
      auto method = message.method_string(), target = message.target();
      HttpRequest request{{method.data(), method.size()},
                          {target.data(), target.size()},
                          message.body(),
                          remote,
                          [&message](std::string_view name) {
                            auto it = message.find(beast::string_view(name.data(), name.size()));
                            return it == message.end() ? std::string_view()
                                                       : std::string_view(it->value().data(), it->value().size());
                          }};
      keep = message.keep_alive();
      HttpResponse answer;
      if (server.in_flight_ >= kMaxInFlight) {
        answer.status = 503;
        answer.headers.emplace_back("Retry-After", "1");
      } else {
        ++server.in_flight_;
        Ask ask(server, request);
        stream.expires_never();
        auto asking = asio::async_initiate<decltype(kAwait), void(HttpResponse)>(ask, kAwait);
        answer = co_await std::move(asking);
        --server.in_flight_;
      }
      if (answer.stream) {
        auto streaming = stream_events(server, stream, std::move(answer));
        co_await std::move(streaming);
        co_return;
      }
      auto writing = write(server, stream, std::move(answer), keep, message.method() == http::verb::head);
      keep = co_await std::move(writing);
    }
  }
};

HttpServer::HttpServer(std::string address, unsigned short port, std::vector<asio::io_context*> contexts,
                       HttpHandler handler)
    : address_(std::move(address)),
      port_(port),
      contexts_(std::move(contexts)),
      handler_(std::move(handler)),
      most_(connections_to_have()),
      acceptors_(std::make_unique<Acceptors>()) {}

HttpServer::~HttpServer() = default;

void HttpServer::start() {
  beast::error_code ec;
  auto ip = asio::ip::make_address(address_, ec);
  if (ec) throw std::runtime_error("listen.address '" + address_ + "' is not an IP address");
  for (auto* context : contexts_) {
    auto acceptor = std::make_unique<Acceptor>(*context);
    Protocol::endpoint endpoint(ip, port_);
    acceptor->open(endpoint.protocol(), ec);
    if (!ec) acceptor->set_option(asio::socket_base::reuse_address(true), ec);
    if (!ec && contexts_.size() > 1)
      acceptor->set_option(asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>(true), ec);
    if (!ec) acceptor->bind(endpoint, ec);
    if (!ec) acceptor->listen(4096, ec);
    if (ec)
      throw std::runtime_error("cannot listen on " + address_ + ":" + std::to_string(port_) + ": " + ec.message());
    if (port_ == 0) port_ = acceptor->local_endpoint().port();  // the others share it
    auto& ref = *acceptor;
    acceptors_->list.push_back(std::move(acceptor));
    asio::co_spawn(*context, ServerParts::listen(*this, ref), [](const std::exception_ptr& failed) {
      if (failed) std::rethrow_exception(failed);
    });
  }
}

void HttpServer::stop_accepting() {
  stopping_ = true;
  for (auto& acceptor : acceptors_->list)
    asio::post(acceptor->get_executor(), [&a = *acceptor] {
      beast::error_code ignored;
      a.close(ignored);
    });
}

}  // namespace bot
