// mattermost_socket: what people write to the bot account in private, by its WebSocket: outgoing webhooks never fire
// there. Source: mattermost/mattermost (server/channels/app), @mattermost/client 11.9.0; platforms-2.md 7, 2026-11.
// Authenticity: TLS to the server and the bot's token. Event key: the post's id. data.post is JSON inside a string.
// After a break the server tells again what was missed, by connection_id and sequence_number, as far as its buffer
// goes. Tested by tests/adapters/connection_test.cpp and tests/e2e/gateways.mjs.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "adapters/call.hpp"
#include "adapters/connection.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;

constexpr std::chrono::seconds kPingEvery{30};

class MattermostSocket final : public Connection {
 public:
  explicit MattermostSocket(const Channel& channel) : channel_(channel) {}

  [[nodiscard]] std::string url() const override {
    std::string out = "ws" + channel_.setting("server").substr(4) + "/api/v4/websocket";  // http -> ws, https -> wss
    if (!id_.empty()) out += "?connection_id=" + percent_encode(id_) + "&sequence_number=" + std::to_string(next_);
    return out;
  }

  Heard opened(Time now) override {
    pinged_ = now;
    ours_ = 1;
    Heard out;
    out.say.push_back(written({{"seq", ours_},
                               {"action", "authentication_challenge"},
                               {"data", {{"token", channel_.secret("token").reveal()}}}}));
    return out;
  }

  Heard heard(std::string_view text, Time) override {
    Heard out;
    Document d = Document::glance(text);
    if (d["status"].is("FAIL")) {
      out.broken = "Mattermost did not accept the token: " + d["error"]["id"].text();
      return out;
    }
    std::string event = d["event"].text();
    if (event.empty()) return out;
    std::int64_t number = std::atoll(d["seq"].text().c_str());
    if (event == "hello") {
      std::string id = d["data"]["connection_id"].text();
      if (id != id_) next_ = 0;  // the old one is gone, and what it had kept
      id_ = id;
    }
    next_ = std::max(next_, number + 1);
    if (event == "posted" || event == "post_edited") posted(event == "post_edited", d, out);
    return out;
  }

  Heard tick(Time now) override {
    Heard out;
    if (now - pinged_ < kPingEvery) return out;
    pinged_ = now;
    out.say.push_back(written({{"seq", ++ours_}, {"action", "ping"}}));
    return out;
  }

  Heard closed(int) override { return {}; }

 private:
  void posted(bool changed, const Document& d, Heard& out) {
    if (!changed && !d["data"]["channel_type"].is("D")) return;
    Document post = Document::glance(d["data"]["post"].text());
    Node props = post["props"];
    bool person = !post["user_id"].is(channel_.setting("bot_id")) && !post["type"].text().starts_with("system_") &&
                  !props["from_bot"].is("true") && !props["from_webhook"].is("true");
    Update u;
    u.id = post["id"].text();
    u.contact = post["channel_id"].text();
    u.text = post["message"].text();
    if (!person || u.id.empty() || u.contact.empty()) return;
    if (changed) {
      if (!private_with_us(u.contact)) return;
      u.kind = Kind::edited;
      u.id += ":" + post["edit_at"].text();
    } else if (u.text.empty()) {
      u.kind = Kind::non_text;
      u.value = post["file_ids"].items().empty() ? "" : "file";
    }
    if (!private_with_us(u.contact)) known_.push_back(u.contact);
    if (known_.size() > kMaxKnown) known_.erase(known_.begin());
    if (!u.text.empty() || !u.value.empty()) out.add(std::move(u));
  }

  // post_edited does not tell the channel's type: only where somebody has written to us lately it is read.
  [[nodiscard]] bool private_with_us(const std::string& contact) const {
    return std::find(known_.begin(), known_.end(), contact) != known_.end();
  }

  static constexpr std::size_t kMaxKnown = 1000;
  Channel channel_;
  std::string id_;
  std::int64_t next_ = 0;
  int ours_ = 1;
  Time pinged_{};
  std::vector<std::string> known_;
};

}  // namespace

std::unique_ptr<Connection> mattermost_socket(const Channel& channel) {
  return std::make_unique<MattermostSocket>(channel);
}

}  // namespace adapters
