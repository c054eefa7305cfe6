// Tests of bot/command_backup: what was saved comes back, as of one moment and with its keys; a file that was touched,
// cut off or belongs to another passphrase opens to nobody; nothing is written over.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "bot/command_backup.hpp"
#include "bot/sqlite.hpp"

namespace bot {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSentence = "nobody reads this in a backup";

std::string bytes_of(const fs::path& file) {
  std::stringstream all;
  all << std::ifstream(file, std::ios::binary).rdbuf();
  return all.str();
}

class BackupTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("steady-backup-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "data" / "keys");
    std::ofstream(folder_ / "words") << "a passphrase of some length\n";
    std::ofstream(folder_ / "data" / "keys" / "master") << "the master key";
    std::ofstream(folder_ / "data" / "keys" / "tg.new") << "half";
    db_ = std::make_unique<SqliteDatabase>((folder_ / "data" / "steady.db").string());
    db_->begin->run();
    for (int i = 0; i < 2000; ++i) add("person " + std::to_string(i));  // more than one chunk
    db_->commit->run();
    options_ = {folder_ / "data", folder_ / "one.backup", folder_ / "words"};
    back_ = {folder_ / "back", folder_ / "one.backup", folder_ / "words"};
  }
  void TearDown() override {
    db_.reset();
    fs::remove_all(folder_);
  }
  void add(const std::string& contact) {
    SqliteStatement(db_->handle.get(), "INSERT INTO person(channel, contact, state) VALUES(?,?,?)")
        .bind("web")
        .bind(contact)
        .bind_bytes(kSentence)
        .run();
  }
  // The exit status and what was said on standard error.
  static std::pair<int, std::string> told(int (*command)(const BackupOptions&), const BackupOptions& options) {
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    int status = command(options);
    testing::internal::GetCapturedStdout();
    return {status, testing::internal::GetCapturedStderr()};
  }
  static std::int64_t people(const fs::path& data) {
    SqliteDatabase db((data / "steady.db").string());
    SqliteStatement count(db.handle.get(), "SELECT count(*) FROM person");
    count.step();
    return count.number(0);
  }
  fs::path folder_;
  BackupOptions options_, back_;
  std::unique_ptr<SqliteDatabase> db_;
};

TEST_F(BackupTest, ComesBackWhileTheServiceHoldsTheDatabase) {
  ASSERT_EQ(told(backup, options_).first, 0);
  add("who came later");
  ASSERT_EQ(told(restore, back_).first, 0);
  EXPECT_EQ(people(folder_ / "back"), 2000);
  EXPECT_EQ(people(folder_ / "data"), 2001);
  EXPECT_EQ(bytes_of(folder_ / "back" / "keys" / "master"), "the master key");
  EXPECT_FALSE(fs::exists(folder_ / "back" / "keys" / "tg.new"));
  for (const char* left : {"data/steady.db.copy", "one.backup.part", "back/restore.part"})
    EXPECT_FALSE(fs::exists(folder_ / left)) << left;
}

TEST_F(BackupTest, ItsFilesAreTheOwnersAndHoldNoWord) {
  ASSERT_EQ(told(backup, options_).first, 0);
  ASSERT_EQ(told(restore, back_).first, 0);
  for (const char* file : {"one.backup", "back/steady.db", "back/keys/master"})
    EXPECT_EQ(fs::status(folder_ / file).permissions() & (fs::perms::group_all | fs::perms::others_all),
              fs::perms::none)
        << file;
  EXPECT_EQ(bytes_of(folder_ / "one.backup").find(kSentence), std::string::npos);
  EXPECT_EQ(bytes_of(folder_ / "one.backup").find("master key"), std::string::npos);
}

TEST_F(BackupTest, NothingIsWrittenOver) {
  ASSERT_EQ(told(backup, options_).first, 0);
  EXPECT_NE(told(backup, options_).second.find("is there already"), std::string::npos);
  BackupOptions over = back_;
  over.data = options_.data;
  EXPECT_NE(told(restore, over).second.find("nothing is written over"), std::string::npos);
  EXPECT_EQ(people(options_.data), 2000);
}

TEST_F(BackupTest, AnotherPassphraseOpensNothing) {
  ASSERT_EQ(told(backup, options_).first, 0);
  std::ofstream(folder_ / "words") << "another passphrase of a length\n";
  auto [status, why] = told(restore, back_);
  EXPECT_EQ(status, 1);
  EXPECT_NE(why.find("another passphrase"), std::string::npos) << why;
  EXPECT_FALSE(fs::exists(folder_ / "back" / "steady.db"));
}

TEST_F(BackupTest, AFileThatWasTouchedOrCutOffDoesNotOpen) {
  ASSERT_EQ(told(backup, options_).first, 0);
  const std::string whole = bytes_of(options_.file);
  auto refused = [&](const std::string& bytes) {
    std::ofstream(options_.file, std::ios::binary | std::ios::trunc) << bytes;
    bool kept_out = told(restore, back_).first == 1;
    return kept_out && !fs::exists(folder_ / "back" / "steady.db") && !fs::exists(folder_ / "back" / "keys");
  };
  for (std::size_t at : {std::size_t{0}, std::size_t{20}, std::size_t{40}, whole.size() / 2, whole.size() - 1}) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_TRUE(refused(changed)) << at;
  }
  constexpr std::size_t kEnd = 4 + 17;  // the last message: it holds nothing but that it is the last
  for (std::size_t size : {std::size_t{0}, std::size_t{10}, std::size_t{56}, whole.size() / 2, whole.size() - kEnd})
    EXPECT_TRUE(refused(whole.substr(0, size))) << size;
  EXPECT_FALSE(refused(whole));
}

TEST_F(BackupTest, SaysWhatIsMissing) {
  BackupOptions none = options_;
  none.passphrase_file.clear();
  EXPECT_NE(told(backup, none).second.find("--passphrase-file FILE"), std::string::npos);
  std::ofstream(folder_ / "words", std::ios::trunc) << "short\n";
  EXPECT_NE(told(backup, options_).second.find("16 characters"), std::string::npos);
  std::ofstream(folder_ / "words", std::ios::trunc) << "a passphrase of some length\n";
  BackupOptions elsewhere = options_;
  elsewhere.data = folder_ / "nothing here";
  EXPECT_NE(told(backup, elsewhere).second.find("--data FOLDER"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_ / "nothing here"));
}

}  // namespace
}  // namespace bot
