// googlechat: a Google Workspace Chat app, classic or add-on shaped. Source: developers.google.com/workspace/chat
// (verify requests, interaction events, create messages, limits), google-auth-library 10.9.1; platforms-2.md 3,
// 2026-11. Authenticity: a JWT for the project's number by chat@system.gserviceaccount.com, or an ID token for our
// address whose verified email is that account (Google's own library does not check the latter). Event key: the
// message's name; of presses also their time. Contact: the space. Sends: text and a card of buttons; requestId is an
// idempotency key; the token is lent for an hour. Doubts, not oracles: the key sets' addresses, the add-on's field list
// [M]. Tested by tests/adapters/googlechat.json.
#include <array>
#include <nlohmann/json.hpp>

#include "adapters/call.hpp"
#include "adapters/delivery.hpp"
#include "adapters/document.hpp"
#include "adapters/jwt.hpp"
#include "adapters/registry.hpp"
#include "adapters/signature.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;

constexpr std::string_view kApi = "https://chat.googleapis.com";
constexpr std::string_view kTokens = "https://oauth2.googleapis.com/token";
constexpr std::string_view kSystem = "chat@system.gserviceaccount.com";
constexpr std::string_view kProjectKeys =
    "https://www.googleapis.com/service_accounts/v1/jwk/chat@system.gserviceaccount.com";
constexpr std::string_view kIdKeys = "https://www.googleapis.com/oauth2/v3/certs";
constexpr std::array<Setting, 5> kSettings{
    {{"client_email", "the service account's address (its JSON key: client_email)", Source::asked, false},
     {"private_key", "the service account's key in PEM (its JSON key: private_key)", Source::asked, true},
     {"project_number", "set it where the app's audience is Project Number; else it is the HTTP endpoint URL",
      Source::optional, false},
     {"keys_url", "where Google's keys are, if elsewhere", Source::optional, false},
     {"token_url", "where tokens are lent, if elsewhere", Source::optional, false}}};

bool by_chat(const Document& claims, const Channel& channel) {
  const std::string& project = channel.setting("project_number");
  if (!project.empty()) return claims["iss"].is(kSystem) && claims["aud"].is(project);
  bool issuer = claims["iss"].is("https://accounts.google.com") || claims["iss"].is("accounts.google.com");
  return issuer && !channel.hook_url.empty() && claims["aud"].is(channel.hook_url) && claims["email"].is(kSystem) &&
         claims["email_verified"].is("true");
}

