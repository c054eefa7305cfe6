// Tests of what is SQLite's own: sealed on the disk, honest about failure, a disk that hangs.
#include <sqlite3.h>

#include <fstream>
#include <thread>

#include "bot/store_sqlite.hpp"
#include "tests/bot/store_fixture.hpp"

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

using SqliteStoreTest = StoreFolder;

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
