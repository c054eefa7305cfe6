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
  std::map<std::string, std::string> settings;
  std::map<std::string, Secret> secrets;

  [[nodiscard]] const std::string& setting(const std::string& key) const {
    static const std::string none;
    auto it = settings.find(key);
    return it == settings.end() ? none : it->second;
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
};

struct Choice {
  std::string label, value;
};

struct Outgoing {  // one thing to say
  std::string contact, text;
  std::vector<Choice> choices;
  std::string key;  // stable over retries; an idempotency key where the platform takes one
  bool urgent = false, unasked = false;
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
  std::vector<HttpCall> calls;  // courtesies that need no store: stop a spinner, refuse a group
};

struct Refusal {  // the request is not taken; nothing of it was used
  int status = 400;
  std::string reason;  // for people; never holds a secret or message text
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

struct Limits {
  int text_units = 4096;  // of the platform's own counting
  std::size_t choices = 10;
  int label_graphemes = 20;
  std::size_t value_bytes = 64;
  int bot_per_second = 30, chat_per_second = 1;
};

class Adapter {
 public:
  virtual ~Adapter() = default;
  [[nodiscard]] virtual std::string_view platform() const = 0;
  [[nodiscard]] virtual Limits limits() const = 0;
  // Which settings and secrets the channel lacks, each as a sentence; empty = complete.
  [[nodiscard]] virtual std::vector<std::string> missing(const Channel& channel) const = 0;
  [[nodiscard]] virtual tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                                Time now) const = 0;
  [[nodiscard]] virtual HttpCall send(const Channel& channel, const Outgoing& outgoing, Time now) const = 0;
  [[nodiscard]] virtual Delivery conclude(const HttpResult& result) const = 0;
  // Calls to make when the service starts with this public address (registering a webhook).
  [[nodiscard]] virtual std::vector<HttpCall> start_calls(const Channel&, const std::string& /*public_url*/) const {
    return {};
  }
  [[nodiscard]] virtual std::optional<HttpCall> typing(const Channel&, const std::string& /*contact*/) const {
    return std::nullopt;
  }
};

}  // namespace adapters
