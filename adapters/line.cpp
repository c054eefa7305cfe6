// line: the Messaging API. Source: line/line-openapi (webhook.yml, messaging-api.yml), developers.line.biz (receiving
// messages, signature, retrying); platforms-2.md 5, 2026-11. Authenticity: x-line-signature, base64 HMAC-SHA256 over
// the raw body; no time. Event key: webhookEventId. Sends: push with X-Line-Retry-Key, an idempotency key; 409 says
// that it was taken before; a push counts against the plan. Doubts, not oracles: 5000 in UTF-16 units, retry key for 24
// h [M]. Tested by tests/adapters/line.json.
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

constexpr std::string_view kApi = "https://api.line.me";
constexpr std::size_t kLabel = 20;
constexpr std::array<Setting, 2> kSettings{
    {{"channel_secret", "the channel secret (Basic settings)", Source::asked, true},
     {"token", "the channel access token (Messaging API)", Source::asked, true}}};

std::string uuid_of(const std::string& key) {  // the same for the same key
  std::string h = sha256_hex(key);
  return h.substr(0, 8) + "-" + h.substr(8, 4) + "-" + h.substr(12, 4) + "-" + h.substr(16, 4) + "-" + h.substr(20, 12);
}

HttpCall call(const Channel& channel, const std::string& path, const json& body, Headers more = {}) {
  Headers headers = bearer(channel.secret("token"));
  headers.insert(headers.end(), more.begin(), more.end());
  return json_call("POST", base_of(channel, kApi) + path, std::move(headers), body);
}

std::string non_text(const std::string& type) {
  if (type == "audio") return "voice";
  return type == "video" ? "image" : type;  // image, file, location, sticker
}

class Line final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "line"; }
  [[nodiscard]] Limits limits() const override { return {5000, Unit::utf16, 13, 300, 500, 2}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time) const override {
    std::string_view given = request.header("x-line-signature");
    if (auto no = refused(channel, "channel_secret", [&](const std::string& secret) {
          return equal_secret(given, base64(hmac_sha256(secret, request.body)));
        }))
      return tl::unexpected(*no);
    auto d = Document::read(request.body);
    if (!d) return tl::unexpected(d.error());
    Received out;
    out.body = "{}";
    for (Node e : (*d)["events"].items()) event(channel, e, out);
    return out;
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    json message{{"type", "text"}, {"text", with_numbers(o, limits().choices)}};
    json items = json::array();
    for (const Choice& c : o.choices) {
      std::string label = cut(c.label, kLabel, Unit::utf16);
      items.push_back(
          {{"type", "action"},
           {"action", {{"type", "postback"}, {"label", label}, {"data", c.value}, {"displayText", c.label}}}});
    }
    if (!items.empty() && items.size() <= limits().choices) message["quickReply"] = {{"items", std::move(items)}};
    return call(channel, "/v2/bot/message/push", {{"to", o.contact}, {"messages", json::array({std::move(message)})}},
                {{"X-Line-Retry-Key", uuid_of(o.key)}});
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override {
    if (r.status == 409) return Delivered{};      // taken at an earlier try
    if (r.status == 0 && r.sent) return Retry{};  // the key keeps it from being said twice
    Document d = Document::glance(r.body);
    std::string problem = d["message"].text();
    if (r.status == 429 && problem.find("monthly") != std::string::npos) return ChannelBroken{"monthly limit"};
    if (r.status == 403) return ChannelBroken{"403"};
    if (r.status == 400) return Rejected{"400", "LINE refused the message"};
    if (r.status == 200) {
      auto sent = d["sentMessages"].items();
      return Delivered{sent.empty() ? "" : sent.front()["id"].text()};
    }
    return conclude_by_status(r);
  }

  [[nodiscard]] std::vector<HttpCall> start_calls(const Channel& channel) const override {
    auto set = call(channel, "/v2/bot/channel/webhook/endpoint", {{"endpoint", channel.hook_url}});
    set.method = "PUT";
    return {std::move(set)};
  }

  [[nodiscard]] std::optional<HttpCall> typing(const Channel& channel, const std::string& contact) const override {
    return call(channel, "/v2/bot/chat/loading/start", {{"chatId", contact}, {"loadingSeconds", 5}});
  }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time) const override {
    return get_call(base_of(channel, kApi) + "/v2/bot/info", bearer(channel.secret("token")));
  }

  [[nodiscard]] std::string by_hand(const Channel&) const override {
    return "In the LINE console, Messaging API: Use webhook on, Webhook redelivery on; in the Official Account "
           "Manager:\n"
           "auto-reply and greeting messages off. The address is registered at every start.";
  }

 private:
  static void event(const Channel& channel, Node e, Received& out) {
    Node source = e["source"], message = e["message"];
    Update u;
    u.id = e["webhookEventId"].text();
    u.contact = source["userId"].text();
    if (u.id.empty() || e["mode"].is("standby")) return;
    std::string type = e["type"].text();
    if (!source["type"].is("user")) {
      std::string group = source[source["type"].is("group") ? "groupId" : "roomId"].text();
      if (type == "join" && !group.empty())
        out.calls.push_back(
            call(channel, "/v2/bot/message/push",
                 {{"to", group}, {"messages", json::array({json{{"type", "text"}, {"text", kPrivateOnly}}})}}));
      return;
    }
    if (type == "follow") {
      u.kind = Kind::began;
    } else if (type == "unfollow") {
      u.kind = Kind::blocked;
    } else if (type == "postback") {
      u.kind = Kind::choice;
      u.value = e["postback"]["data"].text();
    } else if (type == "message" && message["type"].is("text")) {
      u.text = message["text"].text();
    } else if (type == "message") {
      u.kind = Kind::non_text;
      u.value = non_text(message["type"].text());
    } else {
      return;
    }
    out.add(std::move(u));
  }
};

}  // namespace

const Adapter& line() {
  static const Line instance;
  return instance;
}

}  // namespace adapters
