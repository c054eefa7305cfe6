// Tests of bot/webhooks: whoever may be in danger waits neither for many, nor for the spool, nor for a store that is
// slow.
#include "bot/webhooks.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/bot/broken_store.hpp"

namespace bot {
namespace {

using std::chrono::milliseconds;

constexpr const char* kDanger = "i took all the pills";
constexpr const char* kCalm = "he left me on read";

class Clock final : public SystemEnvironment {
 public:
  [[nodiscard]] rules::Time now() const override {
    return rules::Time(std::chrono::seconds(1'778'000'000) + std::chrono::duration_cast<std::chrono::seconds>(at_));
  }
  [[nodiscard]] std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(std::chrono::hours(1) + at_);
  }
  void advance(milliseconds by) { at_ += by; }

 private:
  milliseconds at_{0};
};

// Turns wait until they are let go; then they end as they would have.
class SlowStore : public BrokenStore {
 public:
  void turn(Address address, std::string, rules::Time now, Decide decide, Done done) override {
    waiting_.push_back([this, address = std::move(address), now, decide = std::move(decide), done = std::move(done)] {
      TurnResult result;
      for (const auto& reply : decide(rules::Person{}).replies) {
        OutboxRow row;
        row.id = ++last_;
        row.channel = address.channel;
        row.message.text = reply.text;
        row.created = now;
        result.rows.push_back(std::move(row));
      }
      done(std::move(result));
    });
    if (at_once) let_go();
  }
  void settle(Settlement settlement) override { settled.push_back(std::move(settlement)); }
  void let_go() {
    for (auto& turn : std::exchange(waiting_, {})) turn();
  }
  bool at_once = false;
  std::vector<Settlement> settled;

 private:
  std::vector<std::function<void()>> waiting_;
  std::int64_t last_ = 0;
};

class WebhooksTest : public testing::Test {
 protected:
  WebhooksTest() { packs_.set(rules::load_pack(STEADY_SOURCE "/rules", false).value()); }
  static adapters::Channel channel() {
    adapters::Channel out;
    out.name = "tg";
    out.platform = "telegram";
    return out;
  }
  adapters::Update update(const std::string& id, const std::string& text) {
    adapters::Update out;
    out.id = id;
    out.contact = "5";
    out.country = "US";
    out.text = text;
    return out;
  }
  void write(const std::string& id, const std::string& text) { webhooks_.said(channel_, {update(id, text)}); }
  void later(milliseconds by) {
    clock_.advance(by);
    webhooks_.help_overdue();
  }
  Dispatch dispatch() {
    return {[this](const adapters::Channel&, const std::vector<OutboxRow>& rows) {
              for (const auto& row : rows) said_.push_back(row.message);
            },
            [](const adapters::Channel&, const adapters::HttpCall&) {},
            {},
            [this](rules::Level, const std::string&) { ++alarms_; },
            [this](const adapters::Channel& channel, const adapters::Update& update, bool answered) {
              spooled_.push_back({channel.name, update, answered});
              return true;
            },
            [this] { return behind_; },
            [this] { return there_; }};
  }

  SlowStore store_;
  Packs packs_;
  Clock clock_;
  std::set<std::string> arrived_;
  Conversation::Hooks hooks_{{}, {}, [this](const std::string& key) { return arrived_.contains(key); }};
  Conversation conversation_{store_, packs_, clock_, "Ana", hooks_};
  Metrics metrics_;
  adapters::Channel channel_ = channel();
  std::size_t behind_ = 0;
  bool there_ = true;
  int alarms_ = 0;
  std::vector<adapters::Outgoing> said_;
  std::vector<Spooled> spooled_;
  Webhooks webhooks_{{channel_}, conversation_, clock_, metrics_, dispatch()};
};

TEST_F(WebhooksTest, WhoMayBeInDangerDoesNotWaitForALongQueue) {
  behind_ = 3;
  write("1", kDanger);
  EXPECT_TRUE(said_.empty()) << "a short queue is waited for: the answer is then in its context";
  behind_ = 5000;
  write("2", kCalm);
  EXPECT_TRUE(said_.empty());
  write("3", kDanger);
  ASSERT_EQ(said_.size(), 1U);
  EXPECT_NE(said_[0].text.find("988"), std::string::npos) << said_[0].text;
  EXPECT_EQ(alarms_, 1);
  ASSERT_EQ(spooled_.size(), 3U);
  EXPECT_FALSE(spooled_[0].answered || spooled_[1].answered);
  EXPECT_TRUE(spooled_[2].answered);
}

TEST_F(WebhooksTest, NorForTheSpoolWhereItIsShortAndDoesNotMove) {
  behind_ = 3;
  write("1", kDanger);
  write("2", kCalm);
  later(milliseconds(900));
  EXPECT_TRUE(said_.empty());
  later(milliseconds(200));
  ASSERT_EQ(said_.size(), 1U);
  EXPECT_NE(said_[0].text.find("988"), std::string::npos) << said_[0].text;
  EXPECT_TRUE(said_[0].urgent);
  EXPECT_EQ(alarms_, 1);
  later(milliseconds(5'000));
  write("1", kDanger);  // sent again by its platform
  later(milliseconds(1'500));
  EXPECT_EQ(said_.size(), 1U) << "once";
  arrived_.insert(said_[0].key);
  store_.at_once = true;
  for (const auto& spooled : spooled_) EXPECT_EQ(webhooks_.again(spooled), Spool::Taken::kept);
  EXPECT_EQ(said_.size(), 2U) << "the calm one is answered now, the other has been";
}

TEST_F(WebhooksTest, NorForATurnThatTakesLong) {
  write("1", kDanger);
  write("2", kCalm);
  later(milliseconds(1'100));
  ASSERT_EQ(said_.size(), 1U);
  arrived_.insert(said_[0].key);
  store_.let_go();
  EXPECT_EQ(said_.size(), 2U) << "who has an answer gets no second one, the other has theirs";
  ASSERT_FALSE(store_.settled.empty());
  EXPECT_EQ(store_.settled[0].kind, Settlement::Kind::delivered) << "it does not wait in the outbox";
}

TEST_F(WebhooksTest, WhatDidNotArriveIsSaidInFull) {
  write("1", kDanger);
  later(milliseconds(1'100));
  store_.let_go();
  EXPECT_GE(said_.size(), 2U);
}

TEST_F(WebhooksTest, WhoWasAnsweredInTimeIsNotOverdue) {
  write("1", kDanger);
  store_.let_go();
  std::size_t said = said_.size();
  EXPECT_GE(said, 1U);
  later(milliseconds(3'000));
  EXPECT_EQ(said_.size(), said);
  EXPECT_EQ(alarms_, 0) << "the store keeps it";
}

}  // namespace
}  // namespace bot
