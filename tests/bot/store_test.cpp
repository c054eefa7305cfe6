// Tests of what every store must do: at most once, in order, atomic, durable over a restart. On SQLite and, where
// STEADY_TEST_POSTGRES names a server (tests/with_postgres), on PostgreSQL.
#include <set>
#include <thread>

#include "bot/environment.hpp"
#include "bot/store_open.hpp"
#include "tests/bot/store_fixture.hpp"

namespace bot {
namespace {

// On PostgreSQL each test has a schema of its own.
class EveryStore : public StoreFolder, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    StoreFolder::SetUp();
    if (!postgres()) return;
    url_ = new_schema("s");
    if (url_.empty()) GTEST_SKIP() << kNoServer;
  }
  [[nodiscard]] static bool postgres() { return std::string(GetParam()) == "postgres"; }
  [[nodiscard]] std::unique_ptr<Store> open() const {
    return open_store(url_, folder_, SystemEnvironment(), std::chrono::milliseconds(0));
  }
  std::string url_;
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
  turn(store, kAna, "after it", [](const rules::Person&) { return rules::Decision{}; });
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

}  // namespace
}  // namespace bot
