// Tests of bot/spool: what was acknowledged is there after a crash, in its order and once; nobody reads it; a record
// that was cut off ends the file; full is said.
#include "bot/spool.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace bot {
namespace {

namespace fs = std::filesystem;

class SpoolTest : public testing::Test {
 protected:
  void SetUp() override { fs::remove(file_); }
  void TearDown() override { fs::remove(file_); }
  static Spooled said(const std::string& id, const std::string& text) {
    Spooled s;
    s.channel = "telegram";
    s.update.id = id;
    s.update.contact = "4711";
    s.update.text = text;
    s.update.kind = adapters::Kind::edited;
    s.update.language = "de";
    return s;
  }
  [[nodiscard]] std::string bytes() const {
    std::stringstream all;
    all << std::ifstream(file_, std::ios::binary).rdbuf();
    return all.str();
  }
  // The ids that are taken until `stop` comes.
  static std::string taken(Spool& spool, const std::string& stop = "") {
    std::string ids;
    spool.replay([&](const Spooled& s) {
      if (s.update.id == stop) return Spool::Taken::not_yet;
      ids += s.update.id + " ";
      return Spool::Taken::kept;
    });
    return ids;
  }
  fs::path file_ = fs::temp_directory_path() / ("steady-spool-" + std::to_string(::getpid()));
  adapters::Secret key_{"a key of its own"};
};

TEST_F(SpoolTest, GivesBackWhatWasSaidInItsOrder) {
  Spool spool(file_, key_);
  EXPECT_TRUE(spool.empty());
  ASSERT_TRUE(spool.add(said("1", "he left\nand i")));
  ASSERT_TRUE(spool.add(said("2", "\xff not utf-8")));
  EXPECT_EQ(spool.left(), 2U);
  std::vector<Spooled> all;
  EXPECT_TRUE(spool.replay([&](const Spooled& s) { return all.push_back(s), Spool::Taken::kept; }));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].channel, "telegram");
  EXPECT_EQ(all[0].update.contact, "4711");
  EXPECT_EQ(all[0].update.text, "he left\nand i");
  EXPECT_EQ(all[0].update.language, "de");
  EXPECT_EQ(all[0].update.kind, adapters::Kind::edited);
  EXPECT_TRUE(spool.empty());
  EXPECT_EQ(fs::file_size(file_), 0U);
}

TEST_F(SpoolTest, StopsWhereTheStoreIsAwayAgainAndGoesOnThere) {
  Spool spool(file_, key_);
  for (const char* id : {"1", "2", "3"}) spool.add(said(id, "x"));
  EXPECT_EQ(taken(spool, "2"), "1 ");
  spool.add(said("4", "x"));
  EXPECT_EQ(spool.left(), 3U);
  EXPECT_EQ(taken(spool), "2 3 4 ");
}

TEST_F(SpoolTest, SurvivesACrash) {
  {
    Spool before(file_, key_);
    for (const char* id : {"1", "2"}) before.add(said(id, "x"));
    taken(before, "2");
  }
  Spool after(file_, key_);
  EXPECT_EQ(after.left(), 2U) << "taken twice; the store knows the event";
  EXPECT_EQ(taken(after), "1 2 ");
}

TEST_F(SpoolTest, ACutOffRecordEndsIt) {
  {
    Spool spool(file_, key_);
    for (const char* id : {"1", "2"}) spool.add(said(id, "some words"));
  }
  const std::string whole = bytes();
  for (std::size_t cut = 1; cut < whole.size() / 2; cut += 7) {
    std::ofstream(file_, std::ios::binary | std::ios::trunc) << whole.substr(0, whole.size() - cut);
    Spool spool(file_, key_);
    EXPECT_EQ(spool.left(), 1U) << cut;
    ASSERT_TRUE(spool.add(said("3", "x")));
    EXPECT_EQ(taken(spool), "1 3 ") << cut;
  }
}

TEST_F(SpoolTest, AfterOneThatWasCutOffAtTheVeryBeginningNothingIsLost) {  // found by tests/fuzz/formats.cpp
  std::ofstream(file_, std::ios::binary) << std::string("\x40\0\0\0cut off", 11);
  {
    Spool spool(file_, key_);
    EXPECT_TRUE(spool.empty());
    ASSERT_TRUE(spool.add(said("1", "x")));
    EXPECT_EQ(taken(spool, "1"), "") << "the store is away again";
  }
  Spool spool(file_, key_);
  ASSERT_TRUE(spool.add(said("2", "y")));
  EXPECT_EQ(taken(spool), "1 2 ");
}

TEST_F(SpoolTest, ADamagedRecordDoesNotTakeTheOthersWithIt) {
  {
    Spool spool(file_, key_);
    for (const char* id : {"1", "2", "3"}) spool.add(said(id, "some words"));
  }
  std::string spoiled = bytes();
  std::size_t middle = spoiled.size() / 2;
  spoiled[middle] = static_cast<char>(spoiled[middle] ^ 1);
  std::ofstream(file_, std::ios::binary | std::ios::trunc) << spoiled;
  Spool spool(file_, key_);
  EXPECT_EQ(taken(spool), "1 3 ");
}

TEST_F(SpoolTest, IsReadByNobodyElse) {
  {
    Spool spool(file_, key_);
    spool.add(said("1", "nobody reads this"));
  }
  EXPECT_EQ(bytes().find("nobody"), std::string::npos);
  EXPECT_EQ(bytes().find("4711"), std::string::npos);
  EXPECT_EQ(fs::status(file_).permissions() & (fs::perms::group_all | fs::perms::others_all), fs::perms::none);
  Spool other(file_, adapters::Secret("another key"));
  EXPECT_EQ(taken(other), "");
}

TEST_F(SpoolTest, SaysWhenItIsFullOrCannotBeWritten) {
  Spool spool(file_, key_, 400);
  EXPECT_TRUE(spool.add(said("1", "x")));
  EXPECT_FALSE(spool.add(said("2", std::string(300, 'x'))));
  EXPECT_EQ(taken(spool), "1 ");
  EXPECT_TRUE(spool.add(said("3", "x")));
  Spool nowhere("/nonexistent/spool", key_);
  EXPECT_FALSE(nowhere.add(said("1", "x")));
  Spool keyless(file_, adapters::Secret());
  EXPECT_FALSE(keyless.add(said("1", "x")));
}

TEST_F(SpoolTest, AReplyThatIsOutIsNotMadeAgain) {
  Spool spool(file_, key_);
  spool.add(said("1", "x"));
  bool first = true;
  spool.replay([&](const Spooled& s) {
    EXPECT_FALSE(s.answered);
    return Spool::Taken::answered;
  });
  spool.replay([&](const Spooled& s) {
    EXPECT_EQ(s.answered, std::exchange(first, false));
    return Spool::Taken::kept;
  });
}

TEST_F(SpoolTest, TakesByItselfWhenTheStoreIsBack) {
  Spool spool(file_, key_);
  std::atomic<bool> ready{false};
  std::atomic<int> taken{0};
  spool.start([&] { return ready.load(); }, [&](const Spooled&) { return ++taken, Spool::Taken::kept; });
  for (int i = 0; i < 50; ++i) spool.add(said(std::to_string(i), "x"));
  EXPECT_EQ(taken, 0);
  ready = true;
  for (int i = 0; i < 500 && !spool.empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(taken, 50);
  spool.stop();
}

}  // namespace
}  // namespace bot
