// http: requests and responses as the rest of bot/ sees them: plain structs, no Boost.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bot {

// One page that listens for events. push() from any thread; the connection takes what waits and is woken by `wake`.
class EventStream {
 public:
  void push(std::string chunk) {
    std::function<void()> wake;
    {
      std::lock_guard lock(mutex_);
      if (closed_ || chunks_.size() >= kMaxWaiting)
        return;  // a page that does not read gets the rest when it comes back
      chunks_.push_back(std::move(chunk));
      wake = wake_;
    }
    if (wake) wake();
  }
  bool take(std::string& out) {
    std::lock_guard lock(mutex_);
    if (chunks_.empty()) return false;
    out = std::move(chunks_.front());
    chunks_.pop_front();
    return true;
  }
  void on_push(std::function<void()> wake) {
    std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }
  void close() {
    std::function<void()> wake;
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
      wake = wake_;
    }
    if (wake) wake();
  }
  [[nodiscard]] bool closed() const {
    std::lock_guard lock(mutex_);
    return closed_;
  }

 private:
  static constexpr std::size_t kMaxWaiting = 256;  // chunks
  mutable std::mutex mutex_;
  std::deque<std::string> chunks_;
  std::function<void()> wake_;
  bool closed_ = false;
};

struct HttpRequest {  // views live until the answer is given
  std::string_view method, target, body, remote;
  std::function<std::string_view(std::string_view)> header;
};

struct HttpResponse {
  int status = 200;
  std::string body, content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<EventStream> stream;  // set: the body is what is pushed, until either side ends it
};

using Answer = std::function<void(HttpResponse)>;  // once, from any thread
using HttpHandler = std::function<void(const HttpRequest&, Answer)>;

}  // namespace bot
