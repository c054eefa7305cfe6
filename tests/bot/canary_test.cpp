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

TEST(CanaryRun, RunsEveryFiveMinutesAndIsNotWellWithoutPacks) {
  struct Clock : SystemEnvironment {
    rules::Time at = kNow;
    [[nodiscard]] rules::Time now() const override { return at; }
  } clock;
  Canary c;
  EXPECT_FALSE(c.well()) << "not before it has run";
  EXPECT_TRUE(c.run(nullptr, clock));
  EXPECT_FALSE(c.well());
  auto pack = rules::load_pack(STEADY_SOURCE "/rules", false);
  ASSERT_TRUE(pack);
  EXPECT_FALSE(c.run(pack->get(), clock));
  clock.at += kCanaryEvery;
  EXPECT_TRUE(c.run(pack->get(), clock));
  EXPECT_TRUE(c.well());
}

}  // namespace
}  // namespace bot
