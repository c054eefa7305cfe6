// Tests of bot/canary: it is content with the installed packs, and says what is wrong with packs that no longer hear
// danger, or answer it without a route.
#include "bot/canary.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace bot {
namespace {

namespace fs = std::filesystem;
const rules::Time kNow{std::chrono::seconds(1'790'000'000)};

TEST(CanaryCheck, IsContentWithTheInstalledPacks) {
  auto pack = rules::load_pack(STEADY_SOURCE "/rules", false);
  ASSERT_TRUE(pack);
  EXPECT_EQ(canary(**pack, kNow), "");
}

class Spoiled : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "packs");
    fs::copy(STEADY_SOURCE "/rules/directory", folder_ / "directory");
    fs::copy(STEADY_SOURCE "/rules/packs/en", folder_ / "packs/en");
  }
  void TearDown() override { fs::remove_all(folder_); }
  void replace(const char* file, const std::string& from, const std::string& to) {
    std::stringstream all;
    all << std::ifstream(folder_ / file).rdbuf();
    std::string text = all.str();
    std::size_t n = 0;
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size(), ++n)
      text.replace(at, from.size(), to);
    ASSERT_GT(n, 0U) << from;
    std::ofstream(folder_ / file) << text;
  }
  std::string told() {
    auto pack = rules::load_pack(folder_, false);
    return pack ? canary(**pack, kNow) : pack.error().front().text();
  }
  fs::path folder_ = fs::temp_directory_path() / ("steady-canary-" + std::to_string(::getpid()));
};

TEST_F(Spoiled, AReplyWithoutARouteIsSeen) {
  replace("directory/US.json", "988", "000");
  replace("directory/US.json", "911", "000");
  EXPECT_EQ(told(), "en: answered without a live route");
}

TEST_F(Spoiled, DangerThatIsReadAsLessIsSeen) {
  for (const char* file : {"risk_suicide", "risk_scenes", "risk_trauma", "risk_violence"})
    replace(("packs/en/" + std::string(file) + ".yaml").c_str(), ": danger", ": concern");
  EXPECT_EQ(told(), "en: not heard as danger");
}

class CanaryRun : public testing::Test {
 protected:
  struct Clock : SystemEnvironment {
    std::chrono::steady_clock::time_point at{std::chrono::hours(1)};
    [[nodiscard]] rules::Time now() const override { return kNow; }
    [[nodiscard]] std::chrono::steady_clock::time_point steady() const override { return at; }
  };
  void SetUp() override {
    auto channel = canary_.channel("0.0.0.0", 8080);
    std::string url = channel.setting("url");
    EXPECT_TRUE(url.starts_with("http://127.0.0.1:8080/canary/")) << url;
    token_ = url.substr(url.rfind('/') + 1);
  }
  void run() { canary_.run(pack().get()); }
  static const std::shared_ptr<const rules::Pack>& pack() {
    static const auto kPack = rules::load_pack(STEADY_SOURCE "/rules", false).value();
    return kPack;
  }
  void after(std::chrono::seconds wait) {
    clock_.at += wait;
    run();
  }
  int arrive(const std::string& body) { return canary_.arrived(token_, body).status; }

  Clock clock_;
  std::vector<adapters::HttpCall> posted_;
  CallDone done_;
  Canary canary_{clock_, [this](adapters::HttpCall call, CallDone done) {
                   posted_.push_back(std::move(call));
                   done_ = std::move(done);
                 }};
  std::string token_;
};

TEST_F(CanaryRun, IsWellWhenItsMessageHasComeBackWithARoute) {
  run();
  ASSERT_EQ(posted_.size(), 1U);
  EXPECT_EQ(posted_[0].url, "http://127.0.0.1:8080/hooks/.canary");
  EXPECT_FALSE(canary_.well()) << "not before it is back";
  done_({202, true, "", ""});
  EXPECT_FALSE(canary_.well());
  EXPECT_EQ(arrive("call 988"), 204);
  EXPECT_TRUE(canary_.well());
  after(kCanaryEvery - std::chrono::seconds(1));
  EXPECT_EQ(posted_.size(), 1U);
  after(std::chrono::seconds(1));
  EXPECT_EQ(posted_.size(), 2U);
  EXPECT_TRUE(canary_.well()) << "while it is on its way";
}

TEST_F(CanaryRun, WhatDoesNotComeBackInTimeIsNotWellAndIsTriedAgainSoon) {
  run();
  arrive("call 988");
  after(kCanaryEvery);
  after(kCanaryWithin);
  EXPECT_TRUE(canary_.well());
  after(std::chrono::seconds(1));
  EXPECT_FALSE(canary_.well());
  EXPECT_EQ(arrive("call 988"), 204);
  EXPECT_FALSE(canary_.well()) << "too late";
  after(kCanaryAgain);
  arrive("call 988");
  EXPECT_TRUE(canary_.well());
}

TEST_F(CanaryRun, ARefusalOrAnAnswerWithoutARouteIsNotWell) {
  run();
  done_({503, true, "", ""});
  after(kCanaryAgain);
  EXPECT_EQ(posted_.size(), 2U);
  arrive("take care");
  EXPECT_FALSE(canary_.well());
  done_({202, true, "", ""});
  arrive("call 988");
  EXPECT_FALSE(canary_.well()) << "of none that is on its way";
}

TEST_F(CanaryRun, IsNotWellWithoutPacks) {
  canary_.run(nullptr);
  EXPECT_FALSE(canary_.well());
  EXPECT_TRUE(posted_.empty());
}

TEST_F(CanaryRun, ItsPathIsNobodyElses) {
  run();
  EXPECT_EQ(canary_.arrived("guessed", "call 988").status, 404);
  EXPECT_FALSE(canary_.well());
}

}  // namespace
}  // namespace bot
