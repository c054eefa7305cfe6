// zulip: an outgoing-webhook bot. Source: zulip/zulip (api_docs/outgoing-webhooks.md, zerver/lib/outgoing_webhook.py),
// zulip.com/api/send-message; platforms-2.md 9, 2026-11. Authenticity: `token` in the body. Event key: message.id. An
// answer that is no 2xx JSON object is shown to the person as a failure, so all we take is answered with
// response_not_required. Sends: a form with Basic; numbered text, for Zulip has no buttons; no idempotency key. Doubts,
// not oracles: 10,000 characters, 429 with retry-after [M]. Tested by tests/adapters/zulip.json.
#include <array>
#include <nlohmann/json.hpp>

#include "adapters/call.hpp"
#include "adapters/delivery.hpp"
#include "adapters/document.hpp"
#include "adapters/registry.hpp"
#include "adapters/signature.hpp"

namespace adapters {
namespace {

constexpr std::array<Setting, 4> kSettings{
    {{"server", "the Zulip server, https://...", Source::asked, false},
     {"bot_email", "the bot's address (Settings, Bots, zuliprc: email)", Source::asked, false},
     {"api_key", "the bot's key (zuliprc: key)", Source::asked, true},
     {"token", "the outgoing webhook's token (zuliprc: token)", Source::asked, true}}};

Headers who(const Channel& channel) { return basic(channel.setting("bot_email"), channel.secret("api_key")); }

class Zulip final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "zulip"; }
  [[nodiscard]] Limits limits() const override { return {10'000, Unit::code_points, 0, 256, 3, 2}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time) const override {
    auto d = Document::read(request.body);
    if (!d) return tl::unexpected(d.error());
    if (auto no = refused_token(channel, "token", (*d)["token"].text())) return tl::unexpected(*no);
    Node message = (*d)["message"];
    Update u;
    u.id = message["id"].text();
    u.contact = message["sender_id"].text();
    u.text = (*d)["data"].text();
    if (u.id.empty() || u.contact.empty()) return tl::unexpected(Refusal{400, "no message"});
    Received out;
    out.body = R"({"response_not_required":true})";
    if (message["sender_email"].text() == (*d)["bot_email"].text()) return out;
    constexpr std::size_t kTwo = 2;
    if (!message["type"].is("private") || message["display_recipient"].items().size() != kTwo) {
      out.body = written({{"content", kPrivateOnly}});
      return out;
    }
    if (u.text.starts_with("[") && u.text.find("](/user_uploads/") != std::string::npos) {
      u.kind = Kind::non_text;  // a file and nothing else
      u.value = "file";
      u.text.clear();
    }
    if (!u.text.empty() || !u.value.empty()) out.add(std::move(u));
    return out;
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    return form_call(channel.setting("server") + "/api/v1/messages", who(channel),
                     {{"type", "direct"}, {"to", "[" + o.contact + "]"}, {"content", o.text}});
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override {
    Document d = Document::glance(r.body);
    if (r.status == 200 && d["result"].is("success")) return Delivered{d["id"].text()};
    if (d["code"].is("RATE_LIMIT_HIT")) return Retry{retry_after(r.retry_after, std::chrono::hours(1)), true};
    if (r.status == 200) return Rejected{"200", "Zulip refused the message"};
    return conclude_by_status(r);
  }

  [[nodiscard]] std::optional<HttpCall> typing(const Channel& channel, const std::string& contact) const override {
    return form_call(channel.setting("server") + "/api/v1/typing", who(channel),
                     {{"op", "start"}, {"type", "direct"}, {"to", "[" + contact + "]"}});
  }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time) const override {
    return get_call(channel.setting("server") + "/api/v1/users/me", who(channel));
  }

  [[nodiscard]] std::string by_hand(const Channel& channel) const override {
    return "In Zulip: Settings, Bots, the bot of type Outgoing webhook: endpoint " + channel.hook_url +
           ", format Zulip (the Slack format refuses private messages).";
  }
};

}  // namespace

const Adapter& zulip() {
  static const Zulip instance;
  return instance;
}

}  // namespace adapters
