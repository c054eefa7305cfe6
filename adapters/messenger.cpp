// messenger: a Facebook Page's inbox. Source: developers.facebook.com/documentation/business-messaging/
// messenger-platform (webhooks, send-messages, quick-replies, error-codes); platforms-1.md 5, 2026-11. Signature and
// handshake: meta.hpp. Event key: mid; postbacks without one: sender and timestamp. Sends: text up to 2000 with quick
// replies; within 24 h of the person's last message, no tag fits a bot; no idempotency key. Doubts, not oracles:
// payload of 1000 [M], subcodes 2018278, 1545041 [M]. Tested by tests/adapters/messenger.json.
#include <nlohmann/json.hpp>

#include "adapters/delivery.hpp"
#include "adapters/meta.hpp"
#include "adapters/registry.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;

constexpr std::array<Setting, 4> kSettings{
    {{"app_secret", "the Meta app's secret (App settings, Basic)", Source::asked, true},
     {"verify_token", "what you type into the webhook's form as Verify token", Source::made, true},
     {"token", "the Page access token (pages_messaging, pages_manage_metadata)", Source::asked, true},
     {"page_id", "the Page's number", Source::asked, false}}};

class Messenger final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "messenger"; }
  [[nodiscard]] Limits limits() const override { return {2000, Unit::utf16, 13, 1000, 200, 1, kMetaWindow}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] bool takes(std::string_view method) const override { return method == "POST" || method == "GET"; }
  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time) const override {
    return receive_messaging(channel, request, "page");
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    json body = messaging_body(o);
    body["messaging_type"] = o.unasked ? "UPDATE" : "RESPONSE";
    return call(channel, "/messages", body);
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override { return conclude_graph(r); }

  [[nodiscard]] std::vector<HttpCall> start_calls(const Channel& channel) const override {
    return {call(channel, "/subscribed_apps",
                 {{"subscribed_fields", {"messages", "messaging_postbacks", "message_edits"}}}),
            json_call("POST", base_of(channel, kGraph) + "/me/messenger_profile", bearer(channel.secret("token")),
                      {{"get_started", {{"payload", "GET_STARTED"}}}})};
  }

  [[nodiscard]] std::optional<HttpCall> typing(const Channel& channel, const std::string& contact) const override {
    return call(channel, "/messages", {{"recipient", {{"id", contact}}}, {"sender_action", "typing_on"}});
  }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time) const override {
    return get_call(base_of(channel, kGraph) + "/" + channel.setting("page_id") + "?fields=id",
                    bearer(channel.secret("token")));
  }

  [[nodiscard]] std::string by_hand(const Channel& channel) const override {
    return "At developers.facebook.com, your app, Messenger, Webhooks: callback " + channel.hook_url +
           ", verify token " + channel.secret("verify_token").reveal() +
           "; then subscribe the Page. People who are no testers reach it after Meta's review.";
  }

 private:
  static HttpCall call(const Channel& channel, const std::string& what, const json& body) {
    return json_call("POST", base_of(channel, kGraph) + "/" + channel.setting("page_id") + what,
                     bearer(channel.secret("token")), body);
  }
};

}  // namespace

const Adapter& messenger() {
  static const Messenger instance;
  return instance;
}

}  // namespace adapters
