// Tests of the stores: at most once, in order, atomic, durable over a restart, honest about failure. What every store
// must do runs on SQLite and, where STEADY_TEST_POSTGRES names a server (tests/with_postgres), on PostgreSQL.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <set>
#include <thread>

#include "bot/store_open.hpp"
#include "bot/store_postgres.hpp"
#include "bot/store_sqlite.hpp"

namespace bot {
namespace {

std::string key_of(const std::string& path) {
  sqlite3* db = nullptr;
  sqlite3_open(path.c_str(), &db);
  std::string key;
  sqlite3_exec(
      db, "SELECT hex(key) FROM person",
      [](void* out, int, char** values, char**) { return *static_cast<std::string*>(out) = values[0], 0; }, &key,
      nullptr);
  sqlite3_close(db);
  return key;
}

const rules::Time kNow{std::chrono::seconds(1'778'000'000)};
const Address kAna{"telegram", "5"};

class StoreFolder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("steady-store-" + std::to_string(::getpid()) + "-" +
                                                        testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string path() const { return (folder_ / "steady.db").string(); }

  static TurnResult turn(Store& store, const Address& who, const std::string& event, Decide decide,
                         rules::Time now = kNow) {
    std::promise<TurnResult> promise;
    auto result = promise.get_future();
    store.turn(who, event, now, std::move(decide), [&](TurnResult r) { promise.set_value(std::move(r)); });
    return result.get();
  }
  // Counts its turns in the person and answers with the number.
  static rules::Decision count(rules::Person p) {
    rules::Decision d;
    ++p.turn;
    d.next = std::move(p);
    rules::Reply reply;
    reply.text = std::to_string(d.next.turn);
    reply.choices = {{"A", "a.b.1.c"}};
    d.replies.push_back(std::move(reply));
    return d;
  }
  static void settle(Store& store, Settlement::Kind kind, const OutboxRow& row, rules::Time due = kNow) {
    store.settle({kind, row.id, due, {}, row.person, false});
  }
  std::filesystem::path folder_;
};

using SqliteStoreTest = StoreFolder;

// On PostgreSQL each test has a schema of its own.
class EveryStore : public StoreFolder, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    StoreFolder::SetUp();
    if (!postgres()) return;
    const char* server = std::getenv("STEADY_TEST_POSTGRES");
    if (server == nullptr) GTEST_SKIP() << "STEADY_TEST_POSTGRES names no server: tests/with_postgres does";
    std::string schema = "s" + std::to_string(::getpid()) + "_" + std::to_string(++schemas_);
    std::string create = "CREATE SCHEMA " + schema;
    PgConnection(server, std::chrono::seconds(5)).one(PgStatement{"create_schema", create.c_str()});
    url_ = server + std::string("?options=-csearch_path%3D") + schema;
  }
  [[nodiscard]] static bool postgres() { return std::string(GetParam()) == "postgres"; }
  [[nodiscard]] std::unique_ptr<Store> open() const {
    return open_store(url_, folder_, SystemEnvironment(), std::chrono::milliseconds(0));
  }
  std::string url_;

 private:
  inline static int schemas_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Stores, EveryStore, testing::Values("sqlite", "postgres"),
                         [](const auto& kind) { return std::string(kind.param); });

TEST_P(EveryStore, APictureWaitsInTheOutboxAsItWasDrawn) {
  auto open_store = open();
  Store& store = *open_store;
  auto with_picture = [](rules::Person p) {
    rules::Decision d = count(std::move(p));
    d.replies[0].picture = std::make_shared<rules::Picture>();
    return d;
  };
  std::string drawn = turn(store, kAna, "1", with_picture).rows.at(0).message.picture;
  EXPECT_TRUE(drawn.starts_with("\x89PNG"));
  EXPECT_EQ(store.outbox_of(kAna, 1).at(0).message.picture, drawn);
}

TEST_P(EveryStore, SeesWhatAnotherProcessForgot) {
  auto open_service = open();
  Store& service = *open_service;
  turn(service, kAna, "1", count);
  turn(service, kAna, "2", count);
  auto open_command = open();
  Store& command = *open_command;
  turn(command, kAna, "forget", [](const rules::Person&) { return rules::Decision{}; });
  EXPECT_EQ(turn(service, kAna, "3", count).rows.at(0).message.text, "1") << "the forgotten came back out of the cache";
}

std::string file_of(const std::filesystem::path& folder) {  // all that SQLite wrote
  std::string all;
  for (const char* name : {"steady.db", "steady.db-wal"}) {
    std::ifstream in(folder / name, std::ios::binary);
    all.append(std::istreambuf_iterator<char>(in), {});
  }
  return all;
}

constexpr const char* kCanary = "canary-of-what-was-told";

rules::Decision tell(rules::Person p) {
  p.facts["keep.plan_signs"] = {kCanary, kNow};
  rules::Decision d;
  d.next = std::move(p);
  d.replies.emplace_back().text = std::string("you said ") + kCanary;
  d.notice = "suicide US";
  return d;
}

TEST_F(SqliteStoreTest, KeepsNothingOfAPersonInTheClear) {
  {
    SqliteStore store(path());
    auto r = turn(store, kAna, "1", tell);
    EXPECT_EQ(store.outbox_of(kAna, 1).at(0).message.text, r.rows[0].message.text);
    EXPECT_EQ(store.person(kAna)->fact("keep.plan_signs"), kCanary);
    EXPECT_EQ(file_of(folder_).find(kCanary), std::string::npos);
  }
  EXPECT_EQ(file_of(folder_).find(kCanary), std::string::npos);
  SqliteStore again(path());
  EXPECT_EQ(again.outbox(0, 10).at(0).message.text, std::string("you said ") + kCanary);
}

TEST_F(SqliteStoreTest, WithAnotherMasterKeyNothingOpensAndNothingIsOverwritten) {
  { SqliteStore(path()).person(kAna); }
  {
    SqliteStore store(path());
    turn(store, kAna, "1", tell);
  }
  std::filesystem::rename(folder_ / "keys" / "master", folder_ / "keys" / "aside");
  {
    SqliteStore store(path());
    auto r = turn(store, kAna, "2", count);
    EXPECT_EQ(r.kind, TurnResult::Kind::failed);
    EXPECT_NE(r.problem.find("does not open with this master key"), std::string::npos) << r.problem;
    EXPECT_EQ(turn(store, {"telegram", "6"}, "2", count).kind, TurnResult::Kind::done) << "others are served";
    EXPECT_TRUE(store.outbox_of(kAna, 1).empty());
  }
  std::filesystem::rename(folder_ / "keys" / "aside", folder_ / "keys" / "master");
  SqliteStore store(path());
  EXPECT_EQ(store.person(kAna)->fact("keep.plan_signs"), kCanary);
}

TEST_F(SqliteStoreTest, ErasingMakesOldCopiesUnreadable) {
  SqliteStore store(path());
  turn(store, kAna, "1", tell);
  std::string before = key_of(path());
  turn(store, kAna, "2", [](const rules::Person&) {
    rules::Decision d;
    d.erase = true;
    return d;
  });
  EXPECT_NE(key_of(path()), before) << "the data key stayed";
  EXPECT_EQ(store.outbox_of(kAna, 1).at(0).message.text, std::string("you said ") + kCanary) << "what waits is sent";
  EXPECT_EQ(store.person(kAna)->fact("keep.plan_signs"), "");
}

TEST_P(EveryStore, ADocumentIsSealedAndTwoWritersDoNotOverwriteEachOther) {
  auto open_store = open();
  EXPECT_EQ(open_store->document("desk")->revision, 0) << "there is none";
  EXPECT_TRUE(open_store->put_document("desk", {0, "first"}));
  EXPECT_FALSE(open_store->put_document("desk", {0, "by another who saw none"}));
  EXPECT_TRUE(open_store->put_document("desk", {1, "second"}));
  EXPECT_FALSE(open_store->put_document("desk", {1, "by another who saw the first"}));
  open_store.reset();
  open_store = open();
  EXPECT_EQ(open_store->document("desk")->body, "second");
  EXPECT_EQ(open_store->document("desk")->revision, 2);
  EXPECT_EQ(open_store->document("other")->revision, 0);
}

TEST_P(EveryStore, AlarmsAreListedTheLatestFirstAndWhatWaitsIsCounted) {
  auto open_store = open();
  Store& store = *open_store;
  auto in_danger = [](rules::Person p) {
    rules::Decision d = count(std::move(p));
    d.alarm = rules::Level::danger;
    d.calls = true;
    return d;
  };
  turn(store, kAna, "1", in_danger, kNow);
  turn(store, kAna, "2", in_danger, kNow + std::chrono::minutes(1));
  auto alarms = store.alarms(kNow, 10);
  ASSERT_EQ(alarms.size(), 2U);
  EXPECT_EQ(alarms[0].at, kNow + std::chrono::minutes(1));
  EXPECT_TRUE(store.acknowledge(alarms[1].token, kNow + std::chrono::minutes(3)));
  EXPECT_EQ(store.alarms(kNow, 10)[1].seen, kNow + std::chrono::minutes(3));
  EXPECT_EQ(store.alarms(kNow + std::chrono::minutes(1), 10).size(), 1U);
  auto rows = store.outbox_of(kAna, 10);
  settle(store, Settlement::Kind::dead, rows.at(0), kNow);
  auto standing = store.standing(kNow);
  ASSERT_EQ(standing.size(), 1U);
  EXPECT_EQ(standing[0].channel, kAna.channel);
  EXPECT_EQ(standing[0].waiting, static_cast<std::int64_t>(rows.size()) - 1);
  EXPECT_EQ(standing[0].dead, 1);
  EXPECT_EQ(standing[0].oldest, kNow + std::chrono::minutes(1));
  EXPECT_EQ(store.standing(kNow + std::chrono::hours(1))[0].dead, 0);
}

TEST_P(EveryStore, WordsAreNoSql) {
  auto open_store = open();
  Store& store = *open_store;
  turn(store, kAna, "1", count);
  const Address odd{"telegram'; DROP TABLE person; --", "6' OR '1'='1"};
  EXPECT_EQ(turn(store, odd, "'); DELETE FROM event; --", count).rows.at(0).message.text, "1");
  EXPECT_EQ(store.contacts(odd.channel), std::vector<std::string>{odd.contact});
  EXPECT_EQ(turn(store, kAna, "1", count).kind, TurnResult::Kind::duplicate);
}

TEST_P(EveryStore, TakesAnEventOnce) {
  auto open_store = open();
  Store& store = *open_store;
  auto first = turn(store, kAna, "1", count);
  EXPECT_EQ(first.kind, TurnResult::Kind::done);
  ASSERT_EQ(first.rows.size(), 1U);
  EXPECT_EQ(first.rows[0].message.text, "1");
  EXPECT_EQ(turn(store, kAna, "1", count).kind, TurnResult::Kind::duplicate);
  EXPECT_EQ(turn(store, {"telegram", "6"}, "1", count).kind,
            TurnResult::Kind::done);  // another person's event of that name
  EXPECT_EQ(turn(store, kAna, "2", count).rows[0].message.text, "2");
}

TEST_P(EveryStore, IsSerialPerPersonUnderLoad) {
  auto open_store = open();
  Store& store = *open_store;
  std::vector<std::thread> threads;
  std::atomic<int> done = 0, duplicates = 0;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i)
        store.turn(kAna, std::to_string(t % 4) + "-" + std::to_string(i), kNow, count,
                   [&](const TurnResult& r) { ++(r.kind == TurnResult::Kind::done ? done : duplicates); });
    });
  for (auto& thread : threads) thread.join();
  store.stop();
  EXPECT_EQ(done, 200);
  EXPECT_EQ(duplicates, 200);
  auto open_again = open();
  Store& again = *open_again;
  EXPECT_EQ(again.person(kAna)->turn, 200);
  auto rows = again.outbox(0, 1000);
  ASSERT_EQ(rows.size(), 200U);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].message.text, std::to_string(i + 1));  // in order
}

