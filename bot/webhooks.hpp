// webhooks: what a platform posts: verify and parse (adapters/), take (conversation), answer after the commit and never
// before; with the store away, after the update is synced to the spool. 401/400/413/503 by the adapter's refusal, with
// a reason; nothing of a refused request is used. Whoever may be in danger waits kHelpWithin for an answer at most,
// then one is made from the message alone, whatever holds the turn up: a queue, the spool, a store that is slow or
// away. Threads: any. Tested by tests/bot/webhooks_test.cpp and tests/e2e/.
#pragma once
#include <functional>
#include <map>
#include <mutex>

#include "bot/conversation.hpp"
#include "bot/http.hpp"
#include "bot/metrics.hpp"
#include "bot/spool.hpp"

namespace bot {

struct Dispatch {  // what becomes of replies and courtesies; wired by app.cpp
  std::function<void(const adapters::Channel&, std::vector<OutboxRow>)> replies;
  std::function<void(const adapters::Channel&, adapters::HttpCall)> courtesy;
  std::function<void(const adapters::Channel&, adapters::HttpCall, std::function<void(adapters::HttpResult)>)> ask;
  std::function<void(rules::Level, const std::string& channel)> alarm;  // that the store could not keep
  // What was said while the store is away: kept until it is back; false: it could not be.
  std::function<bool(const adapters::Channel&, const adapters::Update&, bool answered)> spool;
  // So many earlier ones wait to be taken: this one waits its turn, or a person's "yes" would overtake their question.
  std::function<std::size_t()> behind;
  std::function<bool()> store_is_there;
};

constexpr std::chrono::seconds kHelpWithin{1};

class Webhooks {
 public:
  Webhooks(const std::vector<adapters::Channel>& channels, Conversation& conversation, Environment& environment,
           Metrics& metrics, Dispatch dispatch);
  void open(const adapters::Channel& channel);  // one more; before anything is taken
  void handle(const std::string& channel, const HttpRequest& request, Answer answer);
  void said(const adapters::Channel& channel, std::vector<adapters::Update> updates);  // by a gateway, not by a request
  Spool::Taken again(const Spooled& spooled);  // one of the spool, as if it had come just now; waits until it is taken
  void help_overdue();                         // to be called some times a second
  [[nodiscard]] const adapters::Channel* channel(const std::string& name) const;

 private:
  struct Waiting {
    const adapters::Channel* channel;
    adapters::Update update;
    std::chrono::steady_clock::time_point since;
  };
  void receive(const adapters::Channel& channel, const HttpRequest& request, Answer answer, bool keys_are_new);
  void fetch(const adapters::Channel& channel, adapters::Received received, Answer answer);
  void take(const adapters::Channel& channel, adapters::Received received, Answer answer);
  bool keys_due(const std::string& channel, bool refused, rules::Time now);
  void waits(const std::string& key, const adapters::Channel& channel, const adapters::Update& update);
  void no_longer_waits(const std::string& key);
  bool help(const adapters::Channel& channel, const std::string& key, Taken taken);
  bool said_lately(const std::string& key, rules::Time now);

  std::map<std::string, adapters::Channel> channels_;
  Conversation& conversation_;
  Environment& environment_;
  Metrics& metrics_;
  Dispatch dispatch_;
  struct Keys {  // of a platform that signs with public ones
    std::string set;
    rules::Time at{};
  };
  std::mutex mutex_;
  std::map<std::string, Keys> keys_;
  std::unordered_map<std::string, Waiting> waiting_;  // by key_of
  std::map<std::string, rules::Time> unsaved_;  // event -> when its unsaved reply went out: not again within a minute
};

}  // namespace bot
