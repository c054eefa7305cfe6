// Tests of what several nodes on one PostgreSQL must do: once over all of them, in order per person, nobody's replies
// lost with a node, nothing acknowledged lost with the server. Needs STEADY_TEST_POSTGRES (tests/with_postgres).
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>
#include <thread>

#include "bot/store_postgres.hpp"
#include "tests/bot/store_fixture.hpp"

namespace bot {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

const Address kBen{"telegram", "6"};

class Nodes : public testing::Test {
 protected:
  void SetUp() override {
    url_ = new_schema("n");
    if (url_.empty()) GTEST_SKIP() << kNoServer;
    server_ = std::getenv("STEADY_TEST_POSTGRES");
    folder_ = std::filesystem::temp_directory_path() / ("steady-nodes-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::unique_ptr<PostgresStore> node() const {
    return std::make_unique<PostgresStore>(url_, folder_, SystemEnvironment());
  }
  PgRows sql(const std::string& text, const std::string& url = "") const {
    return PgConnection(url.empty() ? url_ : url, std::chrono::seconds(5)).one(PgStatement{"test", text.c_str()});
  }
  static std::future<TurnResult> begin(Store& store, const Address& who, const std::string& event,
                                       Decide decide = count) {
    auto promise = std::make_shared<std::promise<TurnResult>>();
    store.turn(who, event, kNow, std::move(decide), [promise](TurnResult r) {
      if (!r.late) promise->set_value(std::move(r));
    });
    return promise->get_future();
  }
  static TurnResult turn(Store& store, const Address& who, const std::string& event, Decide decide = count) {
    return begin(store, who, event, std::move(decide)).get();
  }
  static rules::Decision count(rules::Person p) {  // its turns, in the person, and answers with the number
    rules::Decision d;
    ++p.turn;
    d.next = std::move(p);
    d.replies.emplace_back().text = std::to_string(d.next.turn);
    return d;
  }
  static bool until(const std::function<bool()>& condition, std::chrono::seconds most = std::chrono::seconds(10)) {
    for (auto end = Clock::now() + most; Clock::now() < end && !condition();)
      std::this_thread::sleep_for(milliseconds(10));
    return condition();
  }
  static void settle(Store& store, const OutboxRow& row) {
    store.settle({Settlement::Kind::delivered, row.id, kNow, {}, row.person, false});
  }
  // Of the server's own program, as whoever runs it.
  static void control(const std::string& command) {
    std::string line = std::string(std::getenv("STEADY_TEST_POSTGRES_CTL")) + " -D " +
                       std::getenv("STEADY_TEST_POSTGRES_DATA") + " -w " + command + " >/dev/null 2>&1";
    ASSERT_EQ(std::system(line.c_str()), 0) << line;  // NOLINT: the test's own words
  }
  static std::vector<pid_t> server_processes() {  // the postmaster and what it began
    std::ifstream file(std::string(std::getenv("STEADY_TEST_POSTGRES_DATA")) + "/postmaster.pid");
    pid_t first = 0;
    file >> first;
    std::vector<pid_t> out{first};
    std::string children = "/proc/" + std::to_string(first) + "/task/" + std::to_string(first) + "/children";
    std::ifstream list(children);
    for (pid_t child = 0; list >> child;) out.push_back(child);
    return out;
  }

  std::filesystem::path folder_;
  std::string server_, url_;
};

TEST_F(Nodes, OneEventAtBothIsTakenOnceAndAPersonsTurnsAreSerial) {
  auto a = node(), b = node();
  int done = 0, duplicate = 0;
  std::vector<std::future<TurnResult>> open;
  for (int i = 0; i < 100; ++i) {
    open.push_back(begin(*a, kAna, std::to_string(i)));
    open.push_back(begin(*b, kAna, std::to_string(i)));
    open.push_back(begin(i % 2 == 0 ? *a : *b, kBen, std::to_string(i)));
  }
  for (auto& result : open) {
    auto r = result.get();
    done += r.kind == TurnResult::Kind::done ? 1 : 0;
    duplicate += r.kind == TurnResult::Kind::duplicate ? 1 : 0;
  }
  EXPECT_EQ(done, 200);
  EXPECT_EQ(duplicate, 100);
  EXPECT_EQ(a->person(kAna)->turn, 100);
  auto rows = b->outbox_of(kAna, 1000);
  ASSERT_EQ(rows.size(), 100U);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].message.text, std::to_string(i + 1)) << "in order";
}

