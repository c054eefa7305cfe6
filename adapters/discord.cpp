// discord: commands and buttons over HTTP; what is written freely comes by the Gateway (discord_gateway.cpp). Source:
// discord/discord-api-docs (interactions, message, opcodes-and-status-codes, rate-limits), snapshot 2026-08;
// platforms-1.md 3, 2026-11. Authenticity: Ed25519 over timestamp and body; Discord probes with bad signatures and
// wants 401. Event key: the interaction's id. Contact: the channel of the private conversation with the bot; elsewhere
// the refusal is shown to one person only. `/say text` and a window after `/write` do where the Gateway is down. Sends:
// 2000 characters, 25 buttons, nonce with enforce_nonce is an idempotency key for some minutes; 401 and 403 are never
// tried again. Doubts, not oracles: DM to people without a shared server [?]. Tested by tests/adapters/discord.json.
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

constexpr std::string_view kApi = "https://discord.com/api/v10";
constexpr std::size_t kLabel = 80, kRow = 5, kScaleRow = 4, kNonce = 25;
constexpr int kShownToOne = 64;  // message flag: ephemeral
constexpr std::array<Setting, 4> kSettings{
    {{"application_id", "the application's id (General Information)", Source::asked, false},
     {"public_key", "the application's public key, 64 hex digits (General Information)", Source::asked, false},
     {"token", "the bot's token (Bot)", Source::asked, true},
     {"gateway_url", "where the Gateway is, if elsewhere", Source::optional, false}}};

Headers bot(const Channel& channel) {
  return {{"Authorization", "Bot " + channel.secret("token").reveal()},
          {"User-Agent", "DiscordBot (https://github.com/steady, 0.1)"}};
}

std::string language_of(const std::string& locale) { return locale.substr(0, locale.find('-')); }

json slash(const std::string& name, const std::string& what) {
  return {{"name", name}, {"description", what}, {"type", 1}, {"contexts", {1}}, {"integration_types", {0, 1}}};
}

enum class Answer : std::uint8_t { pong = 1, message = 4, silent = 6, window = 9 };
std::string answer(Answer type, const json& data = nullptr) {
  json out{{"type", static_cast<int>(type)}};
  if (!data.is_null()) out["data"] = data;
  return written(out);
}

std::string option_text(Node data) {
  for (Node option : data["options"].items())
    if (option["name"].is("text")) return option["value"].text();
  return "";
}

std::string written_text(Node data) {
  for (Node row : data["components"].items()) {
    for (Node field : row["components"].items())
      if (field["custom_id"].is("text")) return field["value"].text();
    if (row["component"]["custom_id"].is("text")) return row["component"]["value"].text();
  }
  return "";
}

