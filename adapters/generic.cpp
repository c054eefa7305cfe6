// generic: any system that speaks Standard Webhooks 1.0.0, both directions.
// Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md (read 2026-11); platforms-1.md 8.
// In: POST, headers webhook-id, webhook-timestamp, webhook-signature; {"type","timestamp","data"}; types
// message.inbound, button.pressed, contact.started, contact.stopped, message.edited; unknown types are ignored. Replay
// window 300 s. Out: POST to setting url, signed the same way with every live secret; webhook-id is stable over
// retries. Tested by tests/adapters/generic.json and signature_test.cpp.
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "adapters/call.hpp"
#include "adapters/delivery.hpp"
#include "adapters/fields.hpp"
#include "adapters/registry.hpp"
#include "adapters/signature.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;

constexpr std::chrono::seconds kReplayWindow{300};
constexpr std::array<Setting, 2> kSettings{
    {{"secret", "whsec_ and base64 of 24 to 64 random bytes", Source::asked, true},
     {"url", "where replies are posted", Source::asked, false}}};
constexpr std::array<std::string_view, 8> kWanted{"type",        "data.contact", "data.text", "data.payload",
                                                  "data.locale", "data.country", "data.zone", "data.attachments"};

bool signed_by(const std::string& secret, std::string_view id, std::string_view timestamp, std::string_view body,
               std::string_view signatures) {
  std::string good = standard_signature(secret, id, timestamp, body);
  bool found = false;
  for (std::size_t at = 0; at < signatures.size();) {
    std::size_t end = std::min(signatures.find(' ', at), signatures.size());
    found = (!good.empty() && equal_secret(signatures.substr(at, end - at), good)) || found;
    at = end + 1;
  }
  return found;
}

class Generic final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "generic"; }
  [[nodiscard]] Limits limits() const override { return {4096, Unit::utf16, 20, 256, 1000, 100, {}, true}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] std::vector<std::string> missing(const Channel& c) const override {
    auto out = Adapter::missing(c);
    const Secret& secret = c.secret("secret");
    if (!secret.empty() && standard_signature(secret.reveal(), "a", "1", "").empty())
      out.emplace_back("secret: whsec_ and base64 of 24 to 64 random bytes");
    return out;
  }

  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time now) const override {
    const Refusal unsigned_{401, "missing, wrong or old signature", ""};
    std::string_view id = request.header("webhook-id"), timestamp = request.header("webhook-timestamp"),
                     signatures = request.header("webhook-signature");
    std::int64_t at = 0;
    auto [end, ec] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), at);
    if (id.empty() || id.size() > 256 || id.find('.') != std::string_view::npos || ec != std::errc{} ||
        end != timestamp.data() + timestamp.size())
      return tl::unexpected(unsigned_);
    auto age = now.time_since_epoch().count() - at;
    if (age > kReplayWindow.count() || age < -kReplayWindow.count()) return tl::unexpected(unsigned_);
    auto check = [&](const std::string& secret) { return signed_by(secret, id, timestamp, request.body, signatures); };
    if (auto no = refused(channel, "secret", check)) return tl::unexpected(*no);
    return parse(request.body, std::string(id));
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time now) const override {
    json data{{"contact", o.contact}, {"text", o.text}, {"choices", json::array()}};
    for (const auto& c : o.choices) data["choices"].push_back({{"label", c.label}, {"value", c.value}});
    if (!o.picture.empty()) data["picture"] = {{"type", "image/png"}, {"base64", base64(o.picture)}};
    if (o.urgent) data["urgent"] = true;
    if (o.unasked) data["reason"] = "checkin";
    return standard_call(channel.setting("url"), o.key, "message.outbound", std::move(data), now,
                         {&channel.secret("secret"), &channel.secret("secret_old")});
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override {
    if (r.status == 410) return ChannelBroken{"410"};
    if (r.status >= 300 && r.status < 400) return Rejected{std::to_string(r.status), "redirects are not followed"};
    return conclude_by_status(r);
  }

 private:
  static tl::expected<Received, Refusal> parse(std::string_view body, std::string id) {
    auto f = Fields::read(body, kWanted);
    if (!f) return tl::unexpected(f.error());
    Received out;
    out.status = 202;
    out.body = "{}";
    Update u;
    u.id = std::move(id);
    u.contact = f->text("data.contact");
    u.text = f->text("data.text");
    u.language = f->text("data.locale");
    u.country = f->text("data.country");
    u.zone = f->text("data.zone");
    std::string type = f->text("type");
    if (type.empty()) return tl::unexpected(Refusal{400, "no type"});
    if (type == "message.inbound") {
      if (u.text.empty() && f->find("data.attachments")) u.kind = Kind::non_text, u.value = "file";
      else if (u.text.empty()) return tl::unexpected(Refusal{400, "data.text is missing"});
    } else if (type == "button.pressed") {
      u.kind = Kind::choice;
      u.value = f->text("data.payload");
    } else if (type == "contact.started") {
      u.kind = Kind::began;
    } else if (type == "contact.stopped") {
      u.kind = Kind::blocked;
    } else if (type == "message.edited") {
      u.kind = Kind::edited;
    } else {
      return out;
    }
    if (u.contact.empty() || u.contact.size() > 256)
      return tl::unexpected(Refusal{400, "data.contact is missing or too long"});
    out.add(std::move(u));
    return out;
  }
};

}  // namespace

const Adapter& generic() {
  static const Generic instance;
  return instance;
}

}  // namespace adapters