class GoogleChat final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "googlechat"; }
  [[nodiscard]] Limits limits() const override { return {4000, Unit::utf16, 24, 1000, 30, 1}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] std::optional<HttpCall> keys_call(const Channel& channel) const override {
    return get_call(channel.setting_or("keys_url", channel.setting("project_number").empty() ? kIdKeys : kProjectKeys),
                    {});
  }

  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time now) const override {
    constexpr std::string_view kBearer = "Bearer ";
    std::string_view given = request.header("Authorization");
    if (!given.starts_with(kBearer)) return tl::unexpected(Refusal{401, "no token"});
    auto jwt = verified_jwt(given.substr(kBearer.size()), channel.setting(kPublicKeys), now);
    if (!jwt) return tl::unexpected(Refusal{401, jwt.error()});
    if (!by_chat(jwt->claims, channel)) return tl::unexpected(Refusal{401, "a token for somebody else"});
    auto d = Document::read(request.body);
    if (!d) return tl::unexpected(d.error());
    Received out;
    out.body = "{}";
    Node chat = (*d)["chat"];
    if (chat.object()) {
      add_on(*d, chat, out);
    } else {
      classic(*d, out);
    }
    return out;
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    json body{{"text", with_numbers(o, limits().choices)}};
    json buttons = json::array();
    for (const Choice& c : o.choices)
      buttons.push_back(
          {{"text", c.label},
           {"onClick",
            {{"action",
              {{"function", "tap"}, {"parameters", json::array({json{{"key", "value"}, {"value", c.value}}})}}}}}});
    if (!buttons.empty() && buttons.size() <= limits().choices) {
      json widget{{"buttonList", {{"buttons", std::move(buttons)}}}};
      json section{{"widgets", json::array({std::move(widget)})}};
      body["cardsV2"] =
          json::array({json{{"cardId", "taps"}, {"card", {{"sections", json::array({std::move(section)})}}}}});
    }
    return json_call("POST",
                     base_of(channel, kApi) + "/v1/" + o.contact + "/messages?requestId=" + percent_encode(o.key),
                     bearer(channel.secret(kAccessToken)), body);
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override {
    if (r.status == 0) return Retry{};  // the same requestId gives the same message
    if (r.status == 200) return Delivered{Document::glance(r.body)["name"].text()};
    if (r.status == 403 || r.status == 404) return ContactStopped{};
    if (r.status == 400) return Rejected{"400", "Google refused the message"};
    return conclude_by_status(r);
  }

  [[nodiscard]] std::optional<HttpCall> token_call(const Channel& channel, Time now) const override {
    constexpr std::int64_t kHour = 3600;
    std::string url = channel.setting_or("token_url", kTokens);
    auto at = std::int64_t{now.time_since_epoch().count()};
    json claims{{"iss", channel.setting("client_email")},
                {"scope", "https://www.googleapis.com/auth/chat.bot"},
                {"aud", url},
                {"iat", at},
                {"exp", at + kHour}};
    return form_call(url, {},
                     {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                      {"assertion", signed_jwt(claims.dump(), channel.secret("private_key").reveal())}});
  }

  [[nodiscard]] std::optional<Token> token_of(const HttpResult& r) const override { return oauth_token(r); }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time now) const override {
    return token_call(channel, now);
  }

  [[nodiscard]] std::string by_hand(const Channel& channel) const override {
    return "In the Google Cloud console, Google Chat API, Configuration: HTTP endpoint URL " + channel.hook_url +
           ", one-to-one messages on,\nauthentication audience as above. It needs a Workspace account.";
  }

 private:
  static bool alone(Node space) { return space["type"].is("DM") || space["spaceType"].is("DIRECT_MESSAGE"); }

  static Update begun(Node message, Node space, Node user) {
    Update u;
    u.contact = space["name"].text();
    u.id = message["name"].text();
    u.text = message["argumentText"].text();
    if (u.text.empty()) u.text = message["text"].text();
    if (user["type"].is("BOT") || message["sender"]["type"].is("BOT")) u.contact.clear();
    if (u.text.empty() && !message["attachment"].items().empty()) {
      u.kind = Kind::non_text;
      std::string type = message["attachment"].items().front()["contentType"].text();
      u.value = type.starts_with("audio/") ? "voice" : type.starts_with("image/") ? "image" : "file";
    }
    return u;
  }

  static void keep(Update u, Received& out) {
    bool silent = u.kind == Kind::began || u.kind == Kind::blocked;
    if (!u.contact.empty() && !u.id.empty() && (silent || !u.text.empty() || !u.value.empty())) out.add(std::move(u));
  }

  static void classic(const Document& d, Received& out) {
    std::string type = d["type"].text(), time = d["eventTime"].text();
    Node space = d["space"];
    if (!alone(space)) {
      if (type == "MESSAGE" || type == "ADDED_TO_SPACE") out.body = written({{"text", kPrivateOnly}});
      return;
    }
    Update u = begun(d["message"], space, d["user"]);
    if (type == "ADDED_TO_SPACE" || type == "REMOVED_FROM_SPACE") {
      u.kind = type == "ADDED_TO_SPACE" ? Kind::began : Kind::blocked;
      u.id = type + ":" + time;
    } else if (type == "CARD_CLICKED") {
      u.kind = Kind::choice;
      u.text.clear();
      u.id += ":" + time;
      u.value = d["common"]["parameters"]["value"].text();
      for (Node p : d["action"]["parameters"].items())
        if (u.value.empty() && p["key"].is("value")) u.value = p["value"].text();
    } else if (type != "MESSAGE") {
      return;
    }
    keep(std::move(u), out);
  }

  static void add_on(const Document& d, Node chat, Received& out) {
    Node said = chat["messagePayload"], pressed = chat["buttonClickedPayload"], added = chat["addedToSpacePayload"],
         removed = chat["removedFromSpacePayload"];
    Node payload = said.object() ? said : pressed.object() ? pressed : added.object() ? added : removed;
    if (!alone(payload["space"])) {
      json words{{"message", {{"text", kPrivateOnly}}}};
      if (said.object() || added.object())
        out.body = written({{"hostAppDataAction", {{"chatDataAction", {{"createMessageAction", std::move(words)}}}}}});
      return;
    }
    Update u = begun(payload["message"], payload["space"], chat["user"]);
    if (pressed.object()) {
      u.kind = Kind::choice;
      u.text.clear();
      u.id += ":" + chat["eventTime"].text();
      u.value = d["commonEventObject"]["parameters"]["value"].text();
    } else if (!said.object()) {
      u.kind = added.object() ? Kind::began : Kind::blocked;
      u.id = (added.object() ? "added:" : "removed:") + chat["eventTime"].text();
    }
    keep(std::move(u), out);
  }
};

}  // namespace

const Adapter& googlechat() {
  static const GoogleChat instance;
  return instance;
}

}  // namespace adapters
