// connection: a platform that is listened to over a connection of ours: a WebSocket (ws://, wss://) or plain bytes
// (stream://). What it says, and what it is told. Pure: the clock is passed, the socket is bot/gateways'. Protocol:
// url() before each attempt, then opened(), then heard() for each text (of a stream: for the bytes as they come) and
// tick() each second, then closed(). A HttpCall whose url is kStream goes out over the channel's connection instead.
// Threads: one at a time. Tested by tests/adapters/connection_test.cpp.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/document.hpp"

namespace adapters {

inline constexpr std::string_view kStream = "stream:";

struct Heard {
  std::vector<Update> updates;
  std::vector<std::string> say;
  std::vector<HttpCall> calls;  // courtesies
  bool reconnect = false;       // hang up and begin again
  std::string broken;           // why it must not be tried again before an operator has looked; empty = it may

  void add(Update u) {
    if (!u.id.empty() && !u.contact.empty()) updates.push_back(std::move(u));
  }
};

class Connection {
 public:
  virtual ~Connection() = default;
  [[nodiscard]] virtual std::string url() const = 0;
  [[nodiscard]] virtual bool ready() const { return true; }  // to take what is sent
  virtual Heard opened(Time now) = 0;
  virtual Heard heard(std::string_view text, Time now) = 0;
  virtual Heard tick(Time now) = 0;
  virtual Heard closed(int code) = 0;  // the WebSocket's close code; 0 = none came
};

std::unique_ptr<Connection> discord_gateway(const Channel& channel);
std::unique_ptr<Connection> mattermost_socket(const Channel& channel);
std::unique_ptr<Connection> xmpp_stream(const Channel& channel);

// An interaction that came by the Gateway instead of over HTTP: what it says, and the answer to post back.
Received discord_interaction(Node interaction);

}  // namespace adapters