TEST_F(Nodes, RepliesOfAPersonGoOutThroughOneNode) {
  auto a = node(), b = node();
  auto first = turn(*a, kAna, "1").rows;
  ASSERT_EQ(first.size(), 1U);
  EXPECT_TRUE(turn(*b, kAna, "2").rows.empty()) << "a still has one to send: it would be overtaken";
  EXPECT_TRUE(b->claim(10).empty());
  settle(*a, first[0]);
  EXPECT_TRUE(turn(*a, kAna, "3").rows.empty()) << "what b left was not claimed yet: it would be overtaken by this";
  auto urgent = turn(*b, kAna, "4", [](rules::Person p) {
    auto d = count(std::move(p));
    d.replies[0].urgent = true;
    return d;
  });
  EXPECT_EQ(urgent.rows.size(), 1U) << "who is in danger does not wait for that";
  auto left = a->claim(10);
  ASSERT_EQ(left.size(), 2U) << "and not what b sends itself: " << left.back().message.text << " "
                             << left.front().message.text;
  EXPECT_EQ(left[0].message.text, "2");
  EXPECT_EQ(left[1].message.text, "3");
  for (const auto& row : left) settle(*a, row);
  settle(*b, urgent.rows[0]);
  EXPECT_TRUE(until([&] { return a->outbox(0, 10).empty(); }));
  EXPECT_EQ(turn(*b, kAna, "5").rows.size(), 1U) << "nothing waits at a: b sends";
}

TEST_F(Nodes, WhatADeadNodeHadToSendIsSentByAnotherAndItsOwnHandIsTied) {
  auto a = node(), b = node();
  auto rows = turn(*a, kAna, "1").rows;
  std::int64_t before = a->generation();
  EXPECT_NE(before, 0);
  EXPECT_EQ(rows.at(0).generation, before);
  sql("UPDATE node SET until=clock_timestamp()-interval '1 second' WHERE id=" + std::to_string(before));  // it hangs
  auto claimed = b->claim(10);
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].generation, b->generation());
  settle(*a, rows[0]);  // awake again, it says that it sent: but it is not its to say
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_EQ(b->outbox(0, 10).size(), 1U);
  EXPECT_TRUE(until([&] { return a->generation() != before && a->generation() != 0; })) << "it goes on as another";
  settle(*b, claimed[0]);
  EXPECT_TRUE(until([&] { return b->outbox(0, 10).empty(); }));
}

TEST_F(Nodes, ANodeThatStopsLeavesItsRepliesAtOnce) {
  auto b = node();
  { turn(*node(), kAna, "1"); }
  EXPECT_EQ(b->claim(10).size(), 1U);
}

TEST_F(Nodes, ATimerAndAnAlarmAreOneNodes) {
  auto a = node(), b = node();
  turn(*a, kAna, "1", [](rules::Person p) {
    auto d = count(std::move(p));
    d.timers.push_back({"checkback", kNow});
    d.alarm = rules::Level::danger;
    d.calls = true;
    return d;
  });
  EXPECT_EQ(a->due(kNow, 10).size() + b->due(kNow, 10).size(), 1U);
  EXPECT_EQ(b->due(kNow + std::chrono::seconds(16), 10).size(), 1U) << "whoever took it is dead";
  auto alarms = b->alarms_due(kNow, 10);
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_TRUE(a->alarms_due(kNow, 10).empty());
  EXPECT_EQ(alarms[0].address, kAna);
  EXPECT_EQ(a->alarm(alarms[0].token)->person, alarms[0].person);
  EXPECT_TRUE(a->acknowledge(alarms[0].token, kNow));
  EXPECT_FALSE(b->acknowledge(alarms[0].token, kNow));
  EXPECT_TRUE(b->alarm(alarms[0].token)->seen);
}

