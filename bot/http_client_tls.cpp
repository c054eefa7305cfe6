// The TLS half of http_client: certificates verified against the system's roots, host name checked, SNI sent.
#include <boost/asio/ssl.hpp>
#include <boost/beast/ssl.hpp>

#include "bot/http_connection.hpp"

namespace bot {

Task<void> ClientParts::tls(std::shared_ptr<Host> host, asio::ssl::context& context) {
  while (!host->queue.empty()) {
    auto resolving = resolve(host);
    auto endpoint = co_await std::move(resolving);
    auto executor = co_await asio::this_coro::executor;
    beast::ssl_stream<Stream> stream(executor, context);
    beast::error_code failed = asio::error::access_denied;
    if (endpoint) {
      std::string name = host->url.host;
      SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
      stream.set_verify_callback(asio::ssl::host_name_verification(host->url.host));
      beast::get_lowest_layer(stream).expires_after(kConnectDeadline);
      auto connecting = beast::get_lowest_layer(stream).async_connect(*endpoint, kTuple);
      auto [connect_error] = co_await std::move(connecting);
      failed = connect_error;
      if (!failed) {
        auto shaking = stream.async_handshake(asio::ssl::stream_base::client, kTuple);
        auto [shake_error] = co_await std::move(shaking);
        failed = shake_error;
      }
    }
    if (failed) {
      if (host->queue.empty()) co_return;
      fail(host->queue.front(), false);
      host->queue.pop_front();
      continue;
    }
    auto serving = serve(host, stream);
    co_await std::move(serving);
  }
}

}  // namespace bot
