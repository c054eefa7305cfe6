// Tests of bot/keys: made once, kept, closed to others, never half written.
#include "bot/keys.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace bot {
namespace {

class KeysTest : public testing::Test {
 protected:
  void SetUp() override {
    data_ = std::filesystem::temp_directory_path() / ("steady-keys-" + std::to_string(::getpid()));
    std::filesystem::remove_all(data_);
  }
  void TearDown() override { std::filesystem::remove_all(data_); }
  std::filesystem::path data_;
  SystemEnvironment environment_;
};

TEST_F(KeysTest, TheSecondStartFindsTheKeyOfTheFirst) {
  std::string first = own_key(data_, "tg", environment_).reveal();
  EXPECT_GE(first.size(), 32U);
  EXPECT_EQ(own_key(data_, "tg", environment_).reveal(), first);
  EXPECT_NE(own_key(data_, "other", environment_).reveal(), first);
}

TEST_F(KeysTest, OnlyTheOwnerReadsIt) {
  own_key(data_, "tg", environment_);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(data_ / "keys" / "tg").permissions() & (perms::group_all | perms::others_all),
            perms::none);
  EXPECT_EQ(std::filesystem::status(data_ / "keys").permissions() & (perms::group_all | perms::others_all),
            perms::none);
}

TEST_F(KeysTest, WhatAnEndedStartLeftIsNoKey) {
  std::filesystem::create_directories(data_ / "keys");
  std::ofstream(data_ / "keys" / "tg.new") << "half";
  std::string key = own_key(data_, "tg", environment_).reveal();
  EXPECT_GE(key.size(), 32U);
  EXPECT_EQ(own_key(data_, "tg", environment_).reveal(), key);
}

// A disk that fails for a moment must not cost everything that was sealed with the key.
TEST_F(KeysTest, AKeyThatCannotBeReadIsNotMadeAnew) {
  std::filesystem::create_directories(data_ / "keys" / "tg");  // there, and nothing that can be read
  EXPECT_TRUE(own_key(data_, "tg", environment_).reveal().empty());
  std::ofstream(data_ / "keys" / "empty").flush();
  EXPECT_TRUE(own_key(data_, "empty", environment_).reveal().empty());
  EXPECT_EQ(std::filesystem::file_size(data_ / "keys" / "empty"), 0U);
}

TEST_F(KeysTest, AChosenSecretStays) {
  adapters::Channel channel;
  channel.name = "tg";
  channel.platform = "telegram";
  channel.secrets["webhook_secret"] = adapters::Secret("chosen");
  complete(channel, data_, environment_);
  EXPECT_EQ(channel.secret("webhook_secret").reveal(), "chosen");
  channel.secrets.clear();
  complete(channel, data_, environment_);
  EXPECT_EQ(channel.secret("webhook_secret").reveal(), own_key(data_, "tg.webhook_secret", environment_).reveal());
}

}  // namespace
}  // namespace bot
