// teams: Microsoft Teams by the Bot Framework. Source: botframework-connector 4.23.3, learn.microsoft.com
// (connector authentication, rate limits), MicrosoftDocs/msteams-docs; platforms-2.md 2, 2026-11. Authenticity: a JWT
// of api.botframework.com for our app id, whose serviceurl is the body's to the byte and whose key is endorsed for
// msteams. Event key: conversation and activity. Contact: serviceUrl|conversation, so that answers find their region.
// Sends: an Adaptive Card; the token of the tenant is lent for an hour; no idempotency key. Doubts, not oracles: which
// hosts a serviceUrl may have [M], so only https is asked of it. Tested by tests/adapters/teams.json.
#include <array>
#include <nlohmann/json.hpp>

#include "adapters/call.hpp"
#include "adapters/delivery.hpp"
#include "adapters/document.hpp"
#include "adapters/jwt.hpp"
#include "adapters/registry.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;

constexpr std::string_view kKeys = "https://login.botframework.com/v1/.well-known/keys";
constexpr std::string_view kLogin = "https://login.microsoftonline.com";
constexpr std::string_view kIssuer = "https://api.botframework.com";
constexpr std::size_t kButtonsInRow = 6;
constexpr std::array<Setting, 4> kSettings{
    {{"app_id", "the app registration's client id", Source::asked, false},
     {"app_secret", "its client secret", Source::asked, true},
     {"tenant_id", "the directory (tenant) id", Source::asked, false},
     {"keys_url", "where the Bot Framework's keys are, if elsewhere", Source::optional, false}}};

