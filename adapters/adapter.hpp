// adapter: the words of adapters/ and the interface of a platform: three pure functions.
//   receive  verify over the raw bytes, then parse: what the platform told us and what to answer it
//   send     one outgoing message -> one HTTP call
//   conclude what came back -> how the delivery ended
// Pure: no clock (now is passed), no socket, no log. Adapters are stateless; the Channel is passed in.
// Failure: receive() says an HTTP status and a reason; send() cannot fail on what receive() and the limits let through.
// Threads: any. Tested by tests/adapters/, one JSON table a platform.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "adapters/secret.hpp"

namespace adapters {

using Time = std::chrono::sys_seconds;

struct Channel {  // one configured account on a platform
  std::string name, platform, pack = "en";
  std::string hook_url;  // where the platform reaches us, as it sees it; empty without a public address
  std::map<std::string, std::string> settings;
  std::map<std::string, Secret> secrets;

  [[nodiscard]] const std::string& setting(const std::string& key) const {
    static const std::string none;
    auto it = settings.find(key);
    return it == settings.end() ? none : it->second;
  }
  [[nodiscard]] std::string setting_or(const std::string& key, std::string_view usual) const {
    const std::string& own = setting(key);
    return own.empty() ? std::string(usual) : own;
  }
  [[nodiscard]] bool own_network() const {  // may reach private addresses: the operator named a server of his own
    return !setting("api_base").empty() || setting("allow_private") == "true";
  }
  [[nodiscard]] const Secret& secret(const std::string& key) const {
    static const Secret none;
    auto it = secrets.find(key);
    return it == secrets.end() ? none : it->second;
  }
};

enum class Kind : std::uint8_t { text, choice, began, blocked, edited, non_text };

struct Update {         // one thing a platform told us
  std::string id;       // the platform's; the same again = the same thing
  std::string contact;  // address of the person on the channel
  Kind kind = Kind::text;
  std::string text;                     // text, edited
  std::string value;                    // choice: the payload; non_text: voice, image, sticker, location, file, contact
  std::string language, country, zone;  // hints, may be empty
  std::string phone;                    // +49..., where the contact is not written so; hints at the country
};

struct Choice {
  std::string label, value;
};

struct Outgoing {  // one thing to say
  std::string contact, text;
  std::vector<Choice> choices;
  std::string picture;  // PNG, or empty; `text` says the same and is sent with it
  std::string key;      // stable over retries; an idempotency key where the platform takes one
  bool urgent = false, unasked = false;
  Time heard{};                 // when the person last wrote
  bool outside_window = false;  // the platform takes only what it has approved beforehand
};

struct Request {  // views: valid during the call
  std::string_view method, target, body;
  std::function<std::string_view(std::string_view)> header;  // by name, any case; empty when absent
};

struct HttpCall {
  std::string method = "POST", url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct HttpResult {
  int status = 0;  // 0: no answer came; `sent` says whether the request may have arrived
  bool sent = false;
  std::string body, retry_after;
};

struct Received {
  std::vector<Update> updates;
  int status = 200;
  std::string body, content_type = "application/json";
  std::vector<HttpCall> calls;    // courtesies that need no store: stop a spinner, refuse a group
  std::vector<HttpCall> fetches;  // what was said must be asked for: each answer goes to fetched()

