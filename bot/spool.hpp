// spool: what people said while the store was away, in a file of its own until the store is back. An update is
// acknowledged to its platform only after it is synced here; then it is taken in the order it came, once (the store
// drops by its event id what was taken before).
// The file: for each update its length (4 bytes, little endian), then JSON sealed by XChaCha20-Poly1305 with a key of
// its own (vault.hpp). A record that was cut off was never acknowledged, and ends the file. All taken, it is emptied.
// Errors: add() gives false when it is full or cannot be written: the platform is then asked to send again.
// Threads: add() and empty() any; `take` is called by the spool's own. Tested by tests/bot/spool_test.cpp and
// tests/e2e/spool.mjs.
#pragma once
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "adapters/adapter.hpp"
#include "bot/vault.hpp"

namespace bot {

struct Spooled {
  std::string channel;
  adapters::Update update;
  bool answered = false;  // a safety reply to it is on its way: it is taken without one, if that has arrived
};

class Spool {
 public:
  enum class Taken : std::uint8_t { kept, answered, not_yet };  // answered: not kept yet, and its reply is out
  using Take = std::function<Taken(const Spooled&)>;

  Spool(std::filesystem::path file, const adapters::Secret& key, std::size_t most_bytes = std::size_t{64} << 20);
  ~Spool() { stop(); }
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  [[nodiscard]] bool empty() const { return left_ == 0; }
  [[nodiscard]] std::size_t left() const { return left_; }  // updates that wait
  bool add(const Spooled& update);

  // From now on what waits is taken whenever `ready`, in its order, until `take` says not yet.
  void start(std::function<bool()> ready, Take take);
  void stop();
  bool replay(const Take& take);  // the same, once, by the caller; true when nothing is left

 private:
  void run(const std::function<bool()>& ready, const Take& take);
  std::optional<Spooled> head(std::size_t& next);  // with mutex_ held; none: at the end
  void open();
  void emptied();

  std::filesystem::path file_;
  DataKey key_;
  std::size_t most_;
  int handle_ = -1;
  std::size_t at_ = 0, end_ = 0;  // of the file: the next one to be taken, and the end of the last whole one
  bool head_answered_ = false, stopping_ = false, unreadable_ = false;
  std::atomic<std::size_t> left_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace bot