TEST_F(Nodes, WhatOnlyOneMayDoIsOnes) {
  auto a = node(), b = node();
  EXPECT_TRUE(until([&] { return a->holds("gateway/discord") || b->holds("gateway/discord"); }));
  std::this_thread::sleep_for(kLease / 3 + std::chrono::seconds(1));
  bool at_a = a->holds("gateway/discord");
  EXPECT_NE(at_a, b->holds("gateway/discord"));
  auto& other = at_a ? b : a;
  (at_a ? a : b)->stop();
  EXPECT_TRUE(until([&] { return other->holds("gateway/discord"); })) << "taken over";
}

TEST_F(Nodes, TheTrailIsOneChainOverAll) {
  auto a = node(), b = node();
  std::vector<std::future<TurnResult>> open;
  for (int i = 0; i < 40; ++i)
    open.push_back(begin(i % 2 == 0 ? *a : *b, {"telegram", std::to_string(i)}, "1", [](rules::Person p) {
      auto d = count(std::move(p));
      d.notice = "suicide US";
      return d;
    }));
  for (auto& result : open) EXPECT_EQ(result.get().kind, TurnResult::Kind::done);
  AuditCheck check(Vault(master_key(folder_, SystemEnvironment())).derived("audit"));
  for (const AuditEntry& entry : a->audit(0, 1000)) check.take(entry);
  EXPECT_EQ(check.entries(), 40);
  EXPECT_EQ(check.problem(b->audit_head()), "");
}

TEST_F(Nodes, KeepsNothingOfAPersonInTheClearAndErasesForGood) {
  constexpr const char* kCanary = "canary-of-what-was-told";
  auto a = node();
  turn(*a, kAna, "1", [&](rules::Person p) {
    p.facts["keep.plan_signs"] = {kCanary, kNow};
    rules::Decision d;
    d.next = std::move(p);
    d.replies.emplace_back().text = kCanary;
    return d;
  });
  EXPECT_EQ(a->person(kAna)->fact("keep.plan_signs"), kCanary);
  std::string hex;
  for (const char* c = kCanary; *c != '\0'; ++c) {
    constexpr const char* kDigits = "0123456789abcdef";
    hex += {kDigits[*c >> 4], kDigits[*c & 15]};
  }
  for (const char* table : {"person", "outbox", "event", "timer", "audit"}) {
    PgRows all = sql(std::string("SELECT coalesce(string_agg(t::text, ' '), '') FROM ") + table + " t");
    EXPECT_EQ(all.text(0, 0).find(hex), std::string::npos) << table;
    EXPECT_EQ(all.text(0, 0).find(kCanary), std::string::npos) << table;
  }
  std::string key = sql("SELECT key::text FROM person").text(0, 0);
  turn(*a, kAna, "2", [](const rules::Person&) {
    rules::Decision d;
    d.erase = true;
    return d;
  });
  EXPECT_NE(sql("SELECT key::text FROM person").text(0, 0), key) << "the data key stayed";
  EXPECT_EQ(a->outbox_of(kAna, 1).at(0).message.text, kCanary) << "what waits is sent";
}

TEST_F(Nodes, WhatCannotBeKeptHarmsNobodyElse) {
  auto a = node();
  std::vector<std::future<TurnResult>> open;
  for (int i = 0; i < 20; ++i) open.push_back(begin(*a, {"telegram", std::to_string(i)}, "1"));
  auto bad = begin(*a, {"telegram", "\xff\xfe no letters of any alphabet"}, "1");
  for (int i = 20; i < 40; ++i) open.push_back(begin(*a, {"telegram", std::to_string(i)}, "1"));
  for (auto& result : open) EXPECT_EQ(result.get().kind, TurnResult::Kind::done);
  auto refused = bad.get();
  EXPECT_EQ(refused.kind, TurnResult::Kind::failed);
  EXPECT_FALSE(refused.away) << "it would be tried for ever";
  EXPECT_TRUE(a->healthy());
}

