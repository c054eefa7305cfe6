// slack: Events API, interactivity and slash command on one address. Source: docs.slack.dev (events, verifying
// requests, chat.postMessage, block_actions, rate limits); platforms-1.md 2, 2026-11. Authenticity: HMAC-SHA256 over
// v0:timestamp:body, 300 s either way, before url_verification is answered. Event key: channel and ts of a message
// (Slack sent one message under several event ids), event_id else. Contact: TEAM:USER; we post to the user's id, which
// is our private channel with them. Sends: blocks with buttons; HTTP 200 also for errors; no idempotency key. Doubts,
// not oracles: cannot_dm_bot, messages_tab_disabled [M]. Tested by tests/adapters/slack.json.
#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "adapters/call.hpp"
#include "adapters/delivery.hpp"
#include "adapters/document.hpp"
#include "adapters/registry.hpp"
#include "adapters/signature.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;

constexpr std::string_view kApi = "https://slack.com/api";
constexpr std::int64_t kReplayWindow = 300;  // seconds
constexpr std::size_t kLabel = 75;
constexpr std::array<Setting, 2> kSettings{
    {{"signing_secret", "the app's signing secret (Basic Information)", Source::asked, true},
     {"token", "the bot token xoxb-... (OAuth & Permissions)", Source::asked, true}}};
constexpr std::array<std::string_view, 7> kBroken{"account_inactive",      "invalid_auth",  "token_revoked",
                                                  "token_expired",         "missing_scope", "not_authed",
                                                  "not_allowed_token_type"};
constexpr std::array<std::string_view, 6> kGone{"channel_not_found", "user_not_found", "user_disabled",
                                                "is_archived",       "not_in_channel", "cannot_dm_bot"};
constexpr std::array<std::string_view, 4> kAgain{"internal_error", "fatal_error", "service_unavailable",
                                                 "request_timeout"};

template <class List>
bool among(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// <https://x|label> is its label, <@U1> nothing, &lt; is <.
std::string plain(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::size_t end = text[i] == '<' ? text.find('>', i) : std::string::npos;
    if (end == std::string::npos) {
      out += text[i];
      continue;
    }
    std::string inside = text.substr(i + 1, end - i - 1);
    if (!inside.starts_with('@') && !inside.starts_with('!')) out += inside.substr(inside.find('|') + 1);
    i = end;
  }
  std::size_t begin = out.find_first_not_of(' ');
  return begin == std::string::npos ? "" : unescape_entities(out.substr(begin));
}

std::optional<Refusal> unsigned_by_slack(const Channel& channel, const Request& request, Time now) {
  std::string timestamp(request.header("X-Slack-Request-Timestamp"));
  std::string_view given = request.header("X-Slack-Signature");
  std::int64_t at = 0;
  auto [end, ec] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), at);
  bool old = ec != std::errc{} || end != timestamp.data() + timestamp.size() ||
             std::abs(now.time_since_epoch().count() - at) > kReplayWindow;
  std::string message = "v0:" + timestamp + ":" + std::string(request.body);
  return refused(channel, "signing_secret", [&](const std::string& secret) {
    return equal_secret(given, "v0=" + hex(hmac_sha256(secret, message))) && !old;
  });
}

HttpCall call(const Channel& channel, const std::string& method, const json& body) {
  return json_call("POST", base_of(channel, kApi) + "/" + method, bearer(channel.secret("token")), body);
}

