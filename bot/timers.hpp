// timers: looks every second which timers are due and takes each through the conversation, like a message.
// Threads: its own; stop() joins. Tested by tests/e2e/telegram.mjs.
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "bot/conversation.hpp"
#include "bot/metrics.hpp"

namespace bot {

inline constexpr std::chrono::seconds kLookEvery{1};
inline constexpr std::size_t kMaxDueAtOnce = 256;

class Timers {
 public:
  using Replies = std::function<void(const std::string& channel, std::vector<OutboxRow>)>;
  using LimitsOf = std::function<adapters::Limits(const std::string& channel)>;
  Timers(Store& store, Conversation& conversation, Environment& environment, Metrics& metrics, LimitsOf limits_of,
         Replies replies);
  void start();
  void stop();
  std::size_t fire();  // what is due now, once; waits until it is taken

 private:
  void run();

  Store& store_;
  Conversation& conversation_;
  Environment& environment_;
  Metrics& metrics_;
  LimitsOf limits_of_;
  Replies replies_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bot