TEST_F(Nodes, AChatThatGotANewIdKeepsItsPerson) {
  auto a = node();
  turn(*a, kAna, "1", [](rules::Person p) {
    auto d = count(std::move(p));
    d.timers.push_back({"checkback", kNow});
    return d;
  });
  a->move(kAna, "-100");
  EXPECT_FALSE(a->person(kAna));
  EXPECT_EQ(a->person({"telegram", "-100"})->turn, 1);
  EXPECT_EQ(a->outbox_of({"telegram", "-100"}, 1).at(0).message.contact, "-100");
  EXPECT_EQ(a->due(kNow, 1).at(0).address.contact, "-100");
  EXPECT_EQ(turn(*a, {"telegram", "-100"}, "1").kind, TurnResult::Kind::duplicate) << "what was taken is known";
}

TEST_F(Nodes, AnotherMasterKeyIsRefused) {
  { turn(*node(), kAna, "1"); }
  std::filesystem::remove_all(folder_ / "keys");
  auto other = node();
  EXPECT_FALSE(other->healthy());
  EXPECT_EQ(other->generation(), 0);
}

TEST_F(Nodes, EveryTableOfPeopleIsKeyedByThePerson) {  // so that an engine that spreads tables can spread these
  auto a = node();
  PgRows wrong = sql(
      "SELECT c.relname FROM pg_class c JOIN pg_index i ON i.indrelid=c.oid AND i.indisunique JOIN pg_attribute f ON "
      "f.attrelid=c.oid AND f.attnum=i.indkey[0] WHERE c.relnamespace=current_schema()::regnamespace AND EXISTS(SELECT "
      "1 "
      "FROM pg_attribute p WHERE p.attrelid=c.oid AND p.attname='person') AND c.relname<>'audit' AND "
      "f.attname<>'person'");
  for (int i = 0; i < wrong.size(); ++i)
    ADD_FAILURE() << wrong.text(i, 0) << " has a unique key that is not the person's";
  EXPECT_EQ(sql("SELECT count(*) FROM pg_constraint WHERE contype='f' AND "
                "connamespace=current_schema()::regnamespace")
                .number(0, 0),
            0)
      << "a key to another person's row";
}