TEST_P(EveryStore, KeepsRepliesAndTimersOverARestart) {
  std::string key;
  {
    auto open_store = open();
    Store& store = *open_store;
    auto done = turn(store, kAna, "1", [](rules::Person p) {
      auto d = count(std::move(p));
      d.timers.push_back({"checkback", kNow + std::chrono::minutes(20)});
      d.timers.push_back({"gone", kNow + std::chrono::minutes(5)});
      d.timers.push_back({"gone", std::nullopt});
      return d;
    });
    key = done.rows.at(0).message.key;
  }
  auto open_store = open();
  Store& store = *open_store;
  auto rows = store.claim(10);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].message.choices.size(), 1U);
  EXPECT_EQ(rows[0].message.key, key);  // a platform may have seen it before the restart
  EXPECT_TRUE(store.due(kNow, 10).empty());
  EXPECT_EQ(store.next_timer(kAna), kNow + std::chrono::minutes(20));
  auto due = store.due(kNow + std::chrono::minutes(20), 10);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].name, "checkback");
  EXPECT_EQ(due[0].address, kAna);
  auto settled = [&](auto&& condition) {  // a settlement is written when there is time
    for (int i = 0; i < 200 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return condition();
  };
  settle(store, Settlement::Kind::retry, rows[0], kNow + std::chrono::seconds(9));
  EXPECT_TRUE(settled([&] { return store.outbox(0, 10).at(0).attempts == 1; }));
  settle(store, Settlement::Kind::delivered, rows[0]);
  EXPECT_TRUE(settled([&] { return store.outbox_of(kAna, 10).empty(); }));
}

