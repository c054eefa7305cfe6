// http_server: HTTP/1.1 over Beast coroutines: one io_context a core with its own SO_REUSEPORT acceptor, keep-alive,
// every limit named here. The handler runs on the connection's thread and answers from any thread. Limits answer for
// themselves: 431 head, 413 body, 400 malformed, 408 slow, 503 too much in flight; then the connection closes. TLS is a
// proxy's in front (deploy/). Source: Boost 1.81 Beast; performance.md 12. Threads: start/stop from one. Tested by
// tests/e2e/bad_input.mjs.
#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bot/http.hpp"

namespace boost::asio {
class io_context;
}

namespace bot {

inline constexpr std::size_t kMaxHeadBytes = 16 << 10;
inline constexpr std::size_t kMaxBodyBytes = 256 << 10;
inline constexpr std::size_t kMaxBuffered = 80 << 10;  // read and not yet understood: a head, or the head of a chunk
inline constexpr std::chrono::seconds kRequestDeadline{10};  // to read one request, and to write one answer
inline constexpr std::chrono::seconds kIdleDeadline{75};     // between two requests of a kept connection
inline constexpr std::chrono::seconds kStreamPing{20};       // a comment on an event stream, so that proxies keep it
inline constexpr int kMaxConnections = 10'000;  // fewer where the system gives this process fewer descriptors
inline constexpr int kSpareDescriptors = 256;   // of them: for the database, the spool and the calls to platforms
inline constexpr int kMaxInFlight = 1'024;

class HttpServer {
 public:
  HttpServer(std::string address, unsigned short port, std::vector<boost::asio::io_context*> contexts,
             HttpHandler handler);
  ~HttpServer();
  void start();  // throws std::runtime_error when the address cannot be had
  void stop_accepting();
  [[nodiscard]] unsigned short port() const { return port_; }
  [[nodiscard]] int in_flight() const { return in_flight_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  friend struct ServerParts;
  std::string address_;
  unsigned short port_;
  std::vector<boost::asio::io_context*> contexts_;
  HttpHandler handler_;
  int most_;
  std::atomic<int> in_flight_{0}, connections_{0};
  std::atomic<bool> stopping_{false};
  struct Acceptors;
  std::unique_ptr<Acceptors> acceptors_;
};

}  // namespace bot
