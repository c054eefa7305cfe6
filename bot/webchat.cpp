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
    std::erase_if(list, [](const auto& s) { return s.expired() || s.lock()->closed(); });
    list.push_back(stream);
  }
  for (const auto& row : store_.outbox_of(address, kMaxWaitingForPage)) stream->push(event_of(row));
  return stream;
}

void WebChat::deliver(const std::vector<OutboxRow>& rows) {
  std::lock_guard lock(mutex_);
  for (const auto& row : rows) {
    auto it = streams_.find(row.message.contact);
    if (it == streams_.end()) continue;
    std::erase_if(it->second, [](const auto& s) { return s.expired() || s.lock()->closed(); });
    for (const auto& weak : it->second)
      if (auto stream = weak.lock()) stream->push(event_of(row));
    if (it->second.empty()) streams_.erase(it);
  }
}

void WebChat::shown(const Address& address, std::int64_t up_to) {
  for (const auto& row : store_.outbox_of(address, kMaxWaitingForPage))
    if (row.id <= up_to) store_.settle({Settlement::Kind::delivered, row.id, {}, {}});
}

void WebChat::stop() {
  std::lock_guard lock(mutex_);
  for (auto& [contact, list] : streams_)
    for (const auto& weak : list)
      if (auto stream = weak.lock()) stream->close();
}

}  // namespace bot
