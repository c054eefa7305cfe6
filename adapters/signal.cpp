// signal: through bbernhard/signal-cli-rest-api in MODE=json-rpc. Source: its src/client/jsonrpc2.go, src/api/api.go,
// docs/swagger.json at a08db23; platforms-2.md 10, 2026-11. Authenticity: it sends none, so a secret of ours is the
// last part of the address, and params.account must be our number; keep both on one private network. Its POST blocks
// its receiving and is not repeated: the answer comes as soon as the message is stored, and never waits for a send.
// Event key: uuid, device and timestamp. Groups are not answered. Sends: numbered text; no idempotency key. Doubts, not
// oracles: 2000 bytes before a text becomes a file [M]. Tested by tests/adapters/signal.json.
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

constexpr std::array<Setting, 3> kSettings{
    {{"server", "where signal-cli-rest-api listens, http://...", Source::asked, false},
     {"number", "our number, +49...", Source::asked, false},
     {"path_secret", "the last part of RECEIVE_WEBHOOK_URL", Source::made, true}}};

std::string kind_of(Node attachment) {
  std::string type = attachment["contentType"].text();
  if (type.starts_with("audio/")) return "voice";
  return type.starts_with("image/") || type.starts_with("video/") ? "image" : "file";
}

class Signal final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "signal"; }
  [[nodiscard]] Limits limits() const override { return {1900, Unit::bytes, 0, 256, 2, 1, {}, true}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time) const override {
    std::string_view path = request.target.substr(0, request.target.find('?'));
    if (auto no = refused_token(channel, "path_secret", path.substr(path.rfind('/') + 1))) return tl::unexpected(*no);
    auto d = Document::read(request.body);
    if (!d) return tl::unexpected(d.error());
    Node params = (*d)["params"], envelope = params["envelope"];
    if (!params["account"].is(channel.setting("number")))
      return tl::unexpected(Refusal{403, "about another number than ours"});
    Received out;
    out.body = "{}";
    Node edit = envelope["editMessage"];
    Node said = edit.object() ? edit["dataMessage"] : envelope["dataMessage"];
    if (!said.object() || said["groupInfo"].object() || said["reaction"].object() || said["remoteDelete"].object())
      return out;
    Update u;
    u.contact = envelope["sourceUuid"].text();
    if (u.contact.empty()) u.contact = envelope["sourceNumber"].text();
    u.phone = envelope["sourceNumber"].text();
    u.id = u.contact + ":" + envelope["sourceDevice"].text() + ":" + envelope["timestamp"].text();
    u.kind = edit.object() ? Kind::edited : Kind::text;
    u.text = said["message"].text();
    if (u.contact.empty()) return tl::unexpected(Refusal{400, "no sender"});
    if (u.text.empty()) {
      auto attachments = said["attachments"].items();
      if (said["sticker"].object()) u.value = "sticker";
      else if (!said["contacts"].items().empty()) u.value = "contact";
      else if (!attachments.empty()) u.value = kind_of(attachments.front());
      u.kind = Kind::non_text;
    }
    if (!u.text.empty() || !u.value.empty()) out.add(std::move(u));
    return out;
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    json body{{"number", channel.setting("number")}, {"recipients", json::array({o.contact})}, {"message", o.text}};
    if (!o.picture.empty())
      body["base64_attachments"].push_back("data:image/png;filename=months.png;base64," + base64(o.picture));
    return json_call("POST", channel.setting("server") + "/v2/send", {}, body);
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override {
    Document d = Document::glance(r.body);
    if (r.status == 200 || r.status == 201) return Delivered{d["timestamp"].text()};
    if (r.status == 429) return ChannelBroken{"captcha: see /v1/accounts/NUMBER/rate-limit-challenge"};
    std::string error = d["error"].text();
    if (error.find("Unregistered user") != std::string::npos) return ContactStopped{};
    if (r.status == 400) return Rejected{"400", "signal-cli refused the message"};
    return conclude_by_status(r);
  }

  [[nodiscard]] std::optional<HttpCall> typing(const Channel& channel, const std::string& contact) const override {
    return json_call("PUT",
                     channel.setting("server") + "/v1/typing-indicator/" + percent_encode(channel.setting("number")),
                     {}, {{"recipient", contact}});
  }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time) const override {
    return get_call(channel.setting("server") + "/v1/about", {});
  }

  [[nodiscard]] std::string by_hand(const Channel& channel) const override {
    return "Start signal-cli-rest-api with MODE=json-rpc and RECEIVE_WEBHOOK_URL=" + channel.hook_url + "/" +
           channel.secret("path_secret").reveal() +
           ",\non the same private network, without AUTO_RECEIVE_SCHEDULE; register or link the number there.";
  }
};

}  // namespace

const Adapter& signal() {
  static const Signal instance;
  return instance;
}

}  // namespace adapters
