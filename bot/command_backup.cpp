#include "bot/command_backup.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bot/environment.hpp"
#include "bot/iso_time.hpp"
#include "bot/sqlite.hpp"

namespace bot {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;

constexpr std::string_view kMagic = "steady-backup 1\n";
constexpr std::size_t kChunk = 64 * 1024, kLeastPassphrase = 16;
constexpr std::size_t kHeader = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
                      kTag = crypto_secretstream_xchacha20poly1305_ABYTES, kSalt = crypto_pwhash_SALTBYTES,
                      kKey = crypto_secretstream_xchacha20poly1305_KEYBYTES;
constexpr unsigned char kLast = crypto_secretstream_xchacha20poly1305_TAG_FINAL;
using Key = std::array<unsigned char, kKey>;
using Stream = crypto_secretstream_xchacha20poly1305_state;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

std::string passphrase(const fs::path& given) {
  fs::path file = given;
  if (const char* lent = std::getenv("CREDENTIALS_DIRECTORY"); file.empty() && lent != nullptr)
    file = fs::path(lent) / "steady-backup";
  if (file.empty()) fail("a passphrase is needed: --passphrase-file FILE, whose first line it is");
  std::string words;
  if (std::ifstream in(file); !std::getline(in, words)) fail("cannot read a passphrase in " + file.string());
  if (words.size() < kLeastPassphrase)
    fail("the passphrase in " + file.string() + " is short: write " + std::to_string(kLeastPassphrase) +
         " characters or more (head -c 24 /dev/urandom | base64)");
  return words;
}

Key key_of(const std::string& words, const std::string& salt) {
  Key key;
  if (crypto_pwhash(key.data(), key.size(), words.data(), words.size(),
                    reinterpret_cast<const unsigned char*>(salt.data()),  // NOLINT: libsodium's type
                    crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
                    crypto_pwhash_ALG_ARGON2ID13) != 0)
    fail("too little memory for the passphrase");
  return key;
}

class Writer {
 public:
  Writer(const fs::path& file, const std::string& words) : out_(file, std::ios::binary | std::ios::trunc) {
    std::string salt(kSalt, '\0'), header(kHeader, '\0');
    randombytes_buf(salt.data(), salt.size());
    Key key = key_of(words, salt);
    crypto_secretstream_xchacha20poly1305_init_push(&stream_, bytes(header), key.data());
    out_ << kMagic << salt << header;
  }
  void message(const std::string& plain, bool last = false) {
    std::string sealed(plain.size() + kTag, '\0');
    crypto_secretstream_xchacha20poly1305_push(&stream_, bytes(sealed), nullptr, bytes(plain), plain.size(), nullptr, 0,
                                               last ? kLast : 0);
    std::array<char, 4> length;
    for (std::size_t i = 0; i < length.size(); ++i) length[i] = static_cast<char>(sealed.size() >> (8 * i));
    out_.write(length.data(), length.size()) << sealed;
    if (last) out_.flush();
    if (!out_) fail("cannot be written: is the disk full?");
  }
  static unsigned char* bytes(std::string& s) { return reinterpret_cast<unsigned char*>(s.data()); }  // NOLINT
  static const unsigned char* bytes(const std::string& s) {
    return reinterpret_cast<const unsigned char*>(s.data());  // NOLINT: libsodium's type
  }

 private:
  std::ofstream out_;
  Stream stream_{};
};

class Reader {
 public:
  Reader(const fs::path& file, const std::string& words) : in_(file, std::ios::binary) {
    if (!in_) fail(file.string() + " cannot be read");
    if (take(kMagic.size()) != kMagic) fail(file.string() + " is no backup of Steady, or of another version");
    std::string salt = take(kSalt), header = take(kHeader);
    Key key = key_of(words, salt);
    if (crypto_secretstream_xchacha20poly1305_init_pull(&stream_, Writer::bytes(header), key.data()) != 0)
      fail("damaged");
  }
  std::string message() {
    std::string length = take(4);
    std::size_t size = 0;
    for (std::size_t i = 0; i < length.size(); ++i)
      size |= std::size_t{static_cast<unsigned char>(length[i])} << (8 * i);
    if (size < kTag || size > kChunk + kTag) fail("damaged");
    std::string sealed = take(size), plain(size - kTag, '\0');
    unsigned char tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&stream_, Writer::bytes(plain), nullptr, &tag, Writer::bytes(sealed),
                                                   sealed.size(), nullptr, 0) != 0)
      fail("it does not open: another passphrase, or damaged");
    last_ = tag == kLast;
    return plain;
  }
  [[nodiscard]] bool last() const { return last_; }

 private:
  std::string take(std::size_t size) {
    std::string out(size, '\0');
    if (!in_.read(out.data(), static_cast<std::streamsize>(size))) fail("cut off");
    return out;
  }
  std::ifstream in_;
  Stream stream_{};
  bool last_ = false;
};

// What a backup holds, each by its name under the data folder, and in this order.
std::vector<std::string> names_of(const fs::path& data) {
  std::vector<std::string> names{"steady.db"};
  if (fs::exists(data / "keys"))
    for (const auto& entry : fs::directory_iterator(data / "keys"))
      if (entry.is_regular_file() && entry.path().extension() != ".new")
        names.push_back("keys/" + entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

void sync(const fs::path& path) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 || ::fsync(file) != 0) fail(path.string() + " cannot be written to the disk");
  ::close(file);
}