  void add(Update u) {  // of nobody, or nothing that could be told from another: not an update
    if (!u.id.empty() && !u.contact.empty()) updates.push_back(std::move(u));
  }
};

struct Refusal {  // the request is not taken; nothing of it was used
  int status = 400;
  std::string reason;  // for people; never holds a secret or message text
  std::string body{};  // what the platform wants to read instead; empty = {"error": reason}
};

// How a delivery ended: a closed set.
struct Delivered {
  std::string id;
};
struct Retry {
  std::chrono::seconds after{0};  // 0 = by our own schedule
  bool whole_channel = false;     // the bot is throttled, not the chat
};
struct Rejected {
  std::string code, sentence;
};
struct ContactStopped {};
struct ChannelBroken {
  std::string code;
};
struct Migrated {
  std::string contact;
};
struct Unknown {};  // it may have arrived
using Delivery = std::variant<Delivered, Retry, Rejected, ContactStopped, ChannelBroken, Migrated, Unknown>;

enum class Unit : std::uint8_t { utf16, code_points, bytes };

struct Limits {
  std::size_t text = 4096;  // longest text of one message, in `unit`
  Unit unit = Unit::utf16;
  std::size_t choices =
      100;  // buttons at once; fewer than kScaleChoices: the scale is asked in three; 0: numbered text
  std::size_t value_bytes = 64;
  int bot_per_second = 30, chat_per_second = 1;
  std::chrono::minutes window{0};  // after the person's last message, for what is said unasked; 0 = always
  bool pictures = false;           // in one call, without an address that others could read
};
// So long after the person's last message something unasked may be said there; 0 = always, if need be by a template.
inline std::chrono::minutes window_of(const Limits& limits, const Channel& channel) {
  return channel.setting("template").empty() ? limits.window : std::chrono::minutes(0);
}
inline constexpr std::size_t kScaleChoices = 11;  // 0 to 10

enum class Source : std::uint8_t { asked, optional, made };  // the operator gives it, may give it, or we make it
struct Setting {
  std::string_view key, what;
  Source source = Source::asked;
  bool secret = false;
};

struct Token {  // lent for a time, for what we send
  Secret value;
  std::chrono::seconds lasts{0};
};

inline constexpr std::string_view kPrivateOnly =
    "I only talk in private chats, so that nobody reads along. Write to me directly, any time.";

class Connection;

class Adapter {
 public:
  virtual ~Adapter() = default;
  [[nodiscard]] virtual std::string_view platform() const = 0;
  [[nodiscard]] virtual Limits limits() const = 0;
  [[nodiscard]] virtual std::span<const Setting> settings() const = 0;  // but those that every channel has
  // Which settings and secrets the channel lacks, each as a sentence; empty = complete.
  [[nodiscard]] virtual std::vector<std::string> missing(const Channel& channel) const;
  [[nodiscard]] virtual bool takes(std::string_view method) const { return method == "POST"; }
  [[nodiscard]] virtual tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                                Time now) const = 0;
  // What the answer to a fetch of receive() told; empty where it is not for us.
  [[nodiscard]] virtual std::vector<Update> fetched(const Channel&, const HttpResult&) const { return {}; }
  [[nodiscard]] virtual HttpCall send(const Channel& channel, const Outgoing& outgoing, Time now) const = 0;
  [[nodiscard]] virtual Delivery conclude(const HttpResult& result) const = 0;
  // Calls to make when the service starts and the channel has a hook_url (registering the webhook).
  [[nodiscard]] virtual std::vector<HttpCall> start_calls(const Channel&) const { return {}; }
  [[nodiscard]] virtual std::optional<HttpCall> typing(const Channel&, const std::string& /*contact*/) const {
    return std::nullopt;
  }
  // A call that shows whether the platform knows our account, and nothing else; its answer is read by conclude().
  [[nodiscard]] virtual std::optional<HttpCall> check(const Channel&, Time) const { return std::nullopt; }
  // Where sending needs a token that is lent for a time: the call, and what it gave. send() finds it as the secret
  // kAccessToken of its channel.
  [[nodiscard]] virtual std::optional<HttpCall> token_call(const Channel&, Time) const { return std::nullopt; }
  [[nodiscard]] virtual std::optional<Token> token_of(const HttpResult&) const { return std::nullopt; }
  // Where what comes in is signed with public keys of the platform: the call that gets them. receive() finds the answer
  // as the setting kPublicKeys of its channel.
  [[nodiscard]] virtual std::optional<HttpCall> keys_call(const Channel&) const { return std::nullopt; }
  // Where webhooks tell too little: what to listen to besides (connection.hpp); null = nothing.
  [[nodiscard]] virtual std::unique_ptr<Connection> connection(const Channel&) const;
  // What is left to do by hand after `steady channel add`, for people; empty = nothing.
  [[nodiscard]] virtual std::string by_hand(const Channel&) const { return ""; }
};
inline constexpr const char* kAccessToken = "access_token";
inline constexpr const char* kPublicKeys = "public_keys";

}  // namespace adapters
