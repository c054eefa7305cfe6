// net: the types of Asio and Beast that server and client are made of, bound to the io_context's own executor: the
// type-erased any_io_executor costs a virtual call and a counted copy at every operation. Source: Boost 1.81.
#pragma once
#include <boost/asio.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace bot {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

using Executor = asio::io_context::executor_type;
template <class T>
using Task = asio::awaitable<T, Executor>;
using Protocol = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Protocol, Executor>;
using Acceptor = asio::basic_socket_acceptor<Protocol, Executor>;
using Resolver = asio::ip::basic_resolver<Protocol, Executor>;
using Stream = beast::basic_stream<Protocol, Executor>;  // with deadlines
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

// Completion: co_await gives (error_code, ...) as a tuple; nothing throws.
inline constexpr asio::use_awaitable_t<Executor> kAwait{};
inline constexpr auto kTuple = asio::as_tuple(kAwait);

inline constexpr std::size_t kReadAhead = 8 << 10;  // bytes a connection reads at once: most requests come in one piece

}  // namespace bot
