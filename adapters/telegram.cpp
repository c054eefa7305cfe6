// telegram: the Bot API. Source: core.telegram.org/bots/api (Bot API 10.1), tdlib/telegram-bot-api; platforms-1.md 1,
// 2026-11. Authenticity: the header X-Telegram-Bot-Api-Secret-Token equals our secret; no signature, no time. Event
// key: update_id. Groups are refused politely; own echoes do not come by webhook. Sends: sendMessage with an inline
// keyboard; callback_data 1-64 bytes; 429 pauses the whole bot; no idempotency key. Doubts, not used as oracles: 4096
// counted in UTF-16 units [M], 8 buttons a row [M]. Tested by tests/adapters/telegram.json and tests/e2e/telegram.mjs.
#include <algorithm>
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

constexpr std::string_view kApi = "https://api.telegram.org";
constexpr std::array<Setting, 2> kSettings{
    {{"token", "the bot token that @BotFather gave", Source::asked, true},
     {"webhook_secret", "what the webhook's requests carry: letters, digits, _ and -", Source::made, true}}};
constexpr std::size_t kScaleRow = 6, kRow = 2, kCaption = 1024;

constexpr std::array<std::string_view, 2> kSent{"ok", "result.message_id"};
constexpr std::array<std::string_view, 34> kWanted{"update_id",
                                                   "message.chat.id",
                                                   "message.chat.type",
                                                   "message.from.is_bot",
                                                   "message.from.language_code",
                                                   "message.text",
                                                   "message.voice.file_id",
                                                   "message.audio.file_id",
                                                   "message.video_note.file_id",
                                                   "message.photo",
                                                   "message.video.file_id",
                                                   "message.animation.file_id",
                                                   "message.document.file_id",
                                                   "message.sticker.emoji",
                                                   "message.sticker.file_id",
                                                   "message.location.latitude",
                                                   "message.contact.phone_number",
                                                   "message.caption",
                                                   "message.migrate_to_chat_id",
                                                   "message.via_bot.id",
                                                   "edited_message.chat.id",
                                                   "edited_message.chat.type",
                                                   "edited_message.text",
                                                   "edited_message.from.is_bot",
                                                   "callback_query.id",
                                                   "callback_query.data",
                                                   "callback_query.from.id",
                                                   "callback_query.from.language_code",
                                                   "callback_query.message.chat.id",
                                                   "callback_query.message.chat.type",
                                                   "my_chat_member.chat.id",
                                                   "my_chat_member.chat.type",
                                                   "my_chat_member.new_chat_member.status",
                                                   "message.poll.id"};

std::string base(const Channel& channel) {
  return base_of(channel, kApi) + "/bot" + channel.secret("token").reveal() + "/";
}

HttpCall call(const Channel& channel, const std::string& method, const json& body) {
  return json_call("POST", base(channel) + method, {}, body);
}

json number_or_text(const std::string& id) {  // chat ids are numbers; anything else is passed on as written
  std::int64_t n = 0;
  auto [end, ec] = std::from_chars(id.data(), id.data() + id.size(), n);
  if (ec == std::errc{} && end == id.data() + id.size()) return n;
  return id;
}

std::string command_text(const std::string& text) {  // "/stop@SteadyBot" is "stop"
  if (!text.starts_with('/')) return text;
  std::string word =
      text.substr(1, text.find_first_of(" @") == std::string::npos ? std::string::npos : text.find_first_of(" @") - 1);
  std::size_t space = text.find(' ');
  return space == std::string::npos ? word : word + text.substr(space);
}

std::string non_text_kind(const Fields& f) {
  if (f.find("message.voice.file_id") || f.find("message.audio.file_id") || f.find("message.video_note.file_id"))
    return "voice";
  if (f.find("message.photo") || f.find("message.video.file_id") || f.find("message.animation.file_id")) return "image";
  if (f.find("message.location.latitude")) return "location";
  if (f.find("message.contact.phone_number")) return "contact";
  if (f.find("message.document.file_id") || f.find("message.poll.id")) return "file";
  return f.find("message.sticker.file_id") ? "sticker" : "";
}

void refuse_group(Received& out, const std::string& chat) {
  out.body = json{{"method", "sendMessage"}, {"chat_id", number_or_text(chat)}, {"text", kPrivateOnly}}.dump();
}

