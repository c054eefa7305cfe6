// rocketchat: an outgoing webhook for the private rooms of a bot user. Source: RocketChat/Rocket.Chat
// (integrations/server/lib/triggerHandler.ts, lib/server/functions/sendMessage.ts), developer.rocket.chat;
// platforms-2.md 8, 2026-11. Authenticity: `token` in the body. An empty 200 counts as a failure there: the answer is a
// JSON object without `text`. Event key: message_id. Contact: the room. A pressed button makes the person send its
// words. Sends: _id is an idempotency key; what the call then returns is not known [?], so a repeat counts as delivered
// only by its own answer. Doubts: no channel_name in private rooms [M]. Tested by tests/adapters/rocketchat.json.
#include <array>
#include <nlohmann/json.hpp>

#include "adapters/call.hpp"
#include "adapters/delivery.hpp"
#include "adapters/document.hpp"
#include "adapters/registry.hpp"
#include "adapters/signature.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;

constexpr std::array<Setting, 4> kSettings{
    {{"server", "the Rocket.Chat server, https://...", Source::asked, false},
     {"user_id", "the bot user's id", Source::asked, false},
     {"token", "the bot user's personal access token", Source::asked, true},
     {"webhook_token", "the token of the outgoing integration", Source::asked, true}}};

Headers who(const Channel& channel) {
  return {{"X-Auth-Token", channel.secret("token").reveal()}, {"X-User-Id", channel.setting("user_id")}};
}

class RocketChat final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "rocketchat"; }
  [[nodiscard]] Limits limits() const override { return {5000, Unit::utf16, 20, 256, 1, 1}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time) const override {
    auto d = Document::read(request.body);
    if (!d) return tl::unexpected(d.error());
    if (auto no = refused_token(channel, "webhook_token", (*d)["token"].text())) return tl::unexpected(*no);
    Update u;
    u.id = (*d)["message_id"].text();
    u.contact = (*d)["channel_id"].text();
    u.text = (*d)["text"].text();
    if (u.id.empty() || u.contact.empty()) return tl::unexpected(Refusal{400, "no message"});
    Received out;
    out.body = R"({"ok":true})";
    if ((*d)["bot"].is("true") || (*d)["bot"].object() || (*d)["user_id"].is(channel.setting("user_id"))) return out;
    if (!(*d)["channel_name"].text().empty()) {
      out.body = written({{"text", kPrivateOnly}});
      return out;
    }
    if ((*d)["isEdited"].is("true")) {
      u.kind = Kind::edited;
      u.id += ":" + sha256_hex(u.text).substr(0, 16);
    }
    if (u.text.empty()) {
      u.kind = Kind::non_text;
      u.value = "file";
    }
    out.add(std::move(u));
    return out;
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    constexpr std::size_t kIdLength = 17;
    json message{{"_id", sha256_hex(o.key).substr(0, kIdLength)},
                 {"rid", o.contact},
                 {"msg", with_numbers(o, limits().choices)}};
    json actions = json::array();
    for (const Choice& c : o.choices)
      actions.push_back({{"type", "button"}, {"text", c.label}, {"msg", c.label}, {"msg_in_chat_window", true}});
    if (!actions.empty() && actions.size() <= limits().choices)
      message["attachments"] = json::array({json{{"actions", std::move(actions)}}});
    return json_call("POST", channel.setting("server") + "/api/v1/chat.sendMessage", who(channel),
                     {{"message", std::move(message)}});
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override {
    Document d = Document::glance(r.body);
    if (r.status == 200 && d["success"].is("true")) return Delivered{d["message"]["_id"].text()};
    std::string error = d["errorType"].text() + d["error"].text();
    if (error.find("too-many-requests") != std::string::npos)
      return Retry{retry_after(r.retry_after, std::chrono::hours(1)), true};
    if (error.find("room") != std::string::npos || error.find("not-allowed") != std::string::npos)
      return ContactStopped{};
    if (r.status == 200 || r.status == 400) return Rejected{"400", "Rocket.Chat refused the message"};
    return conclude_by_status(r);
  }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time) const override {
    return get_call(channel.setting("server") + "/api/v1/me", who(channel));
  }

  [[nodiscard]] std::string by_hand(const Channel& channel) const override {
    return "In Rocket.Chat: Administration, Integrations, New, Outgoing: event Message Sent, channel @ and the bot's "
           "name,\n"
           "URL " +
           channel.hook_url + ", the token as webhook_token, retries on. The role api-bypass-rate-limit for the bot.";
  }
};

}  // namespace

const Adapter& rocketchat() {
  static const RocketChat instance;
  return instance;
}

}  // namespace adapters
