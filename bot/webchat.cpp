#include "bot/webchat.hpp"

#include <nlohmann/json.hpp>

#include "adapters/signature.hpp"

namespace bot {
namespace {

std::string event_of(const OutboxRow& row) {
  nlohmann::json j{{"id", row.id},
                   {"text", row.message.text},
                   {"at", row.created.time_since_epoch().count()},
                   {"choices", nlohmann::json::array()}};
  if (!row.message.picture.empty()) j["picture"] = "data:image/png;base64," + adapters::base64(row.message.picture);
  for (const auto& c : row.message.choices) j["choices"].push_back({{"label", c.label}, {"value", c.value}});
  return "data: " + j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n\n";
}

}  // namespace

std::shared_ptr<EventStream> WebChat::listen(const Address& address) {
  auto stream = std::make_shared<EventStream>();
  {
    std::lock_guard lock(mutex_);
    auto& list = streams_[address.contact];
    std::erase_if(list, [](const auto& l) { return l.stream.expired() || l.stream.lock()->closed(); });
    list.push_back({stream, {}});
    if (auto number = store_.number_of(address); number != Store::kEverybody) numbers_[number] = address.contact;
  }
  auto waiting = store_.outbox_of(address, kMaxWaitingForPage);
  std::lock_guard lock(mutex_);
  for (const auto& row : waiting) push(row);
  return stream;
}

bool WebChat::push(const OutboxRow& row) {
  auto it = streams_.find(row.message.contact);
  if (it == streams_.end()) return false;
  std::erase_if(it->second, [](const auto& l) { return l.stream.expired() || l.stream.lock()->closed(); });
  for (Listener& l : it->second)
    if (auto stream = l.stream.lock(); stream && (row.id == 0 || l.given.insert(row.id).second))
      stream->push(event_of(row));
  if (!it->second.empty()) return true;
  streams_.erase(it);
  return false;
}

void WebChat::deliver(const std::vector<OutboxRow>& rows) {
  std::vector<const OutboxRow*> away;
  {
    std::lock_guard lock(mutex_);
    for (const auto& row : rows)
      if (!push(row)) away.push_back(&row);
  }
  for (const auto* row : away) away_(*row);
}

void WebChat::look(const std::string& channel, std::int64_t person) {
  std::vector<Address> open;
  {
    std::lock_guard lock(mutex_);
    std::erase_if(numbers_, [&](const auto& n) { return person == Store::kEverybody && !streams_.contains(n.second); });
    for (const auto& [number, contact] : numbers_)
      if (person == Store::kEverybody || person == number) open.push_back({channel, contact});
  }
  for (const Address& address : open) deliver(store_.outbox_of(address, kMaxWaitingForPage));
}

void WebChat::shown(const Address& address, std::int64_t up_to) {
  for (const auto& row : store_.outbox_of(address, kMaxWaitingForPage))
    if (row.id <= up_to) store_.settle({Settlement::Kind::delivered, row.id, {}, {}, row.person, true});
  std::lock_guard lock(mutex_);
  if (auto it = streams_.find(address.contact); it != streams_.end())
    for (Listener& l : it->second) l.given.erase(l.given.begin(), l.given.upper_bound(up_to));
}

void WebChat::stop() {
  std::lock_guard lock(mutex_);
  for (auto& [contact, list] : streams_)
    for (const auto& l : list)
      if (auto stream = l.stream.lock()) stream->close();
}

}  // namespace bot
