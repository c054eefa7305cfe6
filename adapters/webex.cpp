// webex: bots. Source: developer.webex.com (webhooks, messages, attachment-actions, buttons-and-cards),
// webex-node-bot-framework 2.3.14; platforms-2.md 4, 2026-11. Authenticity: X-Spark-Signature, hex HMAC-SHA1 over the
// raw body; no time. A webhook carries no words: they are fetched. Event key: resource and data.id. Own messages fire
// too and are dropped by personId. Contact: the room. Sends: an Adaptive Card with up to five buttons, else numbered
// text; no idempotency key. Doubts, not oracles: five buttons [M]; when a failing webhook is switched off [?], so it is
// set up anew at every start. Tested by tests/adapters/webex.json.
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

constexpr std::string_view kApi = "https://webexapis.com/v1";
constexpr std::size_t kButtons = 5;
constexpr std::array<Setting, 3> kSettings{{{"token", "the bot's access token", Source::asked, true},
                                            {"bot_id", "the bot's person id (GET /v1/people/me)", Source::asked, false},
                                            {"webhook_secret", "signs what comes in", Source::made, true}}};

HttpCall post(const Channel& channel, const std::string& path, const json& body) {
  return json_call("POST", base_of(channel, kApi) + path, bearer(channel.secret("token")), body);
}

class Webex final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "webex"; }
  [[nodiscard]] Limits limits() const override { return {7000, Unit::bytes, kButtons, 256, 10, 1}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time) const override {
    std::string_view given = request.header("X-Spark-Signature");
    if (auto no = refused(channel, "webhook_secret", [&](const std::string& secret) {
          return equal_secret(given, hex(hmac_sha1(secret, request.body)));
        }))
      return tl::unexpected(*no);
    auto d = Document::read(request.body);
    if (!d) return tl::unexpected(d.error());
    Node data = (*d)["data"];
    std::string resource = (*d)["resource"].text(), id = data["id"].text(), room = data["roomId"].text();
    if (resource.empty() || id.empty()) return tl::unexpected(Refusal{400, "neither resource nor data.id"});
    Received out;
    out.body = "{}";
    bool mine = data["personId"].is(channel.setting("bot_id")), group = data["roomType"].is("group");
    bool created = (*d)["event"].is("created");
    if (resource == "memberships" && mine && created && !group) {
      Update u;
      u.kind = Kind::began;
      u.id = "memberships:" + id;
      u.contact = room;
      out.add(std::move(u));
    } else if (!created || mine) {
      return out;
    } else if (resource == "messages" && group) {
      out.calls.push_back(post(channel, "/messages", {{"roomId", room}, {"text", kPrivateOnly}}));
    } else if (resource == "messages" || resource == "attachmentActions") {
      std::string path = resource == "messages" ? "/messages/" : "/attachment/actions/";
      out.fetches.push_back(
          get_call(base_of(channel, kApi) + path + percent_encode(id), bearer(channel.secret("token"))));
    }
    return out;
  }

  [[nodiscard]] std::vector<Update> fetched(const Channel& channel, const HttpResult& r) const override {
    Document d = Document::glance(r.body);
    Update u;
    u.contact = d["roomId"].text();
    u.id = d["id"].text();
    if (u.contact.empty() || u.id.empty() || d["personId"].is(channel.setting("bot_id"))) return {};
    if (d["inputs"].object()) {
      u.kind = Kind::choice;
      u.value = d["inputs"]["value"].text();
    } else if (u.text = d["text"].text(); u.text.empty()) {
      u.kind = Kind::non_text;
      u.value = d["files"].items().empty() ? "" : "file";
    }
    if (u.text.empty() && u.value.empty()) return {};
    return {std::move(u)};
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    json body{{"roomId", o.contact}, {"text", with_numbers(o, kButtons)}};
    json actions = json::array();
    for (const Choice& c : o.choices)
      actions.push_back({{"type", "Action.Submit"}, {"title", c.label}, {"data", {{"value", c.value}}}});
    if (!actions.empty() && actions.size() <= kButtons) {
      json words{{"type", "TextBlock"}, {"text", o.text}, {"wrap", true}};
      json card{{"type", "AdaptiveCard"},
                {"version", "1.3"},
                {"body", json::array({std::move(words)})},
                {"actions", std::move(actions)}};
      body["attachments"] =
          json::array({json{{"contentType", "application/vnd.microsoft.card.adaptive"}, {"content", std::move(card)}}});
    }
    return post(channel, "/messages", body);
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override {
    if (r.status == 200) return Delivered{Document::glance(r.body)["id"].text()};
    if (r.status == 404) return ContactStopped{};
    if (r.status == 423) return Retry{retry_after(r.retry_after, std::chrono::hours(1)), false};
    return conclude_by_status(r);
  }

  [[nodiscard]] std::vector<HttpCall> start_calls(const Channel& channel) const override {
    std::vector<HttpCall> out;
    for (const char* resource : {"messages", "attachmentActions", "memberships"})
      out.push_back(post(channel, "/webhooks",
                         {{"name", "steady " + std::string(resource)},
                          {"targetUrl", channel.hook_url},
                          {"resource", resource},
                          {"event", "created"},
                          {"secret", channel.secret("webhook_secret").reveal()}}));
    return out;
  }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time) const override {
    return get_call(base_of(channel, kApi) + "/people/me", bearer(channel.secret("token")));
  }
};

}  // namespace

const Adapter& webex() {
  static const Webex instance;
  return instance;
}

}  // namespace adapters
