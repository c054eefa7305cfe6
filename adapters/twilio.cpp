// twilio_sms, twilio_whatsapp: messages through Twilio. Source: npm twilio 6.2.0 lib/webhooks (signatures), twilio.com/
// docs (webhook requests, Messages resource, errors, opt-out); platforms-1.md 7, 2026-11. Authenticity: base64
// HMAC-SHA1 over the public address and all form fields, or over the address with bodySHA256; no time is signed. Event
// key: MessageSid. STOP and START are Twilio's too: it answers them itself, so we only note them. Sends: a form;
// numbered text, for SMS has no buttons; no idempotency key. Plain answers would be sent as SMS: the answer is empty
// TwiML. Doubts, not oracles: ListId, ListTitle [M]. Tested by tests/adapters/twilio.json.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "adapters/call.hpp"
#include "adapters/delivery.hpp"
#include "adapters/document.hpp"
#include "adapters/registry.hpp"
#include "adapters/signature.hpp"

namespace adapters {
namespace {

constexpr std::string_view kApi = "https://api.twilio.com";
constexpr std::string_view kTwiml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";
constexpr std::string_view kWhatsApp = "whatsapp:";
constexpr std::array<Setting, 4> kSettings{
    {{"account_sid", "AC and 32 digits (Console, Account info)", Source::asked, false},
     {"auth_token", "the account's Auth Token: it signs what comes in", Source::asked, true},
     {"from", "the number +1..., or a MessagingServiceSid MG...", Source::asked, false},
     {"template",
      "WhatsApp only: the ContentSid HX... of an approved template with variable 1, for check-ins after 24 h",
      Source::optional, false}}};
constexpr std::array<int, 3> kBroken{20003, 21606, 21408};

std::string signed_text(std::string url, Form form) {
  std::sort(form.begin(), form.end());
  form.erase(std::unique(form.begin(), form.end()), form.end());
  for (const auto& [name, value] : form) url.append(name).append(value);
  return url;
}

std::string without_default_port(std::string url) {
  if (std::size_t at = url.find(":443/"); url.starts_with("https://") && at != std::string::npos) url.erase(at, 4);
  return url;
}

std::string with_default_port(const std::string& url) {
  std::size_t host = url.find("://") + 3, slash = url.find('/', host);
  if (!url.starts_with("https://") || slash == std::string::npos || url.find(':', host) < slash) return url;
  return url.substr(0, slash) + ":443" + url.substr(slash);
}

std::optional<Refusal> unsigned_by_twilio(const Channel& channel, const Request& request, const Form& form) {
  if (channel.hook_url.empty()) return Refusal{503, "public_url is not set: Twilio signs the public address"};
  std::size_t question = request.target.find('?');
  std::string url = channel.hook_url;
  if (question != std::string_view::npos) url += request.target.substr(question);
  std::string_view given = request.header("X-Twilio-Signature");
  std::string sum = query_value(request.target, "bodySHA256");
  auto no = refused(channel, "auth_token", [&](const std::string& secret) {
    auto matches = [&](const std::string& address) {
      return equal_secret(given, base64(hmac_sha1(secret, signed_text(address, sum.empty() ? form : Form{}))));
    };
    bool plain = matches(without_default_port(url)), with_port = matches(with_default_port(url));
    return plain || with_port;
  });
  if (!no && !sum.empty() && !equal_secret(sum, sha256_hex(request.body))) return Refusal{403, "the body was changed"};
  if (no && no->status == 401) return Refusal{403, "signature mismatch for the address " + url};
  return no;
}

std::string media_kind(const std::string& type) {
  if (type.starts_with("audio/")) return "voice";
  if (type.starts_with("image/") || type.starts_with("video/")) return "image";
  return type == "text/x-vcard" || type == "text/vcard" ? "contact" : "file";
}

class Twilio final : public Adapter {
 public:
  explicit Twilio(bool whatsapp) : whatsapp_(whatsapp) {}
  [[nodiscard]] std::string_view platform() const override { return whatsapp_ ? "twilio_whatsapp" : "twilio_sms"; }
  [[nodiscard]] Limits limits() const override {
    return {1600, Unit::utf16, 0, 256, 10, 1, std::chrono::minutes(whatsapp_ ? 24 * 60 - 5 : 0)};
  }
  [[nodiscard]] std::span<const Setting> settings() const override {
    return std::span(kSettings).first(whatsapp_ ? kSettings.size() : kSettings.size() - 1);
  }

  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time) const override {
    auto form = parse_form(request.body);
    if (!form) return tl::unexpected(Refusal{400, "a broken form"});
    if (auto no = unsigned_by_twilio(channel, request, *form)) return tl::unexpected(*no);
    Received out;
    out.body = kTwiml;
    out.content_type = "text/xml";
    Update u;
    u.id = form_value(*form, "MessageSid");
    u.contact = form_value(*form, "From");
    if (u.id.empty()) return tl::unexpected(Refusal{400, "no MessageSid"});
    std::string status = form_value(*form, "MessageStatus");
    if (u.contact.empty() || u.contact.starts_with(kWhatsApp) != whatsapp_) return out;
    if (!status.empty()) {  // of what we sent: that somebody stopped is told here too
      u.contact = form_value(*form, "To");
      u.id += ":" + status;
      u.kind = Kind::blocked;
      if (form_value(*form, "ErrorCode") == "21610") out.add(std::move(u));
      return out;
    }
    if (whatsapp_) u.phone = u.contact.substr(kWhatsApp.size());
    u.country = form_value(*form, "FromCountry");
    said(*form, u);
    if (!u.text.empty() || !u.value.empty() || u.kind == Kind::blocked) out.add(std::move(u));
    return out;
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    const std::string& from = channel.setting("from");
    bool service = from.starts_with("MG");
    bool prefixed = !whatsapp_ || service || from.starts_with(kWhatsApp);
    Form form{{"To", o.contact},
              {service ? "MessagingServiceSid" : "From", prefixed ? from : std::string(kWhatsApp) + from}};
    if (o.outside_window) {
      form.emplace_back("ContentSid", channel.setting("template"));
      form.emplace_back("ContentVariables", written({{"1", o.text}}));
    } else {
      form.emplace_back("Body", o.text);  // the numbers of the choices stand in it
    }
    if (!channel.hook_url.empty()) form.emplace_back("StatusCallback", channel.hook_url);
    return form_call(
        base_of(channel, kApi) + "/2010-04-01/Accounts/" + channel.setting("account_sid") + "/Messages.json",
        basic(channel.setting("account_sid"), channel.secret("auth_token")), form);
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override {
    Document d = Document::glance(r.body);
    if (r.status == 200 || r.status == 201) return Delivered{d["sid"].text()};
    int code = std::atoi(d["code"].text().c_str());
    if (code == 21610) return ContactStopped{};
    if (code == 63016) return Rejected{"outside window", "written too long ago"};
    if (code == 20429 || code == 21611 || code == 63018)
      return Retry{retry_after(r.retry_after, std::chrono::hours(1)), true};
    if (std::find(kBroken.begin(), kBroken.end(), code) != kBroken.end()) return ChannelBroken{std::to_string(code)};
    if (r.status == 400 && code != 0) return Rejected{std::to_string(code), "Twilio refused the message"};
    return conclude_by_status(r);
  }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time) const override {
    return get_call(base_of(channel, kApi) + "/2010-04-01/Accounts/" + channel.setting("account_sid") + ".json",
                    basic(channel.setting("account_sid"), channel.secret("auth_token")));
  }

