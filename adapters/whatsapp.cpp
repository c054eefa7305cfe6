// whatsapp: the Cloud API. Source: developers.facebook.com/documentation/business-messaging/whatsapp (webhooks,
// messages, error-codes); platforms-1.md 4, 2026-11. Signature and handshake: meta.hpp. Event key: wamid. Contact: the
// phone number without +, or the business-scoped user id of people who show none. Sends: three buttons, or a list of
// ten, or numbered text; free messages within 24 h of the person's last, then only the approved `template`, with the
// text as its one parameter; biz_opaque_callback_data carries our key; no idempotency key. Doubts, not oracles: 131000,
// 131016 [M], numbers of the free tier. Tested by tests/adapters/whatsapp.json.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "adapters/delivery.hpp"
#include "adapters/meta.hpp"
#include "adapters/registry.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;

constexpr std::size_t kButtons = 3, kRows = 10, kTitle = 20, kRowTitle = 24;
constexpr std::array<Setting, 6> kSettings{
    {{"app_secret", "the Meta app's secret (App settings, Basic)", Source::asked, true},
     {"verify_token", "what you type into the webhook's form as Verify token", Source::made, true},
     {"token", "a system user's access token (whatsapp_business_messaging)", Source::asked, true},
     {"phone_number_id", "the number's id (WhatsApp, API Setup)", Source::asked, false},
     {"template", "an approved utility template with one body parameter, for check-ins after 24 h", Source::optional,
      false},
     {"template_language", "of the template, such as en_US", Source::optional, false}}};

std::string non_text(const std::string& type) {
  if (type == "audio" || type == "voice") return "voice";
  if (type == "image" || type == "video") return "image";
  if (type == "sticker" || type == "location") return type;
  if (type == "contacts") return "contact";
  return type == "document" || type == "unsupported" || type == "order" ? "file" : "";
}

void message(Node m, Received& out) {
  Update u;
  std::string type = m["type"].text();
  u.id = m["id"].text();
  u.contact = m["from"].text();
  if (!u.contact.empty()) u.phone = "+" + u.contact;
  if (u.contact.empty()) u.contact = m["from_user_id"].text();
  if (u.id.empty() || u.contact.empty() || m["group_id"].there()) return;
  Node pressed = m["interactive"];
  if (type == "text") {
    u.text = m["text"]["body"].text();
  } else if (type == "interactive") {
    u.kind = Kind::choice;
    u.value = pressed[pressed["type"].text()]["id"].text();
  } else if (type == "button") {
    u.kind = Kind::choice;
    u.value = m["button"]["payload"].text();
  } else if (std::string caption = m[type]["caption"].text(); !caption.empty()) {
    u.text = caption;
  } else {
    u.kind = Kind::non_text;
    u.value = non_text(type);
  }
  if (!u.text.empty() || !u.value.empty()) out.add(std::move(u));
}

json interactive(const Outgoing& o) {
  json body{{"body", {{"text", o.text}}}};
  if (o.choices.size() <= kButtons) {
    json buttons = json::array();
    for (const Choice& c : o.choices)
      buttons.push_back(
          {{"type", "reply"}, {"reply", {{"id", c.value}, {"title", cut(c.label, kTitle, Unit::utf16)}}}});
    body["type"] = "button";
    body["action"]["buttons"] = std::move(buttons);
    return body;
  }
  json rows = json::array();
  for (const Choice& c : o.choices) rows.push_back({{"id", c.value}, {"title", cut(c.label, kRowTitle, Unit::utf16)}});
  body["type"] = "list";
  body["action"]["button"] = "☰";
  body["action"]["sections"] = json::array({json{{"rows", std::move(rows)}}});
  return body;
}

class WhatsApp final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "whatsapp"; }
  [[nodiscard]] Limits limits() const override { return {1024, Unit::utf16, kButtons, 200, 60, 1, kMetaWindow}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] bool takes(std::string_view method) const override { return method == "POST" || method == "GET"; }
  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time) const override {
    if (request.method == "GET") return meta_handshake(channel, request);
    if (auto no = unsigned_by_meta(channel, request)) return tl::unexpected(*no);
    auto d = Document::read(request.body);
    if (!d) return tl::unexpected(d.error());
    if (!(*d)["object"].is("whatsapp_business_account"))
      return tl::unexpected(Refusal{400, "not about a WhatsApp account"});
    Received out;
    out.body.clear();
    for (Node entry : (*d)["entry"].items())
      for (Node change : entry["changes"].items()) {
        Node value = change["value"];
        if (!change["field"].is("messages") && !change["field"].is("user_preferences")) continue;
        if (!value["metadata"]["phone_number_id"].is(channel.setting("phone_number_id"))) continue;
        for (Node m : value["messages"].items()) message(m, out);
        for (Node p : value["user_preferences"].items()) preference(p, out);
      }
    return out;
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    bool number = o.contact.find_first_not_of("0123456789") == std::string::npos;
    json body{
        {"messaging_product", "whatsapp"}, {"recipient_type", "individual"}, {number ? "to" : "recipient", o.contact}};
    body["biz_opaque_callback_data"] = o.key;
    if (o.outside_window) {
      std::string text = o.text;
      std::replace(text.begin(), text.end(), '\n', ' ');  // a parameter is one line
      body["type"] = "template";
      body["template"] = {
          {"name", channel.setting("template")},
          {"language", {{"code", channel.setting_or("template_language", "en_US")}}},
          {"components", json::array({json{{"type", "body"},
                                           {"parameters", json::array({json{{"type", "text"}, {"text", text}}})}}})}};
    } else if (o.choices.empty() || o.choices.size() > kRows) {
      body["type"] = "text";
      body["text"] = {{"body", with_numbers(o, kRows)}, {"preview_url", false}};
    } else {
      body["type"] = "interactive";
      body["interactive"] = interactive(o);
    }
    return json_call("POST", base_of(channel, kGraph) + "/" + channel.setting("phone_number_id") + "/messages",
                     bearer(channel.secret("token")), body);
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override { return conclude_graph(r); }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time) const override {
    return get_call(base_of(channel, kGraph) + "/" + channel.setting("phone_number_id") + "?fields=id",
                    bearer(channel.secret("token")));
  }

  [[nodiscard]] std::string by_hand(const Channel& channel) const override {
    return "At developers.facebook.com, your app, WhatsApp, Configuration: callback " + channel.hook_url +
           ", verify token " + channel.secret("verify_token").reveal() +
           ", fields messages and user_preferences. A payment method in the billing hub: without one, messages are\n"
           "silently not delivered. For check-ins after 24 h: an approved template with one parameter, as `template`.";
  }

 private:
  static void preference(Node p, Received& out) {
    if (!p["value"].is("stop")) return;
    Update u;
    u.kind = Kind::blocked;
    u.contact = p["wa_id"].text();
    u.id = "stop:" + u.contact + ":" + p["timestamp"].text();
    out.add(std::move(u));
  }
};

}  // namespace

const Adapter& whatsapp() {
  static const WhatsApp instance;
  return instance;
}

}  // namespace adapters
