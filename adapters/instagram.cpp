// instagram: direct messages of a professional account. Source: developers.facebook.com/documentation/
// instagram-platform (webhooks, messaging-api); platforms-1.md 6, 2026-11. Signature and handshake: meta.hpp; which
// app's secret signs depends on the login, so app_secret_old may hold the other. Event key: mid. Echoes come with the
// plain messages field and are ignored; what was unsent is not read. Sends: text up to 1000 bytes, quick replies;
// within 24 h. Automation there must offer a way to a human: the packs' `human` does. Doubts: message_edit [?]. Tested
// by tests/adapters/instagram.json.
#include <nlohmann/json.hpp>

#include "adapters/delivery.hpp"
#include "adapters/meta.hpp"
#include "adapters/registry.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;

constexpr std::string_view kApi = "https://graph.instagram.com/v25.0";
constexpr std::array<Setting, 4> kSettings{
    {{"app_secret", "the app secret that signs (the Instagram app's, or the Meta app's)", Source::asked, true},
     {"verify_token", "what you type into the webhook's form as Verify token", Source::made, true},
     {"token", "the account's access token (instagram_business_manage_messages)", Source::asked, true},
     {"account_id", "the professional account's number", Source::asked, false}}};

class Instagram final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "instagram"; }
  [[nodiscard]] Limits limits() const override { return {1000, Unit::bytes, 13, 1000, 200, 1, kMetaWindow}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] bool takes(std::string_view method) const override { return method == "POST" || method == "GET"; }
  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time) const override {
    return receive_messaging(channel, request, "instagram");
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    return call(channel, "/messages", messaging_body(o));
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override { return conclude_graph(r); }

  [[nodiscard]] std::vector<HttpCall> start_calls(const Channel& channel) const override {
    return {call(channel, "/subscribed_apps", {{"subscribed_fields", {"messages", "messaging_postbacks"}}})};
  }

  [[nodiscard]] std::optional<HttpCall> typing(const Channel& channel, const std::string& contact) const override {
    return call(channel, "/messages", {{"recipient", {{"id", contact}}}, {"sender_action", "typing_on"}});
  }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time) const override {
    return get_call(base_of(channel, kApi) + "/" + channel.setting("account_id") + "?fields=id",
                    bearer(channel.secret("token")));
  }

  [[nodiscard]] std::string by_hand(const Channel& channel) const override {
    return "At developers.facebook.com, your app, Instagram, Webhooks: callback " + channel.hook_url +
           ", verify token " + channel.secret("verify_token").reveal() + ", fields messages, messaging_postbacks.";
  }

 private:
  static HttpCall call(const Channel& channel, const std::string& what, const json& body) {
    return json_call("POST", base_of(channel, kApi) + "/" + channel.setting("account_id") + what,
                     bearer(channel.secret("token")), body);
  }
};

}  // namespace

const Adapter& instagram() {
  static const Instagram instance;
  return instance;
}

}  // namespace adapters
