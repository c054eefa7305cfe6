// What lies behind the desk: versions of packs, trends, a guide as a graph, what was read in a message.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "bot/explain.hpp"
#include "bot/shelf.hpp"
#include "bot/store_sqlite.hpp"
#include "bot/trends.hpp"

namespace bot {
namespace {

const std::string kRules = STEADY_SOURCE "/rules";
constexpr rules::Time kNow{std::chrono::seconds(1'798'800'000)};

class DeskShelf : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("steady-shelf-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
  SimulatedEnvironment clock_{kNow};
  SqliteStore store_{":memory:"};
};

TEST_F(DeskShelf, ADraftIsPublishedAndTakenBack) {
  Shelf shelf(store_, clock_, kRules, folder_);
  rules::Problems left_out;
  std::string installed = (*shelf.load(left_out))->version;
  const std::string name = "packs/en/ground.yaml";
  Files draft{{name, shelf.installed(name) + "\n# a word of the author's\n"}};
  EXPECT_EQ(shelf.put_draft("ana", draft), "");
  EXPECT_EQ(shelf.draft("ana"), draft);
  EXPECT_TRUE(shelf.draft("bea").empty());
  EXPECT_EQ(shelf.publish("ana", "a word", draft), "");
  EXPECT_TRUE(shelf.changed());
  auto pack = shelf.load(left_out);
  EXPECT_NE((*pack)->version, installed);
  EXPECT_TRUE(left_out.empty());
  EXPECT_FALSE(shelf.changed());
  EXPECT_EQ(shelf.put_in_force(""), "");
  EXPECT_EQ((*shelf.load(left_out))->version, installed);
  EXPECT_EQ(shelf.put_in_force(Shelf::id_of(draft)), "") << "it is kept";
  EXPECT_NE(shelf.put_in_force("none"), "");
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "packs")) << "nothing is left lying about";
}

TEST_F(DeskShelf, WhatDoesNotLoadIsSaidWithItsLineAndTheInstalledGoOn) {
  Shelf shelf(store_, clock_, kRules, folder_);
  Files broken{{"packs/en/ground.yaml", "guide: ground\nlanguage: en\nsteps: nothing\n"}};
  auto pack = shelf.load(broken, false);
  ASSERT_FALSE(pack);
  EXPECT_EQ(pack.error().front().file, "packs/en/ground.yaml");
  EXPECT_GT(pack.error().front().line, 0);
  EXPECT_EQ(shelf.publish("ana", "", broken), "");
  rules::Problems left_out;
  EXPECT_TRUE(shelf.load(left_out)) << "the installed ones";
  EXPECT_FALSE(left_out.empty());
}

TEST_F(DeskShelf, NoNameLeadsOutOfTheFolder) {
  Shelf shelf(store_, clock_, kRules, folder_);
  for (const char* name : {"../steady.db", "packs/../x.yaml", "packs/en/../../x.yaml", "/etc/passwd", "packs/en/x.bin",
                           "directory/../GB.json", "packs/en/x.yaml\n", "packs/en/reader.bin"})
    EXPECT_NE(shelf.put_draft("ana", {{name, "x"}}), "") << name;
  EXPECT_NE(shelf.put_draft("ana", {{"packs/en/x.yaml", std::string(kMaxFileBytes + 1, 'x')}}), "");
  auto names = shelf.names();
  EXPECT_NE(std::find(names.begin(), names.end(), "directory/GB.json"), names.end());
  for (const auto& n : names) EXPECT_TRUE(shelf.may_hold(n)) << n;
}

TEST_F(DeskShelf, TrendsAddUpOverProcessesAndHoldNoWords) {
  Trends one(store_, clock_), two(store_, clock_);
  for (int i = 0; i < 3; ++i) one.count("v1", {"notice.body", "notice.body>1"});
  two.count("v1", {"notice.body#2", "line.missed"});
  two.count("v2", {"notice.close"});
  two.count("v2", {});
  two.flush();
  auto days = one.month("2027-01");
  EXPECT_EQ(days.dump(),
            R"({"2027-01-01":{"v1":{"line.missed":1,"notice.body":7,"turns":4},"v2":{"notice.close":1,"turns":1}}})");
  EXPECT_TRUE(one.month("2026-12").empty());
}

TEST(Explain, AGuideIsAGraphWhoseWaysLeadSomewhere) {
  auto pack = rules::load_pack(kRules, false);
  ASSERT_TRUE(pack);
  for (const auto& [name, guide] : (*pack)->guides) {
    auto graph = graph_of(guide);
    EXPECT_EQ(graph["steps"].size(), guide.steps.size());
    for (const auto& way : graph["ways"]) {
      auto to = way["to"].get<std::string>();
      EXPECT_TRUE(rules::is_way(to) || (*pack)->step(to) != nullptr) << name << ": " << to;
    }
  }
  auto e = explained(**pack, "i have the pills here and i will take them tonight", "en", kNow);
  EXPECT_EQ(e["level"], "danger");
  EXPECT_NE(e["signals"][0]["where"].dump().find(".yaml:"), std::string::npos);
}

}  // namespace
}  // namespace bot