class Teams final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "teams"; }
  [[nodiscard]] Limits limits() const override { return {20'000, Unit::utf16, 24, 1000, 30, 1}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] std::optional<HttpCall> keys_call(const Channel& channel) const override {
    return get_call(channel.setting_or("keys_url", kKeys), {});
  }

  [[nodiscard]] bool takes(std::string_view) const override { return true; }
  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time now) const override {
    if (request.method == "HEAD" || request.method == "GET") return Received{};  // a probe of the address
    constexpr std::string_view kBearer = "Bearer ";
    std::string_view given = request.header("Authorization");
    if (!given.starts_with(kBearer)) return tl::unexpected(Refusal{401, "no token"});
    auto jwt = verified_jwt(given.substr(kBearer.size()), channel.setting(kPublicKeys), now);
    if (!jwt) return tl::unexpected(Refusal{401, jwt.error()});
    auto d = Document::read(request.body);
    if (!d) return tl::unexpected(d.error());
    std::string service = (*d)["serviceUrl"].text();
    if (!jwt->claims["iss"].is(kIssuer) || !jwt->claims["aud"].is(channel.setting("app_id")))
      return tl::unexpected(Refusal{401, "a token for somebody else"});
    if (service.empty() || !jwt->claims["serviceurl"].is(service))
      return tl::unexpected(Refusal{401, "a token for another serviceUrl"});
    if (!(*d)["channelId"].is("msteams") || !endorsed(jwt->key)) return tl::unexpected(Refusal{403, "not from Teams"});
    Received out;
    out.body.clear();
    activity(channel, *d, service, out);
    return out;
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    json body{{"type", "message"}};
    json sets = json::array();
    for (std::size_t i = 0; i < o.choices.size() && o.choices.size() <= limits().choices; ++i) {
      if (i % kButtonsInRow == 0) sets.push_back({{"type", "ActionSet"}, {"actions", json::array()}});
      sets.back()["actions"].push_back(
          {{"type", "Action.Submit"}, {"title", o.choices[i].label}, {"data", {{"value", o.choices[i].value}}}});
    }
    if (sets.empty()) {
      body["text"] = with_numbers(o, limits().choices);
      body["textFormat"] = "plain";
    } else {
      sets.insert(sets.begin(), json{{"type", "TextBlock"}, {"text", o.text}, {"wrap", true}});
      json card{{"type", "AdaptiveCard"}, {"version", "1.5"}, {"body", std::move(sets)}};
      body["attachments"] =
          json::array({json{{"contentType", "application/vnd.microsoft.card.adaptive"}, {"content", std::move(card)}}});
    }
    return json_call("POST", activities(o.contact), bearer(channel.secret(kAccessToken)), body);
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override {
    Document d = Document::glance(r.body);
    if (r.status == 200 || r.status == 201) return Delivered{d["id"].text()};
    if (r.status == 403 || r.status == 404) return ContactStopped{};
    if (r.status == 412) return Retry{};
    if (r.status == 400) return Rejected{"400", "Teams refused the message"};
    return conclude_by_status(r);
  }

  [[nodiscard]] std::optional<HttpCall> token_call(const Channel& channel, Time) const override {
    return form_call(base_of(channel, kLogin) + "/" + channel.setting("tenant_id") + "/oauth2/v2.0/token", {},
                     {{"grant_type", "client_credentials"},
                      {"client_id", channel.setting("app_id")},
                      {"client_secret", channel.secret("app_secret").reveal()},
                      {"scope", "https://api.botframework.com/.default"}});
  }

  [[nodiscard]] std::optional<Token> token_of(const HttpResult& r) const override { return oauth_token(r); }

  [[nodiscard]] std::optional<HttpCall> typing(const Channel& channel, const std::string& contact) const override {
    return json_call("POST", activities(contact), bearer(channel.secret(kAccessToken)), {{"type", "typing"}});
  }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time now) const override {
    return token_call(channel, now);
  }

  [[nodiscard]] std::string by_hand(const Channel& channel) const override {
    return "In Azure: a single-tenant Azure Bot with the messaging endpoint " + channel.hook_url +
           ", channel Teams on;\nthen a Teams app whose manifest has this bot with scopes [personal], uploaded or "
           "approved.";
  }

 private:
  static std::string activities(const std::string& contact) {
    std::size_t bar = contact.find('|');
    return contact.substr(0, bar) + "v3/conversations/" + percent_encode(contact.substr(bar + 1)) + "/activities";
  }

  static bool endorsed(const std::string& jwk) {
    Document key = Document::glance(jwk);
    if (!key["endorsements"].there()) return true;
    for (Node e : key["endorsements"].items())
      if (e.is("msteams")) return true;
    return false;
  }

  static void activity(const Channel& channel, const Document& d, const std::string& service, Received& out) {
    Node conversation = d["conversation"];
    std::string type = d["type"].text(), id = conversation["id"].text();
    bool secure = service.starts_with("https://") || channel.setting("allow_private") == "true";
    if (id.empty() || !secure || d["from"]["id"].text() == d["recipient"]["id"].text()) return;
    Update u;
    u.contact = (service.ends_with('/') ? service : service + "/") + "|" + id;
    u.id = id + ":" + d["id"].text();
    u.language = d["locale"].text().substr(0, 2);
    for (Node e : d["entities"].items())
      if (e["timezone"].there()) u.zone = e["timezone"].text();
    if (conversation["conversationType"].there() && !conversation["conversationType"].is("personal")) {
      if (type == "message") refuse(channel, u.contact, out);
      return;
    }
    if (type == "installationUpdate") {
      bool add = d["action"].text().starts_with("add");
      u.kind = add ? Kind::began : Kind::blocked;
      u.id = id + ":" + d["action"].text() + ":" + d["timestamp"].text();
    } else if (type == "messageUpdate" && d["channelData"]["eventType"].is("editMessage")) {
      u.kind = Kind::edited;
      u.id += ":" + d["timestamp"].text();
      u.text = d["text"].text();
    } else if (type != "message") {
      return;
    } else if (std::string value = d["value"]["value"].text(); !value.empty()) {
      u.kind = Kind::choice;
      u.value = value;
    } else if (u.text = d["text"].text(); u.text.empty()) {
      u.kind = Kind::non_text;
      auto attachments = d["attachments"].items();
      std::string content = attachments.empty() ? "" : attachments.front()["contentType"].text();
      if (!attachments.empty()) u.value = content.starts_with("image/") ? "image" : "file";
    }
    bool something = !u.text.empty() || !u.value.empty() || u.kind == Kind::began || u.kind == Kind::blocked;
    if (something) out.add(std::move(u));
  }

  static void refuse(const Channel& channel, const std::string& contact, Received& out) {
    if (channel.secret(kAccessToken).empty()) return;  // nothing is lent to what receives; the silence is polite enough
    out.calls.push_back(json_call("POST", activities(contact), bearer(channel.secret(kAccessToken)),
                                  {{"type", "message"}, {"text", kPrivateOnly}}));
  }
};

}  // namespace

const Adapter& teams() {
  static const Teams instance;
  return instance;
}

}  // namespace adapters
