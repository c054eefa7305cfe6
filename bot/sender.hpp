// sender: brings what waits in the outbox to the platforms: one row = one call = one delivery; per person what is
// urgent first, and else in order. Limits: token buckets a bot and a chat (not for urgent messages), kMaxCallsInFlight
// a channel. Outcomes: delivered -> settled; retry -> by schedule with jitter, or as the platform says; rejected,
// stopped -> dead letter; unknown -> urgent and direct replies are sent again, unasked ones are not (a duplicate is
// better than silence only in need). Honest limit: killed between a call and its settling, a message is sent twice
// after the restart. Threads: everything runs on one io_context; add() from any. Tested by tests/sim and
// tests/e2e/telegram.mjs.
#pragma once
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/adapter.hpp"
#include "bot/environment.hpp"
#include "bot/http_client.hpp"
#include "bot/metrics.hpp"
#include "bot/store.hpp"

namespace bot {

inline constexpr int kMaxCallsInFlight = 32;             // a channel
inline constexpr std::chrono::hours kGiveUpAfter{24};    // then a dead letter
inline constexpr std::chrono::minutes kUnaskedLate{30};  // an unasked message later than this is dropped

class Sender {
 public:
  // stopped(address): the person blocked the bot. moved(address, new contact): the chat has a new id.
  struct Events {
    std::function<void(const Address&)> stopped;
    std::function<void(const Address&, const std::string&)> moved;
    std::function<void(const std::string& channel, std::string text, CallDone)>
        stream;  // over the channel's connection
  };
  Sender(boost::asio::io_context& context, Store& store, Caller& client, Environment& environment, Metrics& metrics,
         const std::vector<adapters::Channel>& channels, Events events);
  ~Sender();

  void open(const adapters::Channel& channel);                               // one more; before anything is sent
  void start();                                                              // pumps by itself from now on
  void add(std::vector<OutboxRow> rows);                                     // any thread
  void courtesy(const adapters::Channel& channel, adapters::HttpCall call);  // best effort: no retry, no record
  void ask(const adapters::Channel& channel, adapters::HttpCall call, CallDone done);  // any thread
  void pump();                                                                         // what may go by now, goes
  void stop();
  // Whether a message that is in no outbox (OutboxRow::id 0) has arrived, by its key; any thread.
  [[nodiscard]] bool arrived(const std::string& key) const;
  [[nodiscard]] std::size_t waiting() const { return waiting_; }

 private:
  struct Bucket {
    double tokens = 0, per_second = 1, most = 1;
    std::chrono::steady_clock::time_point at{};
    bool ready(std::chrono::steady_clock::time_point now);  // refills; true when one may be taken
  };
  struct Lane {                   // of one person on one channel
    std::vector<OutboxRow> rows;  // few
    bool busy = false;
    Bucket bucket;
    std::chrono::steady_clock::time_point not_before{}, typing_at{};
  };
  struct Line {  // of one channel
    adapters::Channel channel;
    const adapters::Adapter* adapter = nullptr;
    Bucket bucket;
    int in_flight = 0;
    std::chrono::steady_clock::time_point not_before{}, token_until{};
    bool token_asked = false;
    std::unordered_map<std::string, Lane> lanes;
    std::deque<std::string> urgent, ready;  // contacts whose first row may go
  };
  struct Ticker;

  void take(OutboxRow row);
  bool put(Lane& lane, OutboxRow row);
  bool has_token(Line& line);
  bool dropped(Line& line, const OutboxRow& row);
  void pump(Line& line);
  bool start(Line& line, const std::string& contact);
  void finished(Line& line, const std::string& contact, const OutboxRow& row, const adapters::HttpResult& result);
  void show_typing(const Line& line, Lane& lane, const std::string& contact);
  void retry(Lane& lane, OutboxRow row, std::chrono::seconds after);
  void settle(Settlement::Kind kind, const OutboxRow& row, std::string code = {});
  void tick();
  void look(rules::Time now, std::chrono::steady_clock::time_point steady_now);

  boost::asio::io_context& context_;
  Store& store_;
  Caller& client_;
  Environment& environment_;
  Metrics& metrics_;
  Events events_;
  std::map<std::string, Line> lines_;
  std::unique_ptr<Ticker> ticker_;
  std::chrono::steady_clock::time_point looked_at_{};
  std::minstd_rand jitter_;
  std::atomic<std::size_t> waiting_{0};
  mutable std::mutex arrived_mutex_;
  std::set<std::string> arrived_;
  bool stopping_ = false;
};

}  // namespace bot