  [[nodiscard]] std::string by_hand(const Channel& channel) const override {
    return std::string("In the Twilio console: ") + (whatsapp_ ? "the WhatsApp sender" : "the number or the service") +
           ", when a message comes in, POST to " + channel.hook_url + "; keep the default answers to STOP and HELP.";
  }

 private:
  static void said(const Form& form, Update& u) {
    if (form_value(form, "OptOutType") == "STOP") {
      u.kind = Kind::blocked;  // Twilio has answered
      return;
    }
    if (std::string payload = form_value(form, "ButtonPayload"); !payload.empty()) {
      u.kind = Kind::choice;
      u.value = payload;
      return;
    }
    if (form_value(form, "OptOutType") == "HELP") return;
    u.text = form_value(form, "Body");
    if (!u.text.empty()) return;
    u.kind = Kind::non_text;
    if (!form_value(form, "Latitude").empty()) u.value = "location";
    else if (!form_value(form, "MediaContentType0").empty())
      u.value = media_kind(form_value(form, "MediaContentType0"));
  }

  bool whatsapp_;
};

}  // namespace

const Adapter& twilio_sms() {
  static const Twilio instance(false);
  return instance;
}
const Adapter& twilio_whatsapp() {
  static const Twilio instance(true);
  return instance;
}

}  // namespace adapters