TEST_P(EveryStore, NeverGivesAKeyTwice) {
  std::set<std::string> keys;
  for (int start = 0; start < 5; ++start) {
    auto open_store = open();
    Store& store = *open_store;
    for (int i = 0; i < 3; ++i) {
      auto row = turn(store, kAna, std::to_string(start * 10 + i), count).rows.at(0);
      EXPECT_TRUE(keys.insert(row.message.key).second) << row.message.key;
      settle(store, Settlement::Kind::delivered, row);  // the table is empty at the next start
    }
  }
}

TEST_F(SqliteStoreTest, DeadLettersAreKeptWithoutWords) {
  SqliteStore store(path());
  auto id = turn(store, kAna, "1", count).rows[0].id;
  store.settle({Settlement::Kind::dead, id, kNow, "403", 0, false});
  EXPECT_TRUE(store.outbox(0, 10).empty());
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path().c_str(), &db), SQLITE_OK);
  std::string code;
  sqlite3_exec(
      db, "SELECT code FROM dead",
      [](void* out, int, char** values, char**) { return *static_cast<std::string*>(out) = values[0], 0; }, &code,
      nullptr);
  sqlite3_close(db);
  EXPECT_EQ(code, "403");
}

TEST_F(SqliteStoreTest, SaysWhenItCannotKeep) {
  SqliteStore store((folder_ / "missing" / "steady.db").string());
  auto r = turn(store, kAna, "1", count);
  EXPECT_EQ(r.kind, TurnResult::Kind::failed);
  EXPECT_NE(r.problem.find("cannot be opened"), std::string::npos);
  EXPECT_FALSE(store.healthy());
  EXPECT_TRUE(store.outbox(0, 10).empty());
  std::filesystem::create_directories(folder_ / "missing");  // space returns: so does the store
  std::this_thread::sleep_for(kReopenAfter + std::chrono::milliseconds(100));
  EXPECT_EQ(turn(store, kAna, "1", count).kind, TurnResult::Kind::done);
  EXPECT_TRUE(store.healthy());
}

