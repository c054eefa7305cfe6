#include "bot/http_client.hpp"

#include <boost/asio/ssl.hpp>

#include "bot/http_connection.hpp"

namespace bot {

Url parse_url(const std::string& url) {
  Url out;
  std::string rest;
  if (url.starts_with("https://")) {
    rest = url.substr(8);
  } else if (url.starts_with("http://")) {
    out.tls = false;
    rest = url.substr(7);
  } else {
    return {};
  }
  std::size_t slash = rest.find_first_of("/?#");
  std::string authority = rest.substr(0, slash);
  out.target =
      slash == std::string::npos
          ? "/"
          : rest.substr(slash, rest.find('#') == std::string::npos ? std::string::npos : rest.find('#') - slash);
  if (out.target.empty() || out.target[0] != '/') out.target = "/" + out.target;
  if (authority.empty() || authority.find_first_of("@ \t\\") != std::string::npos) return {};
  out.port = out.tls ? "443" : "80";
  std::size_t colon = authority.rfind(':');
  if (authority.starts_with('[')) {
    std::size_t close = authority.find(']');
    if (close == std::string::npos) return {};
    out.host = authority.substr(1, close - 1);
    if (close + 1 < authority.size()) out.port = authority.substr(close + 2);
  } else {
    out.host = authority.substr(0, colon);
    if (colon != std::string::npos) out.port = authority.substr(colon + 1);
  }
  if (out.port.empty() || out.port.find_first_not_of("0123456789") != std::string::npos) return {};
  return out;
}

bool private_address(const std::string& ip) {
  boost::system::error_code ec;
  auto address = asio::ip::make_address(ip, ec);
  if (ec) return true;
  if (address.is_v6()) {
    auto v6 = address.to_v6();
    auto b = v6.to_bytes();
    if (v6.is_v4_mapped()) return private_address(asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string());
    bool nat64 = b[0] == 0 && b[1] == 0x64 && b[2] == 0xff && b[3] == 0x9b;
    return v6.is_loopback() || v6.is_unspecified() || v6.is_link_local() || v6.is_multicast() ||
           (b[0] & 0xfe) == 0xfc || nat64;
  }
  auto v = address.to_v4().to_uint();
  auto in = [v](unsigned a, unsigned b, int bits) { return v >> (32 - bits) == (a << 24 | b << 16) >> (32 - bits); };
  return in(0, 0, 8) || in(10, 0, 8) || in(100, 64, 10) || in(127, 0, 8) || in(169, 254, 16) || in(172, 16, 12) ||
         in(192, 168, 16) || (v >> 8) == 0xC00000 || in(198, 18, 15) || v >> 28 >= 14;
}

std::unique_ptr<asio::ssl::context> client_tls(bool verify) {
  auto out = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  out->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                   asio::ssl::context::no_tlsv1_1);
  out->set_default_verify_paths();
  out->set_verify_mode(verify ? asio::ssl::verify_peer : asio::ssl::verify_none);
  return out;
}

HttpClient::HttpClient(asio::io_context& context, bool verify_tls) : context_(context), tls_(client_tls(verify_tls)) {}

HttpClient::~HttpClient() = default;

void HttpClient::stop() {
  stopping_ = true;
  for (auto& [name, host] : hosts_) {
    for (auto& pending : host->queue) ClientParts::fail(pending, false);
    host->queue.clear();
    host->stopping = true;
    while (!host->sleepers.empty()) host->wake_one();
  }
}

void HttpClient::call(adapters::HttpCall call, bool allow_private, CallDone done) {
  Url url = parse_url(call.url);
  if (url.host.empty() || stopping_) return done({});
  auto& host = hosts_[url.host + ":" + url.port + (url.tls ? "s" : "") + (allow_private ? "p" : "")];
  if (!host) host = std::make_shared<Host>(url, allow_private);
  host->queue.push_back({std::move(call), url.target, std::move(done)});
  if (!host->sleepers.empty()) {
    host->wake_one();
  } else if (host->connections < kMaxConnectionsPerHost) {
    ++host->connections;
    auto ended = [host](const std::exception_ptr& failed) {
      --host->connections;
      if (host->connections == 0 || failed)  // nobody is left to take them
        for (; !host->queue.empty(); host->queue.pop_front()) ClientParts::fail(host->queue.front(), false);
    };
    if (url.tls) {
      asio::co_spawn(context_, ClientParts::tls(host, *tls_), ended);
    } else {
      asio::co_spawn(context_, ClientParts::plain(host), ended);
    }
  }
}

Task<void> ClientParts::plain(std::shared_ptr<Host> host) {
  while (!host->queue.empty()) {
    auto resolving = resolve(host);
    auto endpoint = co_await std::move(resolving);
    auto executor = co_await asio::this_coro::executor;
    Stream stream(executor);
    beast::error_code failed = asio::error::access_denied;
    if (endpoint) {
      stream.expires_after(kConnectDeadline);
      auto connecting = stream.async_connect(*endpoint, kTuple);
      auto [ec] = co_await std::move(connecting);
      failed = ec;
    }
    if (failed) {
      if (host->queue.empty()) co_return;
      fail(host->queue.front(), false);
      host->queue.pop_front();
      continue;
    }
    beast::error_code ignored;
    stream.socket().set_option(Protocol::no_delay(true), ignored);
    auto serving = serve(host, stream);
    co_await std::move(serving);
  }
}

}  // namespace bot