std::int64_t people_in(const fs::path& database) {
  SqliteDatabase db(database.string());
  SqliteStatement whole(db.handle.get(), "PRAGMA integrity_check"),
      count(db.handle.get(), "SELECT count(*) FROM person WHERE channel NOT LIKE '.%'");
  if (!whole.step() || whole.text(0) != "ok") fail("the database is damaged: " + whole.text(0));
  count.step();
  return count.number(0);
}

// Removes what is unfinished, however it ends.
struct Unfinished {
  explicit Unfinished(fs::path p) : path(std::move(p)) { fs::remove_all(path); }
  ~Unfinished() {
    std::error_code ec;
    fs::remove_all(path, ec);
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  fs::path path;
};

void write_backup(const BackupOptions& options, const fs::path& to, const fs::path& copy, const std::string& words) {
  Writer out(to, words);
  auto names = names_of(options.data);
  auto of = [&](const std::string& name) { return name == "steady.db" ? copy : options.data / name; };
  json files = json::array();
  for (const auto& name : names) files.push_back({{"name", name}, {"size", fs::file_size(of(name))}});
  out.message(json{{"made", iso(SystemEnvironment().now())}, {"files", files}}.dump());
  for (const auto& name : names) {
    std::ifstream in(of(name), std::ios::binary);
    std::string chunk(kChunk, '\0');
    for (auto left = fs::file_size(of(name)); left > 0; left -= chunk.size()) {
      chunk.resize(std::min<std::uintmax_t>(left, kChunk));
      if (!in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()))) fail(name + " cannot be read");
      out.message(chunk);
    }
  }
  out.message("", true);
}

// Every file of a backup into `folder`; with none, only reads to the end. Returns when it was made.
std::string read_backup(const fs::path& file, const std::string& words, const fs::path& folder) {
  Reader in(file, words);
  json what = json::parse(in.message());
  for (const auto& f : what.at("files")) {
    fs::path name(f.at("name").get<std::string>());
    std::ofstream out;
    if (!folder.empty()) {
      fs::create_directories((folder / name).parent_path());
      out.open(folder / name, std::ios::binary);
    }
    for (auto left = f.at("size").get<std::uintmax_t>(); left > 0;) {
      std::string chunk = in.message();
      if (chunk.size() > left || in.last()) fail("damaged");
      left -= chunk.size();
      if (!folder.empty() && !(out << chunk)) fail("cannot be written: is the disk full?");
    }
    if (folder.empty()) continue;
    out.close();
    fs::permissions(folder / name,
                    name.has_parent_path() ? fs::perms::owner_read : fs::perms::owner_read | fs::perms::owner_write);
    sync(folder / name);
  }
  if (in.message(), !in.last()) fail("cut off");
  return what.at("made").get<std::string>();
}

int said(const char* command, int (*work)(const BackupOptions&), const BackupOptions& options) {
  try {
    if (sodium_init() < 0) fail("no randomness");
    ::umask(0077);
    return work(options);
  } catch (const std::exception& e) {
    std::cerr << command << ": " << e.what() << "\n";
    return 1;
  }
}

int back_up(const BackupOptions& options) {
  auto words = passphrase(options.passphrase_file);
  if (!fs::exists(options.data / "steady.db"))
    fail("there is no steady.db in " + options.data.string() + ": --data FOLDER");
  if (fs::exists(options.file)) fail(options.file.string() + " is there already; give each backup a name of its own");
  Unfinished copy(options.data / "steady.db.copy"), part(options.file.string() + ".part");
  {
    SqliteDatabase db((options.data / "steady.db").string());
    SqliteStatement(db.handle.get(), "VACUUM INTO ?").bind(copy.path.string()).run();
  }
  std::int64_t people = people_in(copy.path);
  write_backup(options, part.path, copy.path, words);
  read_backup(part.path, words, {});
  sync(part.path);
  fs::rename(part.path, options.file);
  std::ofstream(options.data / kLastBackup) << iso(SystemEnvironment().now()) << "\n";
  std::cout << options.file.string() << ": " << people << " people, " << fs::file_size(options.file)
            << " bytes, read back whole. The passphrase opens it; keep the two apart.\n";
  return 0;
}

int bring_back(const BackupOptions& options) {
  auto words = passphrase(options.passphrase_file);
  if (fs::exists(options.data / "steady.db") || fs::exists(options.data / "keys"))
    fail("there are data in " + options.data.string() + ", and nothing is written over them: --data NEW_FOLDER");
  fs::create_directories(options.data);
  Unfinished part(options.data / "restore.part");
  std::string made = read_backup(options.file, words, part.path);
  std::int64_t people = people_in(part.path / "steady.db");
  for (const char* left : {"steady.db-wal", "steady.db-shm"}) fs::remove(part.path / left);
  if (fs::exists(part.path / "keys")) fs::rename(part.path / "keys", options.data / "keys");
  fs::rename(part.path / "steady.db", options.data / "steady.db");  // last: with it the data are whole
  sync(options.data);
  std::cout << options.data.string() << ": " << people << " people, as of " << made
            << ". What came since is not in it; `steady audit verify` reads the trail.\n";
  return 0;
}

}  // namespace

int backup(const BackupOptions& options) { return said("backup", back_up, options); }
int restore(const BackupOptions& options) { return said("restore", bring_back, options); }

}  // namespace bot
