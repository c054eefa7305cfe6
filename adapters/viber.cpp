// viber: bots. Source: creators.viber.com and developers.viber.com (webhooks, events, send_message, error codes), npm
// viber-bot 1.0.18; platforms-2.md 6, 2026-11. Authenticity: hex HMAC-SHA256 with the auth token over the raw body, in
// X-Viber-Content-Signature or ?sig=. Event key: message_token, above 2^53. A pressed button comes back as a message
// with its words, so it carries its label. Sends: HTTP 200 also for errors, `status` tells; no idempotency key; a day
// after the person's last message they cost. Only under a contract with Viber since 2024-02. Tested by
// tests/adapters/viber.json.
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

constexpr std::string_view kApi = "https://chatapi.viber.com/pa";
constexpr std::size_t kName = 28, kColumns = 6;
constexpr std::array<Setting, 2> kSettings{
    {{"token", "the bot's auth token", Source::asked, true},
     {"sender_name", "shown above its messages; Steady without", Source::optional, false}}};

HttpCall call(const Channel& channel, const std::string& what, const json& body) {
  return json_call("POST", base_of(channel, kApi) + "/" + what,
                   {{"X-Viber-Auth-Token", channel.secret("token").reveal()}}, body);
}

class Viber final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "viber"; }
  [[nodiscard]] Limits limits() const override { return {7000, Unit::utf16, 24, 250, 100, 1}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time) const override {
    std::string given(request.header("X-Viber-Content-Signature"));
    if (given.empty()) given = query_value(request.target, "sig");
    if (auto no = refused(channel, "token", [&](const std::string& secret) {
          return equal_secret(given, hex(hmac_sha256(secret, request.body)));
        }))
      return tl::unexpected(*no);
    auto d = Document::read(request.body);
    if (!d) return tl::unexpected(d.error());
    Received out;
    out.body.clear();
    std::string event = (*d)["event"].text();
    if (event.empty()) return tl::unexpected(Refusal{400, "no event"});
    Node person = (*d)[event == "message" ? "sender" : "user"], message = (*d)["message"];
    Update u;
    u.id = (*d)["message_token"].text();
    u.contact = person["id"].text();
    u.language = person["language"].text();
    u.country = person["country"].text();
    if (event == "unsubscribed") {
      u.contact = (*d)["user_id"].text();
      u.kind = Kind::blocked;
    } else if (event == "subscribed") {
      u.kind = Kind::began;
    } else if (event == "message" && message["type"].is("text")) {
      u.text = message["text"].text();
    } else if (event == "message") {
      u.kind = Kind::non_text;
      u.value = non_text(message["type"].text());
    } else {
      return out;  // conversation_started is no consent; delivered, seen, failed, webhook
    }
    bool empty = u.kind == Kind::text && u.text.empty();
    if (!empty) out.add(std::move(u));
    return out;
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    json body{{"receiver", o.contact},
              {"min_api_version", 1},
              {"sender", {{"name", cut(channel.setting_or("sender_name", "Steady"), kName, Unit::utf16)}}},
              {"type", "text"},
              {"text", with_numbers(o, limits().choices)}};
    json buttons = json::array();
    bool scale = o.choices.size() == kScaleChoices;
    for (const Choice& c : o.choices)
      buttons.push_back({{"ActionType", "reply"},
                         {"ActionBody", c.label},
                         {"Text", escape_entities(c.label)},
                         {"Columns", scale ? 1 : static_cast<int>(kColumns / 2)},
                         {"Rows", 1},
                         {"Silent", false}});
    if (!buttons.empty() && buttons.size() <= limits().choices)
      body["keyboard"] = {{"Type", "keyboard"}, {"Buttons", std::move(buttons)}};
    return call(channel, "send_message", body);
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override {
    if (r.status != 200) return conclude_by_status(r);
    Document d = Document::glance(r.body);
    if (!d["status"].there()) return Retry{};
    switch (int status = std::atoi(d["status"].text().c_str()); status) {
      case 0: return Delivered{d["message_token"].text()};
      case 2:
      case 7:
      case 9:
      case 10:
      case 23:
      case 24: return ChannelBroken{std::to_string(status)};
      case 5:
      case 6: return ContactStopped{};
      case 12: return Retry{retry_after(r.retry_after, std::chrono::hours(1)), true};
      default: return Rejected{std::to_string(status), "Viber refused the message"};
    }
  }

  [[nodiscard]] std::vector<HttpCall> start_calls(const Channel& channel) const override {
    return {call(channel, "set_webhook",
                 {{"url", channel.hook_url},
                  {"event_types", {"subscribed", "unsubscribed", "conversation_started", "failed"}},
                  {"send_name", false},
                  {"send_photo", false}})};
  }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time) const override {
    return call(channel, "get_account_info", json::object());
  }

 private:
  static std::string non_text(const std::string& type) {
    if (type == "picture" || type == "video") return "image";
    return type == "sticker" || type == "contact" || type == "location" ? type : "file";
  }
};

}  // namespace

const Adapter& viber() {
  static const Viber instance;
  return instance;
}

}  // namespace adapters
