// store: where people, timers and replies that wait to be sent are kept. The only place where workers meet.
// turn() is the heart: at most once per event id, serial per person; dedupe, load, decide, write state, replies and
// timers in ONE transaction; `done` is called after the commit and never before. Protocol: open, then any calls from
// any thread; stop() finishes what was taken. Failure: a turn that could not be committed ends in TurnResult::failed;
// nothing of it was kept. A store may be given a patience: a turn that takes longer ends in failed and away; if it had
// begun, `done` is called a second time, with `late`, and what became of it. Tested by tests/bot/store_test.cpp and
// tests/e2e/.
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "adapters/adapter.hpp"
#include "bot/audit.hpp"
#include "rules/engine.hpp"

namespace bot {

// So long a turn may take in the service. Longer than a slow disk needs, since what is answered without the store is
// answered out of context; shorter than platforms wait for us (Slack and Discord: 3 s).
inline constexpr std::chrono::milliseconds kStorePatience{1000};

struct Address {
  std::string channel, contact;
  friend bool operator==(const Address&, const Address&) = default;
};

struct OutboxRow {
  std::int64_t id = 0;
  std::int64_t person = 0;
  std::string channel;
  adapters::Outgoing message;
  rules::Time created{}, due{};
  int attempts = 0;
  std::int64_t generation = 1;           // of the process that was given it; Store::generation()
  std::vector<std::string> pushed = {};  // unasked, and fresh from a turn: browsers to be told (Person::pushed)
};

struct TimerRow {
  std::int64_t person = 0;
  Address address;
  std::string name;
  rules::Time at{};
};

struct AlarmRow {  // of people on call; alarms.hpp
  std::int64_t id = 0, person = 0;
  Address address;
  rules::Level level = rules::Level::danger;
  rules::Time at{};
  int step = 0;
  std::string token;  // of the link that acknowledges it
  std::optional<rules::Time> seen = {};
  std::string words;  // the person's, where they may be told; filled when it is sent
};

// Of one channel: what has not gone out.
struct Standing {
  std::string channel;
  std::int64_t waiting = 0, dead = 0;  // dead: given up since the time asked for
  rules::Time oldest{};                // of what waits
};

// Of the service's own, sealed as people are: operators' accounts, words that they published.
struct Document {
  std::int64_t revision = 0;  // 0: there is none yet
  std::string body;
};

struct TurnResult {
  enum class Kind : std::uint8_t { done, duplicate, failed } kind = Kind::done;
  std::vector<OutboxRow> rows;
  std::vector<std::string> why, said;  // as the decision has them
  std::optional<rules::Level> alarm;
  std::string problem;  // failed: what the store said
  bool calls = false;   // people on call; kept with the turn
  bool away = false;    // failed: the store, not this person's record
  bool late = false;    // it was said to have failed: this is what became of it
};

using Decide = std::function<rules::Decision(rules::Person)>;
using Done = std::function<void(TurnResult)>;

struct Settlement {
  enum class Kind : std::uint8_t { delivered, retry, dead } kind = Kind::delivered;
  std::int64_t id = 0;
  rules::Time due{};
  std::string code;         // dead: why
  std::int64_t person = 0;  // of the row
  bool anywhere = false;    // whichever node has it to send: the page shows what it was given by any
};

class Store {
 public:
  virtual ~Store() = default;
  virtual void turn(Address address, std::string event_id, rules::Time now, Decide decide, Done done) = 0;
  virtual void settle(Settlement settlement) = 0;
  // Removes a timer that a turn was just taken for, only if it is still the same (the turn may have set it anew).
  virtual std::vector<TimerRow> due(rules::Time now, std::size_t limit) = 0;
  virtual std::optional<rules::Time> next_timer(const Address& address) = 0;  // for the simulated clock
  virtual std::vector<OutboxRow> outbox(std::int64_t after_id, std::size_t limit) = 0;
  virtual std::vector<OutboxRow> outbox_of(const Address& address, std::size_t limit) = 0;
  // Replies that are from now on this process's to send and that no turn() gave it: of the time before its start, and
  // of other nodes. All of them are void when generation() changes.
  virtual std::vector<OutboxRow> claim(std::size_t limit) = 0;
  [[nodiscard]] virtual std::int64_t generation() const { return 1; }  // 0: none surely is this process's to send
  // Called on a thread of the store's when another process answered a person: a page of theirs may have something, and
  // if `left`, there may be something for claim(). kEverybody, left: look at all, since a hint may have been lost.
  using News = std::function<void(std::int64_t person, bool left)>;
  static constexpr std::int64_t kEverybody = 0;
  virtual void hear(const News& /*news*/) {}
  // Whether what only one process may do is this one's to do, e.g. a platform's single connection. Asked again and
  // again.
  [[nodiscard]] virtual bool holds(const std::string& /*what*/) { return true; }
  [[nodiscard]] virtual std::int64_t number_of(const Address& /*address*/) const { return kEverybody; }
  virtual std::optional<rules::Person> person(const Address& address) = 0;
  virtual std::vector<AlarmRow> alarms_due(rules::Time now, std::size_t limit) = 0;
  virtual void alarm_next(std::int64_t id, int step, rules::Time next) = 0;  // Time{}: no more; returns at once
  virtual std::optional<AlarmRow> alarm(const std::string& token) = 0;
  virtual bool acknowledge(const std::string& token, rules::Time now) = 0;         // false: it was before
  virtual std::vector<AlarmRow> alarms(rules::Time since, std::size_t limit) = 0;  // the latest first
  virtual std::vector<Standing> standing(rules::Time dead_since) = 0;
  // None: the store is away, or what it keeps does not open.
  virtual std::optional<Document> document(const std::string& name) = 0;
  // False: it has another revision than this one by now, or the store is away.
  virtual bool put_document(const std::string& name, const Document& next) = 0;
  // The trail of audit.hpp: of what is no turn; an entry after another; the signed head.
  virtual void note(rules::Time at, std::string what, std::int64_t person, std::string detail) = 0;  // returns at once
  virtual std::vector<AuditEntry> audit(std::int64_t after, std::size_t limit) = 0;
  virtual AuditHead audit_head() = 0;
  virtual std::vector<std::string> contacts(const std::string& channel) = 0;
  virtual void move(const Address& from, const std::string& to_contact) = 0;  // a chat that got a new id
  [[nodiscard]] virtual bool healthy() const = 0;
  virtual void stop() = 0;
};

}  // namespace bot