TEST_F(SqliteStoreTest, ALockedDatabaseFailsTheTurnAndNothingElse) {
  SqliteStore store(path());
  turn(store, kAna, "1", count);
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(turn(store, kAna, "2", count).kind, TurnResult::Kind::failed);
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  std::this_thread::sleep_for(kReopenAfter + std::chrono::milliseconds(100));
  auto again = turn(store, kAna, "2", count);
  ASSERT_EQ(again.kind, TurnResult::Kind::done);
  EXPECT_EQ(again.rows[0].message.text, "2") << "the failed turn left a trace";
}

// Somebody else holds the file while a turn wants to be written.
class Held {
 public:
  explicit Held(const std::string& path) {
    sqlite3_open(path.c_str(), &db_);
    sqlite3_exec(db_, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr);
  }
  ~Held() {
    release();
    sqlite3_close(db_);
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  void release() { sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr); }

 private:
  sqlite3* db_ = nullptr;
};

TEST_F(SqliteStoreTest, ADiskThatHangsIsAStoreThatIsAwayAndWhatWasBegunIsToldTwice) {
  constexpr std::chrono::milliseconds kPatience{100};
  SqliteStore store(path(), kPatience);
  turn(store, kAna, "1", count);
  Held held(path());
  std::mutex mutex;
  std::vector<TurnResult> begun, waited;
  auto into = [&](std::vector<TurnResult>& list) {
    return [&](TurnResult r) {
      std::lock_guard lock(mutex);
      list.push_back(std::move(r));
    };
  };
  auto size_of = [&](const std::vector<TurnResult>& list) {
    std::lock_guard lock(mutex);
    return list.size();
  };
  auto until = [&](const std::vector<TurnResult>& list, std::size_t n) {
    for (int i = 0; i < 300 && size_of(list) < n; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return size_of(list) >= n;
  };
  store.turn(kAna, "2", kNow, count, into(begun));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the writer has it in hand, and the file is held
  store.turn(kAna, "3", kNow, count, into(waited));
  ASSERT_TRUE(until(begun, 1) && until(waited, 1));
  EXPECT_TRUE(begun[0].kind == TurnResult::Kind::failed && begun[0].away && !begun[0].late);
  EXPECT_TRUE(waited[0].kind == TurnResult::Kind::failed && waited[0].away);
  EXPECT_FALSE(store.healthy());
  EXPECT_EQ(turn(store, kAna, "4", count).kind, TurnResult::Kind::failed) << "said at once";
  EXPECT_FALSE(store.person(kAna)) << "a read does not wait for ever either";
  held.release();
  ASSERT_TRUE(until(begun, 2));
  EXPECT_TRUE(begun[1].late && begun[1].kind == TurnResult::Kind::done && begun[1].rows.size() == 1);
  for (int i = 0; i < 100 && !store.healthy(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(turn(store, kAna, "2", count).kind, TurnResult::Kind::duplicate) << "it had gone through";
  EXPECT_EQ(turn(store, kAna, "3", count).rows.at(0).message.text, "3") << "and what only waited had left no trace";
  EXPECT_EQ(size_of(waited), 1U);
}

}  // namespace
}  // namespace bot
