// database: a store that keeps what it has committed through every crash, answers late, not at all, or says that it
// failed and commits after all; several nodes share it, each by a NodeStore of its own. With a Bug it has one of the
// faults that a store, or who uses it, could have: the simulation must see each of them. Threads: one.
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "bot/store.hpp"
#include "tests/sim/world.hpp"

namespace sim {

enum class Bug : std::uint8_t {
  none,
  acked_before_commit,          // an update is answered for before it is kept
  dedupe_outside_transaction,   // whether an update is new is asked before the transaction, not in it
  lost_update,                  // a person is loaded before the transaction, not in it
  replies_outside_transaction,  // what is to be said is written after the commit
  sent_before_send,             // a reply is taken off the outbox when it is given to the sender
  lease_not_fenced,             // a node whose lease ran out goes on sending
  retry_forgets,                // a reply that is to be sent again is not kept
  late_result_dropped,          // a turn that was given up and then went through is not told of
  claims_nothing,               // what another process left is not taken up
  unknown_is_delivered,         // no answer from the platform is taken for a yes
  spool_not_synced,             // the spool answers before its disk has it
  spool_overtaken,              // what comes while the spool holds something goes past it
};

struct Database {
  struct Row {
    bot::OutboxRow row;
    std::int64_t owner = 0;  // generation
    std::string event;       // that it answers
    bool claimed = false;    // by another: who had it may have sent it
  };
  struct Applied {
    bot::Address address;
    std::string event;
    bot::Decide decide;
  };
  std::map<std::string, rules::Person> people;  // by contact
  std::map<std::string, std::int64_t> numbers;
  std::set<std::string> events;  // contact and id
  std::map<std::int64_t, Row> outbox;
  std::map<std::int64_t, Row> rows;          // every one there ever was
  std::map<std::int64_t, std::string> dead;  // why
  std::map<std::pair<std::string, std::string>, bot::TimerRow> timers;
  std::map<std::int64_t, Ms> leases;  // generation -> until
  std::vector<Applied> history;
  std::int64_t next_row = 1, next_generation = 1;
};

inline constexpr Ms kLease{15'000};

class NodeStore final : public bot::Store {
 public:
  NodeStore(World& world, Database& database, Bug bug);
  ~NodeStore() override = default;

  // Faults, set by the simulation.
  bool reachable = true;  // the network between this node and the database
  bool slow = false;      // turns take longer than anybody waits
  bool waits = false;     // the caller waits for its turn (spool, timers): nothing else happens meanwhile

  void renew();  // the lease; every second
  void turn(bot::Address address, std::string event_id, rules::Time now, bot::Decide decide, bot::Done done) override;
  void settle(bot::Settlement settlement) override;
  std::vector<bot::OutboxRow> claim(std::size_t limit) override;
  [[nodiscard]] std::int64_t generation() const override;
  std::vector<bot::TimerRow> due(rules::Time now, std::size_t limit) override;
  [[nodiscard]] bool healthy() const override { return reachable && free_at_ < world_.at() + bot::kStorePatience; }

  // Not part of what is simulated.
  std::optional<rules::Time> next_timer(const bot::Address&) override { return {}; }
  std::vector<bot::OutboxRow> outbox(std::int64_t, std::size_t) override { return {}; }
  std::vector<bot::OutboxRow> outbox_of(const bot::Address&, std::size_t) override { return {}; }
  std::optional<rules::Person> person(const bot::Address&) override { return {}; }
  std::vector<bot::AlarmRow> alarms_due(rules::Time, std::size_t) override { return {}; }
  void alarm_next(std::int64_t, int, rules::Time) override {}
  std::optional<bot::AlarmRow> alarm(const std::string&) override { return {}; }
  bool acknowledge(const std::string&, rules::Time) override { return false; }
  std::vector<bot::AlarmRow> alarms(rules::Time, std::size_t) override { return {}; }
  std::vector<bot::Standing> standing(rules::Time) override { return {}; }
  std::optional<bot::Document> document(const std::string&) override { return {}; }
  bool put_document(const std::string&, const bot::Document&) override { return false; }
  void note(rules::Time, std::string, std::int64_t, std::string) override {}
  std::vector<bot::AuditEntry> audit(std::int64_t, std::size_t) override { return {}; }
  bot::AuditHead audit_head() override { return {}; }
  std::vector<std::string> contacts(const std::string&) override { return {}; }
  void move(const bot::Address&, const std::string&) override {}
  void stop() override {}

 private:
  struct Job {
    bot::Address address;
    std::string event;
    rules::Time now{};
    bot::Decide decide;
    bot::Done done;
    bool told = false, ran = false, known_before = false;
    rules::Person before;  // lost_update
  };
  void run(Job& job);
  void run_until(const Job& job);
  bot::TurnResult commit(Job& job);
  void tell(Job& job, bot::TurnResult result);
  void apply(const bot::Settlement& settlement);
  [[nodiscard]] std::string key(const Job& job) const { return job.address.contact + "\n" + job.event; }

  World& world_;
  Database& db_;
  Bug bug_;
  std::int64_t generation_ = 0;
  Ms lease_until_{0}, free_at_{0};
  std::deque<std::shared_ptr<Job>> queue_;
  std::vector<bot::Settlement> settlements_;
  std::vector<std::pair<Job, bot::TurnResult>> unknown_;  // committed, and the connection broke before it was said
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // events that come after the crash find it gone
};

}  // namespace sim
