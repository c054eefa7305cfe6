// Tests of bot/conversation: it fails towards help. A finding is answered without a store; with no packs every message
// is.
#include "bot/conversation.hpp"

#include <gtest/gtest.h>

#include <future>

#include "bot/store_parts.hpp"
#include "bot/webhooks.hpp"

namespace bot {
namespace {

class BrokenStore final : public Store {
 public:
  void turn(Address, std::string, rules::Time, Decide, Done done) override { done(failed_turn("disk full", false)); }
  void settle(Settlement) override {}
  std::vector<TimerRow> due(rules::Time, std::size_t) override { return {}; }
  std::optional<rules::Time> next_timer(const Address&) override { return {}; }
  std::vector<OutboxRow> outbox(std::int64_t, std::size_t) override { return {}; }
  std::vector<OutboxRow> claim(std::size_t) override { return {}; }
  std::vector<OutboxRow> outbox_of(const Address&, std::size_t) override { return {}; }
  std::optional<rules::Person> person(const Address&) override { return {}; }
  std::vector<AlarmRow> alarms_due(rules::Time, std::size_t) override { return {}; }
  void alarm_next(std::int64_t, int, rules::Time) override {}
  std::vector<AlarmRow> alarms(rules::Time, std::size_t) override { return {}; }
  std::vector<Standing> standing(rules::Time) override { return {}; }
  std::optional<Document> document(const std::string&) override { return {}; }
  bool put_document(const std::string&, const Document&) override { return false; }
  std::optional<AlarmRow> alarm(const std::string&) override { return {}; }
  bool acknowledge(const std::string&, rules::Time) override { return false; }
  void note(rules::Time, std::string, std::int64_t, std::string) override {}
  std::vector<AuditEntry> audit(std::int64_t, std::size_t) override { return {}; }
  AuditHead audit_head() override { return {}; }
  std::vector<std::string> contacts(const std::string&) override { return {}; }
  void move(const Address&, const std::string&) override {}
  [[nodiscard]] bool healthy() const override { return false; }
  void stop() override {}
};

Taken take(Conversation& conversation, const std::string& text, const std::string& contact = "+12025550100") {
  adapters::Channel channel;
  channel.name = "generic";
  adapters::Update update;
  update.id = text;
  update.contact = contact;
  update.text = text;
  std::promise<Taken> promise;
  conversation.take(channel, update, adapters::Limits{}, [&](Taken t) { promise.set_value(std::move(t)); });
  return promise.get_future().get();
}

TEST(Conversation, AnswersAFindingWithoutAStore) {
  BrokenStore store;
  Packs packs;
  packs.set(rules::load_pack(STEADY_SOURCE "/rules", false).value());
  SimulatedEnvironment clock(rules::Time(std::chrono::seconds(1'778'000'000)));
  Conversation conversation(store, packs, clock);
  Taken crisis = take(conversation, "I took all the pills");
  EXPECT_EQ(crisis.kind, Taken::Kind::unsaved);
  ASSERT_FALSE(crisis.rows.empty());
  EXPECT_NE(crisis.rows[0].message.text.find("911"), std::string::npos);
  EXPECT_TRUE(crisis.rows[0].message.urgent);
  EXPECT_EQ(take(conversation, "he left me on read").kind, Taken::Kind::failed);  // the platform sends it again
}

TEST(Conversation, WithoutPacksEveryMessageGetsTheRoutes) {
  BrokenStore store;
  Packs packs;
  SimulatedEnvironment clock(rules::Time(std::chrono::seconds(1'778'000'000)));
  Conversation conversation(store, packs, clock);
  for (const char* text : {"I took all the pills", "hello", "", "¿hola?"}) {
    Taken t = take(conversation, text);
    EXPECT_EQ(t.kind, Taken::Kind::unsaved);
    ASSERT_FALSE(t.rows.empty());
    EXPECT_NE(t.rows[0].message.text.find("988"), std::string::npos) << t.rows[0].message.text;
  }
  EXPECT_NE(take(conversation, "x", "someone").rows[0].message.text.find("findahelpline.com"), std::string::npos);
}

TEST(Webhooks, WhoMayBeInDangerDoesNotWaitForALongQueue) {
  BrokenStore store;
  Packs packs;
  packs.set(rules::load_pack(STEADY_SOURCE "/rules", false).value());
  SystemEnvironment environment;
  Conversation conversation(store, packs, environment);
  Metrics metrics;
  std::size_t behind = 0;
  std::vector<std::string> said;
  std::vector<bool> spooled;
  Dispatch dispatch{
      [&](const adapters::Channel&, const std::vector<OutboxRow>& rows) { said.push_back(rows.at(0).message.text); },
      [](const adapters::Channel&, const adapters::HttpCall&) {},
      {},
      [](rules::Level, const std::string&) {},
      [&](const adapters::Channel&, const adapters::Update&, bool answered) {
        spooled.push_back(answered);
        return true;
      },
      [&] { return behind; },
      [] { return true; }};
  adapters::Channel channel;
  channel.name = "tg";
  channel.platform = "telegram";
  Webhooks webhooks({channel}, conversation, environment, metrics, dispatch);
  auto write = [&](const std::string& id, const std::string& text) {
    adapters::Update update;
    update.id = id;
    update.contact = "5";
    update.country = "US";
    update.text = text;
    webhooks.said(channel, {update});
  };
  behind = 3;
  write("1", "i took all the pills");
  EXPECT_TRUE(said.empty()) << "a short queue is waited for: the answer is then in its context";
  behind = 5000;
  write("2", "he left me on read");
  EXPECT_TRUE(said.empty());
  write("3", "i took all the pills");
  ASSERT_EQ(said.size(), 1U);
  EXPECT_NE(said[0].find("988"), std::string::npos) << said[0];
  EXPECT_EQ(spooled, (std::vector<bool>{false, false, true})) << "each is kept, and the answered one as answered";
}

TEST(RecentWords, TheSameUpdateAgainIsNoSecondMessage) {
  RecentWords recent;
  rules::Time now{std::chrono::seconds(1'778'000'000)};
  recent.exchange("ana", {"first", rules::Level::none, now, "1"});
  EXPECT_EQ(recent.exchange("ana", {"second", rules::Level::none, now, "2"}).text, "first");
  EXPECT_EQ(recent.exchange("ana", {"second", rules::Level::none, now, "2"}).text, "first") << "sent again";
  EXPECT_EQ(recent.exchange("ana", {"third", rules::Level::none, now, "3"}).text, "second");
}

TEST(RecentWords, ForgetsAfterTwoMinutes) {
  RecentWords recent;
  rules::Time t{std::chrono::seconds(1000)};
  EXPECT_TRUE(recent.exchange("a", {"i want to", rules::Level::none, t}).text.empty());
  EXPECT_EQ(recent.exchange("a", {"die", rules::Level::none, t + std::chrono::seconds(119)}).text, "i want to");
  EXPECT_TRUE(recent.exchange("a", {"x", rules::Level::none, t + std::chrono::seconds(500)}).text.empty());
  EXPECT_TRUE(recent.exchange("b", {"y", rules::Level::none, t}).text.empty());
}

}  // namespace
}  // namespace bot
