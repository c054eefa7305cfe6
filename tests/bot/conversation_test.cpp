// Tests of bot/conversation: it fails towards help. A finding is answered without a store; with no packs every message
// is.
#include "bot/conversation.hpp"

#include <gtest/gtest.h>

#include <future>

#include "tests/bot/broken_store.hpp"

namespace bot {
namespace {

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
