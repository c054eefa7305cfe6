// canary: a made-up message of somebody in danger, every kCanaryEvery. In every language that is installed: whether it
// is still heard, and its first reply still urgent and with a live route. And through the whole path: signed and posted
// to this service's own port on a channel of its own (platform generic, in no configuration), read, decided, kept, sent
// by the sender, and back at kCanaryPath within kCanaryWithin. Of it stays a stranger's record (Conversation): nobody
// is called and nothing counted. While it fails, or has not run, the heartbeat of people on call stays out
// (alarms.hpp), and the metric steady_state{what="canary"} is 0. What it does not try: the platforms' own ways in and
// out. Threads: any. Tested by tests/bot/canary_test.cpp and tests/e2e/canary.mjs.
#pragma once
#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "bot/environment.hpp"
#include "bot/http.hpp"
#include "bot/http_client.hpp"
#include "rules/pack.hpp"

namespace bot {

inline constexpr std::chrono::minutes kCanaryEvery{5};
inline constexpr std::chrono::seconds kCanaryAgain{30};        // while it fails
inline constexpr std::chrono::seconds kCanaryWithin{10};       // what is later than this, is not counted on
inline constexpr std::string_view kCanaryChannel = ".canary";  // no name that a configuration can give
inline constexpr std::string_view kCanaryPath = "/canary/";    // and a token

// What is wrong with the words, by language; empty = nothing.
std::string canary(const rules::Pack& pack, rules::Time now);

class Canary {
 public:
  using Call = std::function<void(adapters::HttpCall, CallDone)>;  // to an address of this machine

  Canary(Environment& environment, Call call);
  // Where this service listens. For the sender and the webhooks, before anything is sent or taken.
  adapters::Channel channel(const std::string& address, unsigned short port);
  void run(const rules::Pack* pack);  // what is due; to be called every second
  HttpResponse arrived(std::string_view token, std::string_view body);
  [[nodiscard]] bool well() const { return well_; }

 private:
  using Steady = std::chrono::steady_clock::time_point;
  void post();
  void failed(const std::string& how);  // with mutex_ held

  Environment& environment_;
  Call call_;
  adapters::Channel channel_;
  std::string base_, token_, contact_;
  std::mutex mutex_;
  std::optional<Steady> next_, posted_;  // posted_: on its way
  std::atomic<bool> well_{false};
};

}  // namespace bot
