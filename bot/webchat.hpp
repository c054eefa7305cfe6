// webchat: the chat page's side of the outbox. A page listens on an event stream; rows of its address are pushed to it
// and are settled when the page says that it has shown them. A page that was away gets what waits when it comes back:
// nothing is lost by a reload, a dropped line or a restart. Threads: any.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "bot/http.hpp"
#include "bot/store.hpp"

namespace bot {

inline constexpr std::size_t kMaxWaitingForPage = 100;  // rows pushed when a page comes back

class WebChat {
 public:
  // away: said to somebody whose page is not open here.
  WebChat(Store& store, std::function<void(const OutboxRow&)> away) : store_(store), away_(std::move(away)) {}
  std::shared_ptr<EventStream> listen(const Address& address);
  void deliver(const std::vector<OutboxRow>& rows);
  // Of another node: pages of that person, or of everybody (Store::kEverybody), get what they have not been given.
  void look(const std::string& channel, std::int64_t person);
  void shown(const Address& address, std::int64_t up_to);
  void stop();

 private:
  struct Listener {
    std::weak_ptr<EventStream> stream;
    std::set<std::int64_t> given;  // rows that it has and has not shown
  };
  using Streams = std::vector<Listener>;
  bool push(const OutboxRow& row);  // with mutex_ held; false: nobody listens
  Store& store_;
  std::function<void(const OutboxRow&)> away_;
  std::mutex mutex_;
  std::map<std::string, Streams> streams_;       // by contact
  std::map<std::int64_t, std::string> numbers_;  // contacts by Store::number_of()
};

}  // namespace bot
