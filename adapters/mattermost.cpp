// mattermost: a slash command and buttons. Source: mattermost/mattermost (channels/app/webhook.go, post.go,
// public/model/integration_action.go), developer documentation at a259f36; platforms-2.md 7, 2026-11. Outgoing webhooks
// never fire in private channels: what is typed without the command comes by the WebSocket (mattermost_socket.cpp).
// Authenticity: the command's token in the form and in Authorization; a button carries nothing, so our context holds an
// HMAC over whose it is. Event key: trigger_id. Contact: the private channel with the bot; elsewhere one person sees
// the refusal. Sends: attachments with actions; pending_post_id keeps repeats away for 30 s. Tested by
// tests/adapters/mattermost.json.
#include <array>
#include <nlohmann/json.hpp>

#include "adapters/call.hpp"
#include "adapters/connection.hpp"
#include "adapters/delivery.hpp"
#include "adapters/registry.hpp"
#include "adapters/signature.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;

constexpr std::array<Setting, 5> kSettings{{{"server", "the Mattermost server, https://...", Source::asked, false},
                                            {"bot_id", "the bot account's user id", Source::asked, false},
                                            {"token", "the bot account's access token", Source::asked, true},
                                            {"command_token", "the slash command's token", Source::asked, true},
                                            {"button_secret", "signs our buttons", Source::made, true}}};

std::string sign(const std::string& secret, const std::string& contact, const std::string& value) {
  return hex(hmac_sha256(secret, contact + "\n" + value));
}

class Mattermost final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "mattermost"; }
  [[nodiscard]] Limits limits() const override { return {16'000, Unit::code_points, 30, 256, 10, 2}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time) const override {
    if (request.header("Content-Type").starts_with("application/json")) return press(channel, request);
    auto form = parse_form(request.body);
    if (!form) return tl::unexpected(Refusal{400, "a broken form"});
    constexpr std::string_view kToken = "Token ";
    std::string_view given = request.header("Authorization");
    std::string token = form_value(*form, "token");
    if (!given.starts_with(kToken) || given.substr(kToken.size()) != token) token.clear();
    if (auto no = refused_token(channel, "command_token", token)) return tl::unexpected(*no);
    Received out;
    Update u;
    u.id = form_value(*form, "trigger_id");
    u.contact = form_value(*form, "channel_id");
    u.text = form_value(*form, "text");
    if (u.id.empty() || u.contact.empty()) return tl::unexpected(Refusal{400, "no command"});
    bool alone = form_value(*form, "channel_name").find(channel.setting("bot_id")) != std::string::npos;
    out.body = written(alone ? json::object() : json{{"response_type", "ephemeral"}, {"text", kPrivateOnly}});
    if (u.text.empty()) u.kind = Kind::began;
    if (alone) out.add(std::move(u));
    return out;
  }

  [[nodiscard]] std::unique_ptr<Connection> connection(const Channel& channel) const override {
    return mattermost_socket(channel);
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    json body{{"channel_id", o.contact},
              {"message", with_numbers(o, limits().choices)},
              {"pending_post_id", channel.setting("bot_id") + ":" + o.key}};
    json actions = json::array();
    for (const Choice& c : o.choices)
      actions.push_back(
          {{"id", "tap" + std::to_string(actions.size())},
           {"type", "button"},
           {"name", c.label},
           {"integration",
            {{"url", channel.hook_url},
             {"context",
              {{"value", c.value}, {"sign", sign(channel.secret("button_secret").reveal(), o.contact, c.value)}}}}}});
    if (!actions.empty() && actions.size() <= limits().choices)
      body["props"]["attachments"] = json::array({json{{"actions", std::move(actions)}}});
    return json_call("POST", channel.setting("server") + "/api/v4/posts", bearer(channel.secret("token")), body);
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override {
    Document d = Document::glance(r.body);
    if (r.status == 201 || r.status == 200) return Delivered{d["id"].text()};
    if (r.status == 403 || r.status == 404) return ContactStopped{};
    if (r.status == 400) return Rejected{"400", "Mattermost refused the message"};
    return conclude_by_status(r);
  }

  [[nodiscard]] std::optional<HttpCall> typing(const Channel& channel, const std::string& contact) const override {
    return json_call("POST", channel.setting("server") + "/api/v4/users/" + channel.setting("bot_id") + "/typing",
                     bearer(channel.secret("token")), {{"channel_id", contact}});
  }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time) const override {
    return get_call(channel.setting("server") + "/api/v4/users/me", bearer(channel.secret("token")));
  }

  [[nodiscard]] std::string by_hand(const Channel& channel) const override {
    return "In Mattermost: Integrations, Slash Commands: word steady, POST to " + channel.hook_url +
           "; the bot account in the team.\nFor a Steady on a private address: AllowedUntrustedInternalConnections.";
  }

 private:
  static tl::expected<Received, Refusal> press(const Channel& channel, const Request& request) {
    auto d = Document::read(request.body);
    if (!d) return tl::unexpected(d.error());
    Update u;
    u.kind = Kind::choice;
    u.contact = (*d)["channel_id"].text();
    u.value = (*d)["context"]["value"].text();
    u.id = (*d)["trigger_id"].text();
    std::string given = (*d)["context"]["sign"].text();
    if (auto no = refused(channel, "button_secret", [&](const std::string& secret) {
          return equal_secret(given, sign(secret, u.contact, u.value));
        }))
      return tl::unexpected(*no);
    if (u.id.empty()) return tl::unexpected(Refusal{400, "no trigger_id"});
    Received out;
    out.body = "{}";
    out.add(std::move(u));
    return out;
  }
};

}  // namespace

const Adapter& mattermost() {
  static const Mattermost instance;
  return instance;
}

}  // namespace adapters
