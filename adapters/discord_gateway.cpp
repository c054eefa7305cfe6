// discord_gateway: what people write to the bot in private, by the Gateway. Source: discord/discord-api-docs
// (events/gateway, opcodes-and-status-codes), snapshot 2026-08; platforms-1.md 3.6, 2026-11. Authenticity: TLS to
// Discord and the bot's token. Event key: the message's id. Intents: DIRECT_MESSAGES only; the words of private
// messages need no privileged one. A heartbeat that stays unanswered, opcodes 7 and 9 and most close codes begin anew,
// by RESUME where a session is there; 4004 and 4010 to 4014 are for the operator. Interactions come by here only where
// no address for them is registered; both are served. Tested by tests/adapters/connection_test.cpp and
// tests/e2e/gateways.mjs.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "adapters/call.hpp"
#include "adapters/connection.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;

constexpr std::string_view kGateway = "wss://gateway.discord.gg";
constexpr std::string_view kApi = "https://discord.com/api/v10";
constexpr int kDirectMessages = 1 << 12;
constexpr std::array<int, 6> kFatal{4004, 4010, 4011, 4012, 4013, 4014};
enum Op : int { dispatch = 0, beat = 1, identify = 2, resume = 6, again = 7, invalid = 9, hello = 10, beaten = 11 };

class DiscordGateway final : public Connection {
 public:
  explicit DiscordGateway(const Channel& channel) : channel_(channel) {}

  [[nodiscard]] std::string url() const override {
    const std::string& own = channel_.setting("gateway_url");
    std::string base = !session_.empty() && !resume_at_.empty() ? resume_at_
                       : own.empty()                            ? std::string(kGateway)
                                                                : own;
    return base + (base.ends_with('/') ? "" : "/") + "?v=10&encoding=json";
  }

  Heard opened(Time) override {
    interval_ = std::chrono::seconds(0);
    answered_ = true;
    return {};
  }

  Heard heard(std::string_view text, Time now) override {
    Document d = Document::glance(text);
    Heard out;
    if (d["s"].there()) last_ = std::atoll(d["s"].text().c_str());
    switch (std::atoi(d["op"].text().c_str())) {
      case hello:
        interval_ = std::chrono::seconds(std::max(1, std::atoi(d["d"]["heartbeat_interval"].text().c_str()) / 1000));
        next_ = now + interval_ / 2;
        out.say.push_back(session_.empty() ? identification() : resumption());
        break;
      case beat: out.say.push_back(heartbeat()); break;
      case beaten: answered_ = true; break;
      case again: out.reconnect = true; break;
      case invalid:
        if (!d["d"].is("true")) session_.clear();
        out.reconnect = true;
        break;
      case dispatch: dispatched(d["t"].text(), d["d"], out); break;
      default: break;
    }
    return out;
  }

  Heard tick(Time now) override {
    Heard out;
    if (interval_.count() == 0 || now < next_) return out;
    next_ = now + interval_;
    out.reconnect = !std::exchange(answered_, false);
    out.say.push_back(heartbeat());
    return out;
  }

  Heard closed(int code) override {
    Heard out;
    if (code == 4007 || code == 4009) session_.clear();
    if (std::find(kFatal.begin(), kFatal.end(), code) != kFatal.end())
      out.broken = "Discord closed the Gateway with " + std::to_string(code);
    return out;
  }

 private:
  [[nodiscard]] std::string heartbeat() const {
    return written({{"op", int{beat}}, {"d", last_ < 0 ? json(nullptr) : json(last_)}});
  }
  [[nodiscard]] std::string identification() const {
    json who{{"os", "linux"}, {"browser", "steady"}, {"device", "steady"}};
    return written({{"op", int{identify}},
                    {"d",
                     {{"token", channel_.secret("token").reveal()},
                      {"intents", kDirectMessages},
                      {"properties", std::move(who)}}}});
  }
  [[nodiscard]] std::string resumption() const {
    return written({{"op", int{resume}},
                    {"d", {{"token", channel_.secret("token").reveal()}, {"session_id", session_}, {"seq", last_}}}});
  }

  void dispatched(const std::string& type, Node d, Heard& out) {
    if (type == "READY") {
      session_ = d["session_id"].text();
      resume_at_ = channel_.setting("gateway_url").empty() ? d["resume_gateway_url"].text() : "";
    } else if (type == "INTERACTION_CREATE") {
      Received r = discord_interaction(d);
      out.calls.push_back(
          {"POST",
           base_of(channel_, kApi) + "/interactions/" + d["id"].text() + "/" + d["token"].text() + "/callback",
           {{"Content-Type", "application/json"}},
           r.body});
      out.updates = std::move(r.updates);
    } else if (type == "MESSAGE_CREATE" || type == "MESSAGE_UPDATE") {
      message(type == "MESSAGE_UPDATE", d, out);
    }
  }

  static void message(bool changed, Node d, Heard& out) {
    if (d["guild_id"].there() || d["author"]["bot"].is("true") || d["webhook_id"].there() || !d["author"].object())
      return;
    Update u;
    u.id = d["id"].text();
    u.contact = d["channel_id"].text();
    u.text = d["content"].text();
    if (changed) {
      if (!d["edited_timestamp"].there()) return;  // a link that unfolds changes a message too
      u.kind = Kind::edited;
      u.id += ":" + d["edited_timestamp"].text();
    } else if (u.text.empty()) {
      auto files = d["attachments"].items();
      std::string content = files.empty() ? "" : files.front()["content_type"].text();
      u.kind = Kind::non_text;
      if (!d["sticker_items"].items().empty()) u.value = "sticker";
      else if (!files.empty())
        u.value = content.starts_with("audio/") ? "voice" : content.starts_with("image/") ? "image" : "file";
    }
    if (!u.id.empty() && !u.contact.empty() && (!u.text.empty() || !u.value.empty())) out.add(std::move(u));
  }

  Channel channel_;
  std::string session_, resume_at_;
  std::int64_t last_ = -1;
  std::chrono::seconds interval_{0};
  Time next_{};
  bool answered_ = true;
};

}  // namespace

std::unique_ptr<Connection> discord_gateway(const Channel& channel) {
  return std::make_unique<DiscordGateway>(channel);
}

}  // namespace adapters