class Telegram final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "telegram"; }
  [[nodiscard]] Limits limits() const override { return {4096, Unit::utf16, 100, 64, 30, 1, {}, true}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time) const override {
    if (auto no = refused_token(channel, "webhook_secret", request.header("X-Telegram-Bot-Api-Secret-Token")))
      return tl::unexpected(*no);
    auto fields = Fields::read(request.body, kWanted);
    if (!fields) return tl::unexpected(fields.error());
    const std::string* id = fields->find("update_id");
    if (id == nullptr || id->find_first_not_of("-0123456789") != std::string::npos)
      return tl::unexpected(Refusal{400, "no update_id"});
    Received out;
    out.body = "{}";
    Update update;
    update.id = *id;
    if (fields->find("message.chat.id")) {
      message(*fields, std::move(update), out);
    } else if (fields->find("callback_query.id")) {
      button(channel, *fields, std::move(update), out);
    } else if (fields->find("edited_message.chat.id")) {
      update.contact = fields->text("edited_message.chat.id");
      update.text = fields->text("edited_message.text");
      update.kind = Kind::edited;
      if (fields->is("edited_message.chat.type", "private") && !update.text.empty()) out.add(std::move(update));
    } else if (fields->find("my_chat_member.chat.id")) {
      member(*fields, std::move(update), out);
    }
    return out;
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    json body = json::object();  // built by emplace: initializer lists copy every string
    body.emplace("chat_id", number_or_text(o.contact));
    body.emplace("text", o.text);
    json rows = json::array();
    std::size_t row = o.choices.size() > 10 ? kScaleRow : kRow;
    for (std::size_t i = 0; i < o.choices.size(); ++i) {
      if (i % row == 0) rows.push_back(json::array());
      json& button = rows.back().emplace_back(json::object());
      button.emplace("text", o.choices[i].label);
      button.emplace("callback_data", o.choices[i].value);
    }
    if (!rows.empty()) body["reply_markup"].emplace("inline_keyboard", std::move(rows));
    if (!o.picture.empty()) {
      Form fields{{"chat_id", o.contact}, {"caption", cut(o.text, kCaption, Unit::utf16)}};
      if (body.contains("reply_markup")) fields.emplace_back("reply_markup", written(body["reply_markup"]));
      return multipart_call(base(channel) + "sendPhoto", {}, fields, {"photo", "months.png", "image/png", o.picture});
    }
    return call(channel, "sendMessage", body);
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override {
    if (r.status == 0) return conclude_by_status(r);
    if (r.status == 200)
      if (auto f = Fields::glance(r.body, kSent); f.is("ok", "true")) return Delivered{f.text("result.message_id")};
    json j = json::parse(r.body, nullptr, false);
    if (!j.is_object()) j = json::object();
    json parameters = j.contains("parameters") && j["parameters"].is_object() ? j["parameters"] : json::object();
    std::string description =
        j.contains("description") && j["description"].is_string() ? j["description"].get<std::string>() : "";
    std::transform(description.begin(), description.end(), description.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (parameters.contains("migrate_to_chat_id")) return Migrated{parameters["migrate_to_chat_id"].dump()};
    if (r.status == 429) {
      auto after = parameters.contains("retry_after")
                       ? retry_after(parameters["retry_after"].dump(), std::chrono::hours(1))
                       : retry_after(r.retry_after, std::chrono::hours(1));
      return Retry{after, true};
    }
    if (r.status == 403) return ContactStopped{};
    if (r.status == 401 || r.status == 404) return ChannelBroken{std::to_string(r.status)};
    if (r.status == 400) return Rejected{"400", description.substr(0, 80)};
    return conclude_by_status(r);
  }

  [[nodiscard]] std::vector<HttpCall> start_calls(const Channel& channel) const override {
    json body{{"url", channel.hook_url},
              {"secret_token", channel.secret("webhook_secret").reveal()},
              {"allowed_updates", {"message", "edited_message", "callback_query", "my_chat_member"}}};
    return {call(channel, "setWebhook", body)};
  }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time) const override {
    return call(channel, "getMe", json::object());
  }

  [[nodiscard]] std::optional<HttpCall> typing(const Channel& channel, const std::string& contact) const override {
    return call(channel, "sendChatAction", {{"chat_id", number_or_text(contact)}, {"action", "typing"}});
  }

 private:
  static void message(const Fields& f, Update update, Received& out) {
    if (f.is("message.from.is_bot", "true") || f.find("message.via_bot.id")) return;
    update.contact = f.text("message.chat.id");
    update.language = f.text("message.from.language_code");
    std::string text = f.text("message.text");
    if (!f.is("message.chat.type", "private")) {
      if (text.starts_with('/')) refuse_group(out, update.contact);
      return;
    }
    if (text == "/start" || text.starts_with("/start ")) {
      update.kind = Kind::began;
    } else if (!text.empty()) {
      update.text = command_text(text);
    } else if (std::string caption = f.text("message.caption"); !caption.empty()) {
      update.text = caption;  // words beside a picture are read like any words
    } else if (std::string emoji = f.text("message.sticker.emoji"); !emoji.empty()) {
      update.text = emoji;
    } else {
      update.kind = Kind::non_text;
      update.value = non_text_kind(f);
      if (update.value.empty()) return;  // a service message
    }
    out.add(std::move(update));
  }

  static void button(const Channel& channel, const Fields& f, Update update, Received& out) {
    out.calls.push_back(call(channel, "answerCallbackQuery",
                             {{"callback_query_id", f.text("callback_query.id")}}));  // or the client spins
    if (f.find("callback_query.message.chat.type") && !f.is("callback_query.message.chat.type", "private")) return;
    update.contact = f.find("callback_query.message.chat.id") ? f.text("callback_query.message.chat.id")
                                                              : f.text("callback_query.from.id");
    update.language = f.text("callback_query.from.language_code");
    update.kind = Kind::choice;
    update.value = f.text("callback_query.data");
    if (!update.value.empty()) out.add(std::move(update));
  }

  static void member(const Fields& f, Update update, Received& out) {
    std::string status = f.text("my_chat_member.new_chat_member.status");
    update.contact = f.text("my_chat_member.chat.id");
    if (!f.is("my_chat_member.chat.type", "private")) {
      if (status == "member" || status == "administrator") refuse_group(out, update.contact);
      return;
    }
    if (status != "kicked" && status != "left") return;  // unblocked: the next message speaks for itself
    update.kind = Kind::blocked;
    out.add(std::move(update));
  }
};

}  // namespace

const Adapter& telegram() {
  static const Telegram instance;
  return instance;
}

}  // namespace adapters
