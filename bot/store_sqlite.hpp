// store_sqlite: the embedded default. One file, one writer thread; turns that wait together are committed together
// (natural batching), WAL with synchronous=FULL set and asserted on the connection. Measured reasons:
// shared/design/performance.md 5 (rowid table for the state, automatic checkpoint at 16,000 pages: an eighth more
// messages than at 4,000, 64 MB of WAL). Units: times are Unix seconds. Source of the pragmas: sqlite.org/pragma.html
// (3.40).
#pragma once
#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "bot/sqlite.hpp"
#include "bot/store.hpp"
#include "bot/vault.hpp"

namespace bot {

inline constexpr std::size_t kMaxBatch = 512;                  // turns in one transaction
inline constexpr std::size_t kMaxCachedPeople = 4096;          // parsed states kept by the writer
inline constexpr std::chrono::seconds kReopenAfter{1};         // between attempts to open a database that failed
inline constexpr std::chrono::milliseconds kSettleWithin{10};  // settlements alone wait this long for turns to join

class SqliteStore final : public Store {
 public:
  // patience: after it a disk that hangs counts as a store that is away; zero: it is waited for.
  explicit SqliteStore(std::string path, std::chrono::milliseconds patience = std::chrono::milliseconds(0));
  ~SqliteStore() override;

  void turn(Address address, std::string event_id, rules::Time now, Decide decide, Done done) override;
  void settle(Settlement settlement) override;
  std::vector<TimerRow> due(rules::Time now, std::size_t limit) override;
  std::optional<rules::Time> next_timer(const Address& address) override;
  std::vector<OutboxRow> outbox(std::int64_t after_id, std::size_t limit) override;
  std::vector<OutboxRow> outbox_of(const Address& address, std::size_t limit) override;
  std::vector<OutboxRow> claim(std::size_t limit) override;
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
  [[nodiscard]] bool healthy() const override { return healthy_ && !hangs(); }
  void stop() override;

 private:
  // To whom a turn is answered: once by whoever comes first, and where that was not the writer, by it again.
  struct Waiting {
    explicit Waiting(Done d) : done(std::move(d)) {}
    Done done;
    std::atomic<bool> told{false};
  };
  struct Job {
    Address address;
    std::string event_id;
    rules::Time now{};
    Decide decide;
    std::shared_ptr<Waiting> waiting;
    std::optional<Settlement> settlement;
    std::function<void()> call;  // a read, on the writer's connection
    std::optional<AuditEntry> note;
    std::string acknowledged;  // token of an alarm
    TurnResult result;
  };
  struct Known {
    std::int64_t id = 0;
    DataKey key;
    rules::Person person;
  };

  void push(Job job);
  void run();
  void watch();
  [[nodiscard]] bool hangs() const;
  static void answer(Job& job);
  void work(std::vector<Job>& batch);
  void take(Job& job);
  void write(Job& job, Known& known, rules::Decision decision);
  void apply(const Settlement& settlement);
  void acknowledge(Job& job);
  void trail(rules::Time at, const std::string& what, std::int64_t person, const std::string& detail);
  std::optional<Known> read(const Address& address);
  Known* load(const Address& address);
  void shred(Known& known);
  void take_keys();
  void open();
  template <class T>
  T ask(std::function<T()> read);
  std::optional<OutboxRow> row_of(const SqliteStatement& s) const;
  static AlarmRow alarm_of(const SqliteStatement& s);

  std::string path_, audit_key_;
  Vault vault_;
  std::unique_ptr<SqliteDatabase> db_;
  std::unordered_map<std::string, Known> cache_;
  std::mutex mutex_;
  std::condition_variable wake_, watched_;
  std::deque<Job> queue_;
  std::size_t pressing_ = 0;  // of them: all but settlements
  bool stopping_ = false;
  std::atomic<bool> healthy_{false};
  std::chrono::milliseconds patience_;
  std::atomic<std::chrono::steady_clock::time_point> since_{};  // when the writer took what it has in hand; or none
  std::vector<std::shared_ptr<Waiting>> in_hand_;               // turns among it
  std::chrono::steady_clock::time_point last_open_{};
  rules::Time last_sweep_{};
  std::int64_t claimed_ = 0;  // up to this row; all later ones are given by turn()
  std::thread writer_, watcher_;
};

// Reads run on the writer's connection, between two commits: no second connection is needed. `read` may outlive the
// caller's patience: it holds what it needs.
template <class T>
T SqliteStore::ask(std::function<T()> read) {
  auto promise = std::make_shared<std::promise<T>>();
  auto answer = promise->get_future();
  Job job;
  job.call = [this, promise, read = std::move(read), tried = false]() mutable {
    if (std::exchange(tried, true)) return;  // called again when the batch failed: the answer was given
    try {
      promise->set_value(db_ ? read() : T{});
    } catch (const std::exception&) {
      promise->set_value(T{});
    }
  };
  push(std::move(job));
  if (patience_.count() > 0 && answer.wait_for(patience_) != std::future_status::ready) return T{};
  return answer.get();
}

}  // namespace bot
