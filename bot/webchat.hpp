// webchat: the chat page's side of the outbox. A page listens on an event stream; rows of its address are pushed to it
// and are settled when the page says that it has shown them. A page that was away gets what waits when it comes back:
// nothing is lost by a reload, a dropped line or a restart. Threads: any.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bot/http.hpp"
#include "bot/store.hpp"

namespace bot {

inline constexpr std::size_t kMaxWaitingForPage = 100;  // rows pushed when a page comes back

class WebChat {
 public:
  explicit WebChat(Store& store) : store_(store) {}
  std::shared_ptr<EventStream> listen(const Address& address);
  void deliver(const std::vector<OutboxRow>& rows);
  void shown(const Address& address, std::int64_t up_to);
  void stop();

 private:
  using Streams = std::vector<std::weak_ptr<EventStream>>;
  Store& store_;
  std::mutex mutex_;
  std::map<std::string, Streams> streams_;  // by contact
};

}  // namespace bot
