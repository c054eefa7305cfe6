// store_postgres: any number of nodes on one PostgreSQL. A person's row is locked for the length of a turn, rows of a
// batch in the order of their keys; turns that wait together are committed together, with one round trip to load and
// one to write. A person's number is a hash of the address, so that every table is keyed by it.
// Who sends: a reply is sent by the node whose number stands in its outbox row. A node holds a lease of kLease, renewed
// every kLease / 3; the replies of a node whose lease ran out are claimed by another. While replies to somebody wait
// that a node does not have, it leaves its own to whoever claims them all, so that they go out in order; but urgent
// ones go. A node that finds its own lease run out takes a new number: what it holds is no longer its to send
// (generation()). A commit whose answer did not come in time is unknown: its turns end in failed and away, and are told
// late when the next connection has looked whether their events are there. Units: Unix seconds by the service's clock;
// leases by the database's. Errors: as store.hpp says. Threads: any. Tested by tests/bot/store_test.cpp and
// tests/e2e/nodes.mjs. Source: postgresql.org/docs/15/sql-select.html (FOR UPDATE, SKIP LOCKED), sql-notify.html, read
// 2026-11-30.
#pragma once
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "bot/environment.hpp"
#include "bot/postgres.hpp"
#include "bot/store.hpp"
#include "bot/vault.hpp"

namespace bot {

inline constexpr std::chrono::seconds kLease{15};
inline constexpr std::size_t kPgWriters = 2, kPgBatch = 256;

std::int64_t person_number(const Address& address);  // of 63 bits, from BLAKE2b over the address

// Whether what this database keeps opens with that master key; the first to ask makes it the database's.
bool opens_with(PgConnection& db, const Vault& vault);

class PostgresStore final : public Store {
 public:
  // `data`: where the master key lies; on several nodes it is the same key.
  PostgresStore(const std::string& url, const std::filesystem::path& data, const Environment& environment,
                std::chrono::milliseconds patience = kStorePatience);
  ~PostgresStore() override;

  void turn(Address address, std::string event_id, rules::Time now, Decide decide, Done done) override;
  void settle(Settlement settlement) override;
  std::vector<TimerRow> due(rules::Time now, std::size_t limit) override;
  std::optional<rules::Time> next_timer(const Address& address) override;
  std::vector<OutboxRow> outbox(std::int64_t after_id, std::size_t limit) override;
  std::vector<OutboxRow> outbox_of(const Address& address, std::size_t limit) override;
  std::vector<OutboxRow> claim(std::size_t limit) override;
  [[nodiscard]] std::int64_t generation() const override;
  void hear(const News& news) override;
  [[nodiscard]] bool holds(const std::string& what) override;
  [[nodiscard]] std::int64_t number_of(const Address& address) const override { return person_number(address); }
  std::optional<rules::Person> person(const Address& address) override;
  std::vector<AlarmRow> alarms_due(rules::Time now, std::size_t limit) override;
  void alarm_next(std::int64_t id, int step, rules::Time next) override;
  std::optional<AlarmRow> alarm(const std::string& token) override;
  bool acknowledge(const std::string& token, rules::Time now) override;
  std::vector<AlarmRow> alarms(rules::Time since, std::size_t limit) override;
  std::vector<Standing> standing(rules::Time dead_since) override;
  std::optional<Document> document(const std::string& name) override;
  bool put_document(const std::string& name, const Document& next) override;
  void note(rules::Time at, std::string what, std::int64_t person, std::string detail) override;
  std::vector<AuditEntry> audit(std::int64_t after, std::size_t limit) override;
  AuditHead audit_head() override;
  std::vector<std::string> contacts(const std::string& channel) override;
  void move(const Address& from, const std::string& to_contact) override;
  [[nodiscard]] bool healthy() const override { return healthy_; }
  void stop() override;

 private:
  struct Job {
    Address address;
    std::int64_t person = 0;
    std::string event_id;
    rules::Time now{};
    Decide decide;  // empty: a settlement or a note
    Done done;
    std::optional<Settlement> settlement;
    std::optional<AuditEntry> note;
    TurnResult result;
    std::int64_t first_row = 0;  // its replies have numbers from here on
  };
  struct Known {  // of one person, for the length of a batch
    DataKey key;
    rules::Person person;
    std::string problem;           // it cannot be opened
    bool others_send = false;      // replies of this person wait that this node does not have
    std::set<std::string> events;  // taken in this batch
  };
  struct Batch {
    std::vector<Job>& jobs;
    std::int64_t node;
    std::map<std::int64_t, Known> people;
    std::vector<AuditEntry> trail;
    std::int64_t first_row, next_row;  // numbers that this batch may give to rows
  };
  struct Writer {
    std::unique_ptr<PgConnection> db;
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Job> queue;
    std::deque<Job> unknown;  // committed or not: to be looked up
    std::chrono::steady_clock::time_point opened{};
    std::thread thread;
  };

  void push(Job job);
  void run(Writer& writer);
  void work(Writer& writer, std::vector<Job>& jobs);
  void one_by_one(Writer& writer, std::vector<Job>& jobs);
  void load(PgConnection& db, Batch& batch);
  void take(PgConnection& db, Batch& batch, Job& job);
  void apply(PgConnection& db, const Settlement& settlement, std::int64_t node);
  std::int64_t next_row(PgConnection& db, Batch& batch);
  void settle_unknown(Writer& writer);
  void trail(PgConnection& db, std::vector<AuditEntry>& entries);
  void shred(PgConnection& db, std::int64_t person, Known& known);
  Known open_person(std::int64_t id, const std::string& state, std::string wrapped) const;
  std::unique_ptr<PgConnection> connect();
  void leave_host(std::size_t at);
  void give_up(std::unique_ptr<PgConnection>& db);  // and its host
  void keep();
  void renew(PgConnection& db);
  void ask_reader(const std::function<void(PgConnection&)>& read);
  template <class T>
  T ask(const std::function<T(PgConnection&)>& read) {  // T{}: it is away
    T out{};
    ask_reader([&](PgConnection& db) { out = read(db); });
    return out;
  }
  std::vector<OutboxRow> rows_of(const PgRows& rows) const;

  std::vector<std::string> hosts_;
  std::atomic<std::size_t> host_{0};  // counts up; hosts_[host_ % size] is tried first
  std::string audit_key_;
  Vault vault_;
  std::chrono::milliseconds patience_;
  std::array<Writer, kPgWriters> writers_;
  std::mutex reader_mutex_;
  std::unique_ptr<PgConnection> reader_;
  std::atomic<bool> healthy_{false}, stopping_{false};
  std::atomic<std::int64_t> node_{0};
  std::atomic<std::chrono::steady_clock::time_point> lease_{};  // until when it surely holds
  std::mutex news_mutex_;                                       // of these two
  News news_;
  std::map<std::string, bool> held_;  // what holds() was asked for, and whether it is ours
  std::atomic<rules::Time> swept_{};
  std::thread keeper_;
};

}  // namespace bot