class Slack final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "slack"; }
  [[nodiscard]] Limits limits() const override { return {2900, Unit::utf16, 25, 2000, 50, 1}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time now) const override {
    if (auto no = unsigned_by_slack(channel, request, now)) return tl::unexpected(*no);
    if (!request.header("Content-Type").starts_with("application/x-www-form-urlencoded"))
      return event(channel, request);
    auto form = parse_form(request.body);
    if (!form) return tl::unexpected(Refusal{400, "a broken form"});
    if (std::string payload = form_value(*form, "payload"); !payload.empty()) return press(payload);
    return command(*form);
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    std::string text = escape_entities(with_numbers(o, limits().choices));
    json blocks = json::array();
    blocks.push_back({{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", text}}}});
    json buttons = json::array();
    for (const Choice& c : o.choices)
      buttons.push_back({{"type", "button"},
                         {"action_id", "tap." + std::to_string(buttons.size())},
                         {"text", {{"type", "plain_text"}, {"text", cut(c.label, kLabel, Unit::utf16)}}},
                         {"value", c.value}});
    if (!buttons.empty() && buttons.size() <= limits().choices)
      blocks.push_back({{"type", "actions"}, {"elements", std::move(buttons)}});
    return call(
        channel, "chat.postMessage",
        {{"channel", o.contact.substr(o.contact.find(':') + 1)}, {"text", text}, {"blocks", std::move(blocks)}});
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override {
    if (r.status != 200) return conclude_by_status(r);
    Document d = Document::glance(r.body);
    if (d["ok"].is("true")) return Delivered{d["ts"].text()};
    std::string error = d["error"].text();
    if (error == "ratelimited") return Retry{retry_after(r.retry_after, std::chrono::hours(1)), true};
    if (among(kBroken, error)) return ChannelBroken{error};
    if (among(kGone, error)) return ContactStopped{};
    if (among(kAgain, error) || error.empty()) return Retry{};
    return Rejected{error, "Slack refused the message"};
  }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time) const override {
    return call(channel, "auth.test", json::object());
  }

  [[nodiscard]] std::string by_hand(const Channel& channel) const override {
    return "At api.slack.com/apps: Event Subscriptions and Interactivity with the address " + channel.hook_url +
           ", bot events message.im, app_mention, app_home_opened; scopes chat:write, im:history, im:write, commands;\n"
           "App Home: the Messages Tab on, with messages allowed; a slash command if wanted, same address. Then "
           "install.";
  }

 private:
  static tl::expected<Received, Refusal> event(const Channel& channel, const Request& request) {
    auto d = Document::read(request.body);
    if (!d) return tl::unexpected(d.error());
    Received out;
    if ((*d)["type"].is("url_verification")) {
      out.body = written({{"challenge", (*d)["challenge"].text()}});
      return out;
    }
    if ((*d)["type"].text().empty()) return tl::unexpected(Refusal{400, "no type"});
    Node e = (*d)["event"];
    Update u;
    u.id = (*d)["event_id"].text();
    u.contact = (*d)["team_id"].text() + ":" + e["user"].text();
    if (e["type"].is("app_mention")) {
      out.calls.push_back(
          call(channel, "chat.postMessage", {{"channel", e["channel"].text()}, {"text", kPrivateOnly}}));
    } else if (e["type"].is("app_home_opened") && e["tab"].is("messages")) {
      u.kind = Kind::began;
      u.id = "home:" + u.contact;  // each opening tells; the first counts
      out.add(std::move(u));
    } else if (e["type"].is("message") && e["channel_type"].is("im")) {
      message((*d)["team_id"].text(), e, std::move(u), out);
    }
    return out;
  }

  // Only what a person wrote: positively, since links that unfold and bots arrive as messages too.
  static void message(const std::string& team, Node e, Update u, Received& out) {
    std::string subtype = e["subtype"].text();
    if (subtype == "message_changed") {
      Node now = e["message"];
      u.text = plain(now["text"].text());
      u.contact = team + ":" + now["user"].text();
      u.kind = Kind::edited;
      bool by_person = now["edited"].there() && !now["bot_id"].there() && !now["user"].text().empty();
      if (by_person && now["text"].text() != e["previous_message"]["text"].text() && !u.text.empty())
        out.add(std::move(u));
      return;
    }
    bool spoken = subtype.empty() || subtype == "file_share" || subtype == "thread_broadcast";
    bool bot = e["bot_id"].there() || e["bot_profile"].there() || e["app_id"].there() || e["user"].is("USLACKBOT");
    if (!spoken || bot || e["hidden"].is("true") || e["user"].text().empty()) return;
    u.id = e["channel"].text() + ":" + e["ts"].text();
    u.text = plain(e["text"].text());
    if (u.text.empty()) {
      auto files = e["files"].items();
      if (files.empty()) return;
      std::string type = files.front()["mimetype"].text();
      u.kind = Kind::non_text;
      u.value = type.starts_with("audio/") ? "voice" : type.starts_with("image/") ? "image" : "file";
    }
    out.add(std::move(u));
  }

  static tl::expected<Received, Refusal> press(const std::string& payload) {
    auto d = Document::read(payload);
    if (!d) return tl::unexpected(d.error());
    Received out;
    auto actions = (*d)["actions"].items();
    if (!(*d)["type"].is("block_actions") || actions.empty()) return out;
    Update u;
    std::string user = (*d)["user"]["id"].text();
    u.contact = (*d)["team"]["id"].text() + ":" + user;
    u.kind = Kind::choice;
    u.value = actions.front()["value"].text();
    u.id = user + ":" + (*d)["container"]["message_ts"].text() + ":" + actions.front()["action_ts"].text();
    if (!user.empty() && !u.value.empty()) out.add(std::move(u));
    return out;
  }

  // Nobody else sees what follows a slash command; it is answered in the private chat.
  static tl::expected<Received, Refusal> command(const Form& form) {
    Received out;
    if (form_value(form, "ssl_check") == "1") return out;
    Update u;
    u.contact = form_value(form, "team_id") + ":" + form_value(form, "user_id");
    u.id = "command:" + form_value(form, "trigger_id");
    u.text = form_value(form, "text");
    if (form_value(form, "user_id").empty() || form_value(form, "trigger_id").empty())
      return tl::unexpected(Refusal{400, "neither an event, a button nor a command"});
    if (u.text.empty()) u.kind = Kind::began;
    if (form_value(form, "channel_name") != "directmessage")
      out.body = written({{"response_type", "ephemeral"}, {"text", kPrivateOnly}});
    out.add(std::move(u));
    return out;
  }
};

}  // namespace

const Adapter& slack() {
  static const Slack instance;
  return instance;
}

}  // namespace adapters