class Discord final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "discord"; }
  [[nodiscard]] Limits limits() const override { return {2000, Unit::utf16, 25, 100, 40, 1, {}, true}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time) const override {
    auto key = unhex(channel.setting("public_key"));
    auto signature = unhex(request.header("X-Signature-Ed25519"));
    if (!key || key->size() != 32) return tl::unexpected(Refusal{503, "public_key is not 64 hex digits"});
    std::string message(request.header("X-Signature-Timestamp"));
    if (!signature || message.empty() || !ed25519_verified(*key, message.append(request.body), *signature))
      return tl::unexpected(Refusal{401, "missing or wrong signature"});
    auto d = Document::read(request.body);
    if (!d) return tl::unexpected(d.error());
    if (!(*d)["type"].there()) return tl::unexpected(Refusal{400, "no interaction"});
    Received out = discord_interaction(d->root());
    if (out.body.empty()) return tl::unexpected(Refusal{400, "no interaction"});
    return out;
  }

  [[nodiscard]] std::unique_ptr<Connection> connection(const Channel& channel) const override {
    return discord_gateway(channel);
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    json body{{"content", with_numbers(o, limits().choices)},
              {"allowed_mentions", {{"parse", json::array()}}},
              {"nonce", o.key.substr(o.key.size() - std::min(o.key.size(), kNonce))},
              {"enforce_nonce", true}};
    json rows = json::array();
    std::size_t row = o.choices.size() == kScaleChoices ? kScaleRow : kRow;  // 0 to 10 in three rows, not in 5, 5, 1
    for (std::size_t i = 0; i < o.choices.size() && o.choices.size() <= limits().choices; ++i) {
      if (i % row == 0) rows.push_back({{"type", 1}, {"components", json::array()}});
      rows.back()["components"].push_back({{"type", 2},
                                           {"style", 2},
                                           {"label", cut(o.choices[i].label, kLabel, Unit::utf16)},
                                           {"custom_id", o.choices[i].value}});
    }
    if (!rows.empty()) body["components"] = std::move(rows);
    std::string url = base_of(channel, kApi) + "/channels/" + o.contact + "/messages";
    if (o.picture.empty()) return json_call("POST", std::move(url), bot(channel), body);
    body["attachments"].push_back({{"id", 0}, {"description", o.text}});  // for those who hear instead of see
    return multipart_call(std::move(url), bot(channel), {{"payload_json", written(body)}},
                          {"files[0]", "months.png", "image/png", o.picture});
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override {
    Document d = Document::glance(r.body);
    if (r.status >= 200 && r.status < 300) return Delivered{d["id"].text()};
    std::string code = d["code"].text();
    if (r.status == 429) {
      double seconds = std::atof(d["retry_after"].text().c_str());
      bool all = d["global"].is("true");
      if (seconds > 0) return Retry{std::chrono::seconds(std::min(3600, static_cast<int>(seconds) + 1)), all};
      return Retry{retry_after(r.retry_after, std::chrono::hours(1)), all};
    }
    if (code == "50007" || code == "50278" || code == "10003") return ContactStopped{};
    if (code == "40003") return Retry{};
    if (r.status == 403 || r.status == 400) return Rejected{code, "Discord refused the message"};
    return conclude_by_status(r);
  }

  [[nodiscard]] std::vector<HttpCall> start_calls(const Channel& channel) const override {
    std::string app = base_of(channel, kApi) + "/applications/" + channel.setting("application_id");
    json say = slash("say", "Say something to Steady");
    say["options"] =
        json::array({json{{"type", 3}, {"name", "text"}, {"description", "what you want to say"}, {"required", true}}});
    json commands = json::array({slash("start", "Begin"), std::move(say), slash("write", "Write more than a line"),
                                 slash("stop", "Nothing unasked any more"), slash("help", "Help lines, now")});
    return {json_call("PUT", app + "/commands", bot(channel), commands),
            json_call("PATCH", base_of(channel, kApi) + "/applications/@me", bot(channel),
                      {{"interactions_endpoint_url", channel.hook_url}})};
  }

  [[nodiscard]] std::optional<HttpCall> typing(const Channel& channel, const std::string& contact) const override {
    return json_call("POST", base_of(channel, kApi) + "/channels/" + contact + "/typing", bot(channel), json::object());
  }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time) const override {
    return get_call(base_of(channel, kApi) + "/applications/@me", bot(channel));
  }

  [[nodiscard]] std::string by_hand(const Channel& channel) const override {
    return "At discord.com/developers: Installation, User Install and Guild Install on. The address " +
           channel.hook_url + " and the commands are registered at every start.";
  }
};

}  // namespace

Received discord_interaction(Node d) {
  enum Type : int { ping = 1, command = 2, component = 3, submit = 5 };
  Received out;
  int type = std::atoi(d["type"].text().c_str());
  Node data = d["data"];
  if (type == ping) {
    out.body = answer(Answer::pong);
    return out;
  }
  Update u;
  u.id = d["id"].text();
  u.contact = d["channel_id"].text();
  u.language = language_of(d["locale"].text());
  if (u.id.empty() || u.contact.empty() || data["bot"].is("true")) return out;
  bool alone = d["context"].is("1") || (!d["context"].there() && d["user"].object());
  if (!alone) {
    out.body = answer(Answer::message, {{"content", kPrivateOnly}, {"flags", kShownToOne}});
    return out;
  }
  if (type == component) {
    u.kind = Kind::choice;
    u.value = data["custom_id"].text();
    out.body = answer(Answer::silent);
  } else if (type == command && data["name"].is("write")) {
    json field{{"type", 4}, {"custom_id", "text"}, {"style", 2}, {"label", "…"}, {"max_length", 4000}};
    json line{{"type", 1}, {"components", json::array({std::move(field)})}};
    out.body = answer(Answer::window,
                      {{"custom_id", "write"}, {"title", "Steady"}, {"components", json::array({std::move(line)})}});
    return out;
  } else if (type == command || type == submit) {
    u.text = type == submit ? written_text(data) : option_text(data);
    if (u.text.empty() && !data["name"].is("start")) u.text = data["name"].text();
    if (u.text.empty()) u.kind = Kind::began;
    // What was said stays to be seen, as it would in a chat.
    out.body = answer(Answer::message, {{"content", u.text.empty() ? "…" : "› " + cut(u.text, 1900, Unit::utf16)},
                                        {"allowed_mentions", {{"parse", json::array()}}}});
  } else {
    out.body = "{}";
    return out;
  }
  out.add(std::move(u));
  return out;
}

const Adapter& discord() {
  static const Discord instance;
  return instance;
}

}  // namespace adapters
