// The TLS half of gateways: certificates verified against the system's roots, host name checked, SNI sent.
#include <boost/asio/ssl.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "bot/gateway_line.hpp"

namespace bot {

Task<void> GatewayParts::tls(std::shared_ptr<Line> line, Url url, Protocol::endpoint endpoint,
                             asio::ssl::context& context) {
  auto executor = co_await asio::this_coro::executor;
  auto socket = std::make_shared<websocket::stream<beast::ssl_stream<Stream>>>(executor, context);
  auto& secure = socket->next_layer();
  std::string name = url.host;
  SSL_ctrl(secure.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  secure.set_verify_callback(asio::ssl::host_name_verification(url.host));
  beast::get_lowest_layer(*socket).expires_after(kConnectDeadline);
  auto connecting = beast::get_lowest_layer(*socket).async_connect(endpoint, kTuple);
  auto [connect_error] = co_await std::move(connecting);
  if (connect_error) co_return;
  auto shaking = secure.async_handshake(asio::ssl::stream_base::client, kTuple);
  auto [shake_error] = co_await std::move(shaking);
  if (shake_error) co_return;
  auto speaking = speak(line, socket, url);
  co_await std::move(speaking);
}

}  // namespace bot