// Plans pinned by what they read: with many people kept, nothing that a message needs goes through a whole table.
TEST_F(Nodes, WhatAMessageNeedsIsFoundByAnIndex) {
  node().reset();  // makes the tables
  sql("INSERT INTO person SELECT n, 'old', n::text FROM generate_series(1, 20000) n");
  sql("INSERT INTO event SELECT n, 'u', 1 FROM generate_series(1, 20000) n");
  sql("INSERT INTO timer SELECT n, 'forget', 9999999999 FROM generate_series(1, 20000) n");
  sql("INSERT INTO alarm SELECT n, n, 3, 1, NULL, 3, n::text, 1 FROM generate_series(1, 20000) n");
  sql("INSERT INTO node VALUES(7, clock_timestamp()+interval '1 hour')");
  sql("INSERT INTO outbox SELECT n, n, 'old', n::text, '', 1, 1, 0, 7 FROM generate_series(1, 20000) n");
  for (const char* table : {"person", "event", "timer", "alarm", "outbox"}) sql("ANALYZE " + std::string(table));
  auto count_of = [&](const std::string& what) {
    return sql("SELECT coalesce(sum(" + what + "), 0) FROM pg_stat_user_tables WHERE schemaname=current_schema()")
        .number(0, 0);
  };
  ASSERT_TRUE(until([&] { return count_of("n_live_tup") >= 100'000; })) << "the server counts what was made";
  const std::int64_t found = count_of("idx_scan");
  constexpr int kTurns = 300;  // beyond the five after which a prepared statement may get its lasting plan
  {
    auto a = node();
    for (int i = 0; i < kTurns; ++i) {
      Address who{"telegram", std::to_string(i % 50)};
      auto result = turn(*a, who, std::to_string(i), [](rules::Person p) {
        auto d = count(std::move(p));
        d.timers.push_back({"checkback", kNow});
        d.alarm = rules::Level::danger;
        d.calls = true;
        return d;
      });
      for (const auto& row : result.rows) settle(*a, row);
      a->claim(10);
      for (const auto& due : a->due(kNow, 10)) EXPECT_EQ(due.name, "checkback");
      for (const auto& alarm : a->alarms_due(kNow, 10)) EXPECT_TRUE(a->acknowledge(alarm.token, kNow));
      a->person(who);
      a->outbox_of(who, 10);
    }
  }
  ASSERT_TRUE(until([&] { return count_of("idx_scan") >= found + 5 * kTurns; })) << "the server counts what was done";
  const std::string tables = "FROM pg_stat_user_tables WHERE schemaname=current_schema() AND seq_tup_read>=40000";
  PgRows through = sql("SELECT relname, seq_tup_read " + tables);  // ANALYZE and the making of it read some
  for (int i = 0; i < through.size(); ++i)
    ADD_FAILURE() << through.text(i, 0) << " was gone through: " << through.text(i, 1) << " rows";
}

TEST_F(Nodes, AServerThatIsKilledLosesNothingThatWasAcknowledged) {
  auto a = node(), b = node();
  std::set<std::string> acknowledged;
  int next = 0;
  for (int round = 0; round < 3; ++round) {
    std::thread killer([] {
      std::this_thread::sleep_for(milliseconds(150));
      control("-m immediate stop");
      control("-l /dev/null start");
    });
    for (auto end = Clock::now() + std::chrono::seconds(3); Clock::now() < end;) {
      std::vector<std::pair<std::string, std::future<TurnResult>>> open;
      for (int i = 0; i < 20; ++i) {
        std::string event = std::to_string(++next);
        open.emplace_back(event, begin(next % 2 == 0 ? *a : *b, kAna, event));
      }
      for (auto& [event, result] : open)
        if (result.get().kind == TurnResult::Kind::done) acknowledged.insert(event);
    }
    killer.join();
    ASSERT_TRUE(until([&] { return turn(*a, kAna, "probe" + std::to_string(++next)).kind == TurnResult::Kind::done; }))
        << "it goes on";
  }
  ASSERT_GT(acknowledged.size(), 100U);
  std::set<std::string> kept;
  PgRows events = sql("SELECT id FROM event");
  for (int i = 0; i < events.size(); ++i) kept.insert(events.text(i, 0));
  for (const auto& event : acknowledged) EXPECT_TRUE(kept.contains(event)) << event << " was acknowledged and is lost";
  EXPECT_EQ(a->person(kAna)->turn, events.size()) << "a turn without its event, or an event without its turn";
}

TEST_F(Nodes, AServerThatHangsIsAwayAndWhatWentThroughIsToldLate) {
  auto a = node();
  turn(*a, kAna, "1");
  std::mutex mutex;
  std::vector<TurnResult> told;
  auto stopped = server_processes();
  for (pid_t p : stopped) ::kill(p, SIGSTOP);
  auto begun = Clock::now();
  a->turn(kAna, "2", kNow, count, [&](TurnResult r) {
    std::lock_guard lock(mutex);
    told.push_back(std::move(r));
  });
  auto size = [&] {
    std::lock_guard lock(mutex);
    return told.size();
  };
  EXPECT_TRUE(until([&] { return size() == 1; }, std::chrono::seconds(4)));
  EXPECT_LT(Clock::now() - begun, std::chrono::seconds(4));
  EXPECT_TRUE(told.at(0).kind == TurnResult::Kind::failed && told[0].away);
  EXPECT_TRUE(until([&] { return !a->healthy(); }));
  for (pid_t p : stopped) ::kill(p, SIGCONT);
  ASSERT_TRUE(until([&] {
    return turn(*a, kBen, std::to_string(Clock::now().time_since_epoch().count())).kind == TurnResult::Kind::done;
  }));
  auto again = turn(*a, kAna, "2");
  EXPECT_TRUE(again.kind == TurnResult::Kind::done || again.kind == TurnResult::Kind::duplicate);
  EXPECT_EQ(a->person(kAna)->turn, 2) << "once, whatever became of the first attempt";
}

}  // namespace
}  // namespace bot
