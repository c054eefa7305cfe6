#include "bot/spool.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

namespace bot {
namespace {

using json = nlohmann::json;

constexpr std::size_t kLength = 4, kMostOfOne = std::size_t{1} << 20;
constexpr const char* kIdentity = "spool";
constexpr std::chrono::milliseconds kLook{250};

std::string packed(const Spooled& s) {
  const auto& u = s.update;
  return json{{"channel", s.channel},
              {"answered", s.answered},
              {"id", u.id},
              {"contact", u.contact},
              {"kind", static_cast<int>(u.kind)},
              {"text", u.text},
              {"value", u.value},
              {"language", u.language},
              {"country", u.country},
              {"zone", u.zone},
              {"phone", u.phone}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<Spooled> unpacked(const std::string& text) {
  json j = json::parse(text, nullptr, false);
  if (!j.is_object()) return std::nullopt;
  Spooled s;
  s.channel = j.value("channel", "");
  s.answered = j.value("answered", false);
  auto& u = s.update;
  u.id = j.value("id", "");
  u.contact = j.value("contact", "");
  u.kind = static_cast<adapters::Kind>(j.value("kind", 0));
  u.text = j.value("text", "");
  u.value = j.value("value", "");
  u.language = j.value("language", "");
  u.country = j.value("country", "");
  u.zone = j.value("zone", "");
  u.phone = j.value("phone", "");
  return s;
}

bool read_all(int handle, char* to, std::size_t size, std::size_t at) {
  for (std::size_t done = 0; done < size;) {
    ssize_t n = ::pread(handle, to + done, size - done, static_cast<off_t>(at + done));
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

bool write_all(int handle, const std::string& bytes, std::size_t at) {
  for (std::size_t done = 0; done < bytes.size();) {
    ssize_t n = ::pwrite(handle, bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done));
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

Spool::Spool(std::filesystem::path file, const adapters::Secret& key, std::size_t most_bytes)
    : file_(std::move(file)), most_(most_bytes) {
  key_.bytes.resize(crypto_generichash_BYTES);
  const std::string& words = key.reveal();
  if (words.empty()) most_ = 0;  // nothing is kept that anybody could open
  crypto_generichash(reinterpret_cast<unsigned char*>(key_.bytes.data()),
                     key_.bytes.size(),  // NOLINT: libsodium's type
                     reinterpret_cast<const unsigned char*>(words.data()), words.size(), nullptr, 0);  // NOLINT
  std::lock_guard lock(mutex_);
  open();
}

void Spool::open() {
  if (most_ == 0 || handle_ >= 0) return;  // without a key: what is there is left for a start that has it
  handle_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  off_t size = handle_ < 0 ? 0 : ::lseek(handle_, 0, SEEK_END);
  end_ = size > 0 ? static_cast<std::size_t>(size) : 0;
  std::size_t next = 0, count = 0;
  for (at_ = 0; head(next); at_ = next) ++count;
  if (unreadable_) ++count;  // what comes after is looked for again
  else end_ = at_;           // what was cut off was never acknowledged
  at_ = 0;
  left_ = count;
}

std::optional<Spooled> Spool::head(std::size_t& next) {
  unreadable_ = false;
  auto read = [this](char* bytes, std::size_t size, std::size_t at) {
    unreadable_ = !read_all(handle_, bytes, size, at);
    return !unreadable_;
  };
  while (handle_ >= 0 && at_ + kLength <= end_) {
    std::array<unsigned char, kLength> length{};
    if (!read(reinterpret_cast<char*>(length.data()), kLength, at_)) return std::nullopt;  // NOLINT
    std::size_t size =
        length[0] | std::size_t{length[1]} << 8 | std::size_t{length[2]} << 16 | std::size_t{length[3]} << 24;
    if (size == 0 || size > kMostOfOne || at_ + kLength + size > end_) return std::nullopt;  // cut off
    std::string sealed(size, '\0');
    if (!read(sealed.data(), size, at_ + kLength)) return std::nullopt;
    next = at_ + kLength + size;
    auto text = open_sealed(key_, sealed, kIdentity);
    if (auto update = text ? unpacked(*text) : std::nullopt) return update;
    at_ = next;  // damaged, or of another key: the ones after it are not lost with it
  }
  return std::nullopt;
}

bool Spool::add(const Spooled& update) {
  std::string sealed = seal(key_, packed(update), kIdentity), record;
  if (sealed.size() > kMostOfOne) return false;
  for (std::size_t i = 0; i < kLength; ++i) record.push_back(static_cast<char>(sealed.size() >> (8 * i)));
  record += sealed;
  std::lock_guard lock(mutex_);
  open();
  if (handle_ < 0 || unreadable_ || end_ + record.size() > most_) return false;
  if (!write_all(handle_, record, end_) || ::fdatasync(handle_) != 0) return false;  // what is there of it is cut off
  end_ += record.size();
  ++left_;
  wake_.notify_all();
  return true;
}

void Spool::emptied() {
  at_ = end_ = 0;
  left_ = 0;
  if (handle_ >= 0 && ::ftruncate(handle_, 0) == 0) ::fdatasync(handle_);
}

bool Spool::replay(const Take& take) {
  std::unique_lock lock(mutex_);
  std::size_t next = 0;
  while (auto update = head(next)) {
    update->answered = update->answered || head_answered_;
    lock.unlock();
    Taken taken = take(*update);
    lock.lock();
    head_answered_ = taken == Taken::answered;
    if (taken != Taken::kept) return false;
    at_ = next;
    if (left_ > 0) --left_;
  }
  if (unreadable_) return false;  // the disk fails: what lies there is not taken for nothing
  emptied();
  return true;
}

void Spool::start(std::function<bool()> ready, Take take) {
  thread_ = std::thread([this, ready = std::move(ready), take = std::move(take)] { run(ready, take); });
}

void Spool::run(const std::function<bool()>& ready, const Take& take) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    bool waits = left_ > 0;
    lock.unlock();
    bool done = !waits || !ready() || replay(take);
    lock.lock();
    if (!done || waits) {
      wake_.wait_for(lock, kLook, [this] { return stopping_; });
    } else {
      wake_.wait(lock, [this] { return stopping_ || left_ > 0; });
    }
  }
}

void Spool::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  std::lock_guard lock(mutex_);
  if (handle_ >= 0) ::close(handle_);
  handle_ = -1;
}

}  // namespace bot
