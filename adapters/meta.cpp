#include "adapters/meta.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "adapters/delivery.hpp"
#include "adapters/signature.hpp"

namespace adapters {

using json = nlohmann::json;

namespace {

constexpr std::size_t kLabel = 20, kQuickReplies = 13;
constexpr std::array<int, 12> kThrottled{4, 17, 32, 613, 80006, 80007, 130429, 131048, 131056, 133016, 131000, 131016};
constexpr std::array<int, 4> kBroken{190, 368, 131031, 131042};

int number(const std::string& text) { return std::atoi(text.c_str()); }

std::string kind_of(const std::string& attachment) {
  if (attachment == "audio") return "voice";
  if (attachment == "image" || attachment == "video" || attachment == "location") {
    return attachment == "location" ? "location" : "image";
  }
  return attachment == "sticker" || attachment == "like_heart" ? "sticker" : "file";
}

void messaging(Node m, Received& out) {
  Node message = m["message"], postback = m["postback"], edit = m["message_edit"];
  Update u;
  u.contact = m["sender"]["id"].text();
  if (u.contact.empty()) return;
  if (edit.object()) {
    u.id = edit["mid"].text() + ":" + edit["num_edit"].text();
    u.kind = Kind::edited;
    u.text = edit["text"].text();
  } else if (postback.object()) {
    u.id = postback["mid"].text();
    if (u.id.empty()) u.id = u.contact + ":" + m["timestamp"].text();
    u.value = postback["payload"].text();
    u.kind = u.value == "GET_STARTED" ? Kind::began : Kind::choice;
    if (u.kind == Kind::began) u.value.clear();
  } else if (message.object()) {
    if (message["is_echo"].is("true") || message["is_self"].is("true") || message["is_deleted"].is("true")) return;
    u.id = message["mid"].text();
    u.text = message["text"].text();
    if (std::string payload = message["quick_reply"]["payload"].text(); !payload.empty()) {
      u.kind = Kind::choice;
      u.value = payload;
      u.text.clear();
    } else if (u.text.empty()) {
      auto attachments = message["attachments"].items();
      if (attachments.empty() && !message["is_unsupported"].is("true")) return;
      u.kind = Kind::non_text;
      u.value = attachments.empty() ? "file" : kind_of(attachments.front()["type"].text());
    }
  } else {
    return;  // delivery, read, referral, reaction: nothing to answer
  }
  bool empty = u.text.empty() && u.value.empty() && u.kind != Kind::began;
  if (!empty) out.add(std::move(u));
}

}  // namespace

tl::expected<Received, Refusal> meta_handshake(const Channel& channel, const Request& request) {
  if (auto no = refused_token(channel, "verify_token", query_value(request.target, "hub.verify_token")))
    return tl::unexpected(Refusal{no->status == 401 ? 403 : no->status, no->reason});
  std::string challenge = query_value(request.target, "hub.challenge");
  bool plain =
      !challenge.empty() && challenge.size() <= 256 && std::all_of(challenge.begin(), challenge.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
      });
  if (query_value(request.target, "hub.mode") != "subscribe" || !plain)
    return tl::unexpected(Refusal{403, "not the handshake of a subscription"});
  Received out;
  out.body = challenge;
  out.content_type = "text/plain";
  return out;
}

std::optional<Refusal> unsigned_by_meta(const Channel& channel, const Request& request) {
  std::string_view given = request.header("X-Hub-Signature-256");
  return refused(channel, "app_secret", [&](const std::string& secret) {
    return equal_secret(given, "sha256=" + hex(hmac_sha256(secret, request.body)));
  });
}

tl::expected<Received, Refusal> receive_messaging(const Channel& channel, const Request& request,
                                                  std::string_view object) {
  if (request.method == "GET") return meta_handshake(channel, request);
  if (auto no = unsigned_by_meta(channel, request)) return tl::unexpected(*no);
  auto d = Document::read(request.body);
  if (!d) return tl::unexpected(d.error());
  if (!(*d)["object"].is(object)) return tl::unexpected(Refusal{400, "not about " + std::string(object)});
  Received out;
  out.body = "EVENT_RECEIVED";
  out.content_type = "text/plain";
  for (Node entry : (*d)["entry"].items())
    for (Node m : entry["messaging"].items()) messaging(m, out);
  return out;
}

json messaging_body(const Outgoing& o) {
  json message{{"text", with_numbers(o, kQuickReplies)}};
  if (!o.choices.empty() && o.choices.size() <= kQuickReplies) {
    json replies = json::array();
    for (const Choice& c : o.choices)
      replies.push_back({{"content_type", "text"}, {"title", cut(c.label, kLabel, Unit::utf16)}, {"payload", c.value}});
    message["quick_replies"] = std::move(replies);
  }
  return {{"recipient", {{"id", o.contact}}}, {"message", std::move(message)}};
}

Delivery conclude_graph(const HttpResult& r) {
  if (r.status == 0) return conclude_by_status(r);
  Document d = Document::glance(r.body);
  Node error = d["error"];
  if (r.status == 200) {
    auto messages = d["messages"].items();
    return Delivered{messages.empty() ? d["message_id"].text() : messages.front()["id"].text()};
  }
  int code = number(error["code"].text()), sub = number(error["error_subcode"].text());
  std::string name = std::to_string(code) + (sub == 0 ? "" : "/" + std::to_string(sub));
  if (std::find(kThrottled.begin(), kThrottled.end(), code) != kThrottled.end())
    return Retry{retry_after(r.retry_after, std::chrono::hours(1)), code != 131056};
  if (std::find(kBroken.begin(), kBroken.end(), code) != kBroken.end() || (code >= 200 && code < 300 && sub != 1545041))
    return ChannelBroken{name};
  if (code == 551 || (code == 200 && sub == 1545041)) return ContactStopped{};
  if ((code == 10 && sub == 2018278) || code == 131047) return Rejected{"outside window", "written too long ago"};
  if (code == 10) return ChannelBroken{name};
  if (code == 131053 || code == 2 || code == 1200) return Retry{};
  if (code != 0) return Rejected{name, "Meta refused the message"};
  return conclude_by_status(r);
}

}  // namespace adapters
