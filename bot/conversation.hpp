// conversation: the heart of bot/. An update or a timer becomes an Input, is read here (on the caller's thread),
// decided inside Store::turn(), and its replies wait in the outbox after the commit. The only place that knows
// adapters' and rules' words. Failure, towards help: no pack -> every message gets the reply of last resort, without
// the store; store away -> a danger or crisis finding is answered from the message alone; everything else is reported
// as failed, so that the platform sends it again. Threads: take() on any; decide runs on the store's writer. Tested by
// tests/bot/conversation_test.cpp.
#pragma once
#include <array>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "adapters/adapter.hpp"
#include "bot/environment.hpp"
#include "bot/store.hpp"
#include "rules/pack.hpp"

namespace bot {

// The packs in force: swapped whole, between two messages.
class Packs {
 public:
  [[nodiscard]] std::shared_ptr<const rules::Pack> get() const {
    std::lock_guard lock(mutex_);
    return pack_;
  }
  void set(std::shared_ptr<const rules::Pack> pack) {
    std::lock_guard lock(mutex_);
    pack_ = std::move(pack);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const rules::Pack> pack_;
};

// What a person wrote last, for as long as two messages are also read as one. Memory only: no transcript exists.
class RecentWords {
 public:
  struct Entry {
    std::string text;
    rules::Level level = rules::Level::none;  // of these words alone
    rules::Time at{};
    std::string id = {};  // of the update
  };
  // What came before, if within rules::kJoin (else empty); and remembers `entry`. The same update again, sent anew by
  // its platform or taken from the spool, is no second message: what came before it is given again.
  Entry exchange(const std::string& key, Entry entry);

 private:
  struct Shard {
    std::mutex mutex;
    struct Kept {
      Entry last, before;
    };
    std::unordered_map<std::string, Kept> entries;
  };
  std::array<Shard, 16> shards_;
};

struct Taken {
  enum class Kind : std::uint8_t { committed, duplicate, unsaved, failed } kind = Kind::committed;
  std::vector<OutboxRow> rows;  // committed: wait in the outbox; unsaved: only here, to be sent at once
  std::vector<std::string> why;
  std::optional<rules::Level> level;  // of the finding, for metrics and alarms
  std::string problem;
  bool calls = false;  // people on call; the store keeps it, but with `unsaved`
  bool away = false;   // the store is: what was said is to be kept elsewhere
};
using TakenDone = std::function<void(Taken)>;

// The key of the reply to an update that was made without the store: the same whenever it is made.
std::string aside_key(const Address& address, const std::string& update);

rules::Taps taps_of(const adapters::Limits& limits);

class Conversation {
 public:
  // Replies of turns that were given up and then went through after all (store.hpp), and are to be sent.
  using Late = std::function<void(const std::string& channel, std::vector<OutboxRow> rows)>;
  // Of a turn that was kept: the version of the packs, and the wordings as Decision::said has them.
  using Counted = std::function<void(const std::string& version, const std::vector<std::string>& said)>;
  // Whether a reply made without the store has arrived, by its key; only then no other is made in its place.
  using Went = std::function<bool(const std::string& key)>;
  struct Hooks {
    Late late;
    Counted counted;
    Went went;
  };
  // operator_name: who is alerted when somebody is in danger; empty = nobody.
  Conversation(Store& store, Packs& packs, Environment& environment, std::string operator_name = {}, Hooks hooks = {})
      : store_(store),
        packs_(packs),
        environment_(environment),
        operator_name_(std::move(operator_name)),
        hooks_(std::move(hooks)) {}

  // `limits` of the platform: how many taps may be shown, and where a long text is cut into several messages.
  // Who was answered aside, and that has arrived, is not answered again.
  void take(const adapters::Channel& channel, const adapters::Update& update, const adapters::Limits& limits,
            TakenDone done);
  // Without the store, and only for who may be in danger: `unsaved`, with the replies; else `failed`, with none.
  Taken aside(const adapters::Channel& channel, const adapters::Update& update, const adapters::Limits& limits);
  // `limits` with the window as the channel has it (adapters::window_of).
  void take(const TimerRow& timer, const adapters::Limits& limits, TakenDone done);
  // What no platform brought, under an id of its own: a timer, a word of a person on call.
  void take(const Address& address, const std::string& id, rules::Event event, const adapters::Limits& limits,
            TakenDone done);

 private:
  rules::Input input_of(const rules::Pack& pack, const adapters::Channel& channel, const adapters::Update& update,
                        const adapters::Limits& limits);
  static rules::Level level_of(const rules::Input& input);
  void late(const Address& address, TurnResult result) const;
  [[nodiscard]] bool helped(const Address& address, const std::string& update, rules::Level level) const;
  void count(const rules::Pack& pack, const TurnResult& result) const;
  Taken without_store(const rules::Pack* pack, const Address& address, const std::string& update,
                      const rules::Input& input);

  Store& store_;
  Packs& packs_;
  Environment& environment_;
  std::string operator_name_;
  Hooks hooks_;
  RecentWords recent_;
};

}  // namespace bot
