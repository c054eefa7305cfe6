// http_client: outgoing HTTP/1.1: kept connections a host, TLS verified with SNI and host name, a deadline a call, a
// limit on the answer, no redirects. Private, loopback and link-local addresses are refused unless the call allows
// them: the address is resolved once, checked, and then connected to (no rebinding). Failure: HttpResult::status 0 with
// `sent` false (never left) or true (may have arrived). Threads: one io_context's; call() from its thread, callbacks on
// it. Tested by tests/bot/http_client_test.cpp.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "adapters/adapter.hpp"

namespace boost::asio {
class io_context;
namespace ssl {
class context;
}
}  // namespace boost::asio

namespace bot {

inline constexpr std::chrono::seconds kCallDeadline{20};
inline constexpr std::chrono::seconds kConnectDeadline{5};
inline constexpr std::chrono::seconds kKeepIdle{30};
inline constexpr std::size_t kMaxAnswerBytes = 256 << 10;
inline constexpr int kMaxConnectionsPerHost = 32;

struct Url {
  bool tls = true;
  std::string host, port, target;
};
// Empty host: not an http(s) URL, or one with user information.
Url parse_url(const std::string& url);
bool private_address(
    const std::string& ip);  // loopback, private, link-local, CGNAT, multicast, mapped and translated forms

// TLS 1.2 and later, certificates verified against the system's roots.
std::unique_ptr<boost::asio::ssl::context> client_tls(bool verify = true);

using CallDone = std::function<void(adapters::HttpResult)>;

class Caller {  // whoever makes a call: the client below, and the network of a simulation
 public:
  virtual ~Caller() = default;
  virtual void call(adapters::HttpCall call, bool allow_private, CallDone done) = 0;
};

class HttpClient final : public Caller {
 public:
  HttpClient(boost::asio::io_context& context, bool verify_tls = true);
  ~HttpClient() override;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  void call(adapters::HttpCall call, bool allow_private, CallDone done) override;
  void stop();

 private:
  friend struct ClientParts;
  struct Pending;
  struct Host;
  boost::asio::io_context& context_;
  std::unique_ptr<boost::asio::ssl::context> tls_;
  std::map<std::string, std::shared_ptr<Host>> hosts_;
  bool stopping_ = false;
};

}  // namespace bot
