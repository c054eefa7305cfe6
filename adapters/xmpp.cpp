// xmpp: an external component of an XMPP server. Source: XEP-0114 (component), 0030, 0085, 0184, 0199, 0308, 0439
// (xsf/xeps, 3ad7aaa), Debian prosody 0.12.3; platforms-2.md 11, 2026-11. Authenticity: the handshake of XEP-0114, and
// the server's word for `from`; no TLS, so the server is on loopback or behind a tunnel. Event key: bare address and
// id. Nothing is acknowledged: what comes while we are away, the server bounces to its sender. Sends: over the same
// stream; numbered text, and quick responses for clients that show them; no idempotency key. OMEMO is not read, and
// told so. The stream is xmpp_stream.cpp. Tested by tests/adapters/xmpp.json, xmpp_test.cpp and
// tests/thirdparty/xmpp.mjs (prosody).
#include <array>

#include "adapters/connection.hpp"
#include "adapters/delivery.hpp"
#include "adapters/encode.hpp"
#include "adapters/registry.hpp"
#include "adapters/xmpp.hpp"

namespace adapters {
namespace {

constexpr std::array<Setting, 4> kSettings{
    {{"server", "where the XMPP server takes components, 127.0.0.1:5347", Source::asked, false},
     {"domain", "the component's name, bot.example.org", Source::asked, false},
     {"component_secret", "the component's secret", Source::asked, true},
     {"user", "who the bot is in that domain; steady without", Source::optional, false}}};

class Xmpp final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "xmpp"; }
  [[nodiscard]] Limits limits() const override { return {10'000, Unit::bytes, 0, 256, 50, 5}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] std::unique_ptr<Connection> connection(const Channel& channel) const override {
    return xmpp_stream(channel);
  }

  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel&, const Request&, Time) const override {
    return tl::unexpected(Refusal{403, "XMPP comes by its own connection, not by a webhook"});
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    std::string out = "<message from='" + escape_attribute(jid_of(channel)) + "' to='" + escape_attribute(o.contact) +
                      "' type='chat' id='" + escape_attribute(o.key) + "'><body>" + escape_entities(printable(o.text)) +
                      "</body>";
    for (const Choice& c : o.choices) {
      std::string label = escape_attribute(printable(c.label));
      out.append("<response xmlns='urn:xmpp:tmp:quick-response' value='").append(label).append("' label='");
      out.append(label).append("'/>");
    }
    return {"", std::string(kStream), {}, out + "</message>"};
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override { return conclude_by_status(r); }

  [[nodiscard]] std::optional<HttpCall> typing(const Channel& channel, const std::string& contact) const override {
    return HttpCall{"",
                    std::string(kStream),
                    {},
                    "<message from='" + escape_attribute(jid_of(channel)) + "' to='" + escape_attribute(contact) +
                        "' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>"};
  }

  [[nodiscard]] std::string by_hand(const Channel& channel) const override {
    return "In Prosody's configuration: Component \"" + channel.setting("domain") +
           "\" with component_secret = the secret you gave; then people write to " + jid_of(channel) + ".";
  }
};

}  // namespace

std::string jid_of(const Channel& channel) {
  return channel.setting_or("user", "steady") + "@" + channel.setting("domain");
}

// Without the characters that XML 1.0 cannot hold.
std::string printable(std::string_view text) {
  std::string out;
  for (char c : text)
    if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
  return out;
}

std::string escape_attribute(std::string_view text) {
  std::string out;
  for (char c : escape_entities(text)) {
    if (c == '\'') out += "&apos;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

const Adapter& xmpp() {
  static const Xmpp instance;
  return instance;
}

}  // namespace adapters
