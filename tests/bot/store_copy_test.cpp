// Tests of `steady store copy`: everything goes over and comes back, nothing is written where it should not be. Needs
// STEADY_TEST_POSTGRES (tests/with_postgres).
#include "bot/command_store.hpp"
#include "bot/store_open.hpp"
#include "tests/bot/store_fixture.hpp"

namespace bot {
namespace {

namespace fs = std::filesystem;

class StoreCopy : public testing::Test {
 protected:
  void SetUp() override {
    url_ = new_schema("c");
    if (url_.empty()) GTEST_SKIP() << kNoServer;
    folder_ = fs::temp_directory_path() / ("steady-copy-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    for (const char* side : {"one", "two"}) fs::create_directories(folder_ / side);
  }
  void TearDown() override { fs::remove_all(folder_); }
  [[nodiscard]] std::string side(const char* name) const { return (folder_ / name).string(); }
  [[nodiscard]] std::unique_ptr<Store> open(const std::string& url, const char* data) const {
    return open_store(url, folder_ / data, SystemEnvironment(), std::chrono::milliseconds(0));
  }
  static void turn(Store& store, const Address& who, const std::string& event) {
    std::promise<TurnResult> promise;
    auto decide = [](rules::Person p) {
      rules::Decision d;
      ++p.turn;
      p.facts["keep.plan_signs"] = {"the wave – ¡olé!", kNow};
      d.next = std::move(p);
      d.replies.emplace_back().text = std::to_string(d.next.turn);
      d.timers.push_back({"checkback", kNow + std::chrono::minutes(20)});
      d.notice = "suicide US";
      d.alarm = rules::Level::danger;
      d.calls = true;
      return d;
    };
    store.turn(who, event, kNow, decide, [&](TurnResult r) { promise.set_value(std::move(r)); });
    ASSERT_EQ(promise.get_future().get().kind, TurnResult::Kind::done);
  }
  void share_master() const {
    fs::create_directories(folder_ / "two" / "keys");
    fs::copy(folder_ / "one" / "keys" / "master", folder_ / "two" / "keys" / "master");
  }
  static std::string problem_of_trail(Store& store, const std::string& key) {
    AuditCheck check(key);
    for (const auto& entry : store.audit(0, 1000)) check.take(entry);
    return check.problem(store.audit_head());
  }

  fs::path folder_;
  std::string url_;
};

TEST_F(StoreCopy, EverythingGoesOverAndComesBack) {
  std::string token, key;
  {
    auto sqlite = open("", "one");
    for (int who = 0; who < 30; ++who)
      for (int n = 0; n <= who % 3; ++n) turn(*sqlite, {"telegram", std::to_string(who)}, std::to_string(n));
    token = sqlite->alarms_due(kNow, 1).at(0).token;
    key = sqlite->outbox_of(kAna, 1).at(0).message.key;
    EXPECT_TRUE(sqlite->acknowledge(token, kNow));
    EXPECT_TRUE(sqlite->put_document("desk", {0, "accounts"}));
  }
  ASSERT_EQ(store_copy({side("one"), url_}), 0);
  {
    auto postgres = open(url_, "one");
    EXPECT_EQ(postgres->person(kAna)->turn, 3);
    EXPECT_EQ(postgres->person(kAna)->fact("keep.plan_signs"), "the wave – ¡olé!");
    EXPECT_EQ(postgres->outbox_of(kAna, 10).size(), 3U);
    EXPECT_EQ(postgres->outbox_of(kAna, 10).at(0).message.key, key) << "a platform may have seen it";
    EXPECT_EQ(postgres->claim(1000).size(), 60U);
    EXPECT_EQ(postgres->next_timer(kAna), kNow + std::chrono::minutes(20));
    EXPECT_TRUE(postgres->alarm(token)->seen);
    EXPECT_EQ(problem_of_trail(*postgres, audit_key(url_, folder_ / "one", SystemEnvironment())), "");
    turn(*postgres, kAna, "new");
    EXPECT_GT(postgres->outbox_of(kAna, 10).back().id, postgres->outbox_of(kAna, 10).front().id) << "in order";
  }
  share_master();
  ASSERT_EQ(store_copy({url_, side("two")}), 0);
  auto back = open("", "two");
  EXPECT_EQ(back->person(kAna)->turn, 4);
  EXPECT_EQ(back->outbox_of(kAna, 10).size(), 4U);
  EXPECT_EQ(back->contacts("telegram").size(), 30U);
  EXPECT_EQ(back->document("desk")->body, "accounts");
  EXPECT_EQ(problem_of_trail(*back, audit_key("", folder_ / "two", SystemEnvironment())), "");
}

TEST_F(StoreCopy, NothingIsWrittenOverOrWithAnotherKeyOrBesideARunningNode) {
  { turn(*open("", "one"), kAna, "1"); }
  ASSERT_EQ(store_copy({side("one"), url_}), 0);
  EXPECT_EQ(store_copy({side("one"), url_}), 1) << "somebody is kept there";
  EXPECT_EQ(store_copy({url_, side("two")}), 1) << "there is no key in the folder";
  { open("", "two")->audit_head(); }  // makes keys of its own
  EXPECT_EQ(store_copy({url_, side("two")}), 1) << "it is another key";
  fs::remove_all(folder_ / "two");
  fs::create_directories(folder_ / "two");
  share_master();
  {
    auto node = open(url_, "one");
    EXPECT_EQ(store_copy({url_, side("two")}), 1) << "a node runs on it";
  }
  EXPECT_EQ(store_copy({url_, side("two")}), 0);
  EXPECT_EQ(store_copy({side("one"), side("two")}), 1) << "two of the same kind";
}

}  // namespace
}  // namespace bot
