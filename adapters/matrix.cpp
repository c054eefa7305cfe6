// matrix: an application service. Source: matrix-org/matrix-spec (application-service-api.md, client-server-api),
// d0ba2aa; platforms-2.md 1, 2026-11. Authenticity: Bearer hs_token, or ?access_token= of older servers, and both the
// same where both are there; no body signature. Event key: event_id; a transaction comes again until it is taken.
// Contact: the room, joined only where the invitation says is_direct, left when a third person is asked in. Encrypted
// rooms are not read, and told so. Sends: PUT with our key as txnId, an idempotency key; numbered text. Doubts, not
// oracles: M_USER_IN_USE at the second registration [M]. Tested by tests/adapters/matrix.json.
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

constexpr std::string_view kNotRead =
    "I can't read encrypted rooms. Please open a room with me that is not encrypted (in Element: new direct message, "
    "encryption off), or use the chat page.";
constexpr std::array<Setting, 4> kSettings{{{"server", "the homeserver's address, https://...", Source::asked, false},
                                            {"user_id", "who the bot is, @steady:example.org", Source::asked, false},
                                            {"hs_token", "what the homeserver shows us", Source::made, true},
                                            {"as_token", "what we show the homeserver", Source::made, true}}};

std::string localpart(const Channel& channel) {
  const std::string& id = channel.setting("user_id");
  return id.substr(1, id.find(':') - 1);
}

HttpCall call(const Channel& channel, const std::string& method, const std::string& path, const json& body) {
  return json_call(method,
                   channel.setting("server") + "/_matrix/client/v3" + path +
                       "?user_id=" + percent_encode(channel.setting("user_id")),
                   bearer(channel.secret("as_token")), body);
}

HttpCall in_room(const Channel& channel, const std::string& room, const std::string& what) {
  return call(channel, "POST", "/rooms/" + percent_encode(room) + "/" + what, json::object());
}

HttpCall say(const Channel& channel, const std::string& room, const std::string& key, std::string_view text) {
  return call(channel, "PUT", "/rooms/" + percent_encode(room) + "/send/m.room.message/" + percent_encode(key),
              {{"msgtype", "m.text"}, {"body", text}});
}

std::string non_text(const std::string& type) {
  if (type == "m.audio") return "voice";
  if (type == "m.image" || type == "m.video") return "image";
  if (type == "m.location") return "location";
  return type == "m.file" ? "file" : "";
}

class Matrix final : public Adapter {
 public:
  [[nodiscard]] std::string_view platform() const override { return "matrix"; }
  [[nodiscard]] Limits limits() const override { return {16'000, Unit::bytes, 0, 256, 20, 2}; }
  [[nodiscard]] std::span<const Setting> settings() const override { return kSettings; }

  [[nodiscard]] bool takes(std::string_view) const override { return true; }
  [[nodiscard]] tl::expected<Received, Refusal> receive(const Channel& channel, const Request& request,
                                                        Time) const override {
    std::string_view given = request.header("Authorization");
    constexpr std::string_view kBearer = "Bearer ";
    given = given.starts_with(kBearer) ? given.substr(kBearer.size()) : std::string_view();
    std::string in_query = query_value(request.target, "access_token");
    if (!given.empty() && !in_query.empty() && given != in_query) return tl::unexpected(forbidden(403));
    if (auto no = refused_token(channel, "hs_token", given.empty() ? std::string_view(in_query) : given))
      return tl::unexpected(forbidden(no->status == 401 ? 403 : no->status));
    std::string_view path = request.target.substr(0, request.target.find('?'));
    bool users = path.find("/users/") != std::string_view::npos, rooms = path.find("/rooms/") != std::string_view::npos;
    Received out;
    out.body = "{}";
    if (path.find("/transactions/") != std::string_view::npos) {
      if (request.method != "PUT") return tl::unexpected(unrecognized(405));
      auto d = Document::read(request.body);
      if (!d) return tl::unexpected(d.error());
      for (Node e : (*d)["events"].items()) event(channel, e, out);
    } else if (path.ends_with("/_matrix/app/v1/ping")) {
      if (request.method != "POST") return tl::unexpected(unrecognized(405));
    } else if (users || rooms) {
      bool ours = users && path.ends_with(percent_encode(channel.setting("user_id")));
      if (!ours) return tl::unexpected(Refusal{404, "not ours", R"({"errcode":"M_NOT_FOUND"})"});
    } else {
      return tl::unexpected(unrecognized(404));
    }
    return out;
  }

  [[nodiscard]] HttpCall send(const Channel& channel, const Outgoing& o, Time) const override {
    return say(channel, o.contact, o.key, o.text);
  }

  [[nodiscard]] Delivery conclude(const HttpResult& r) const override {
    if (r.status == 0) return Retry{};  // the same txnId gives the same message
    Document d = Document::glance(r.body);
    std::string code = d["errcode"].text();
    if (r.status == 200) return Delivered{d["event_id"].text()};
    if (code == "M_LIMIT_EXCEEDED") {
      auto ms = std::atoll(d["retry_after_ms"].text().c_str());
      auto after = retry_after(r.retry_after, std::chrono::hours(1));
      return Retry{after.count() > 0 ? after : std::chrono::seconds(std::min(3600LL, (ms + 999) / 1000)), true};
    }
    if (code == "M_FORBIDDEN") return ContactStopped{};
    if (code == "M_UNKNOWN_TOKEN") return ChannelBroken{code};
    return conclude_by_status(r);
  }

  [[nodiscard]] std::vector<HttpCall> start_calls(const Channel& channel) const override {
    return {json_call(
        "POST", channel.setting("server") + "/_matrix/client/v3/register", bearer(channel.secret("as_token")),
        {{"type", "m.login.application_service"}, {"username", localpart(channel)}, {"inhibit_login", true}})};
  }

  [[nodiscard]] std::optional<HttpCall> typing(const Channel& channel, const std::string& contact) const override {
    return call(channel, "PUT",
                "/rooms/" + percent_encode(contact) + "/typing/" + percent_encode(channel.setting("user_id")),
                {{"typing", true}, {"timeout", 5000}});
  }

  [[nodiscard]] std::optional<HttpCall> check(const Channel& channel, Time) const override {
    auto out = call(channel, "GET", "/account/whoami", json::object());
    out.body.clear();
    return out;
  }

  [[nodiscard]] std::string by_hand(const Channel& channel) const override {
    std::string user = channel.setting("user_id"), regex;
    for (char c : user) regex.append(c == '.' ? "\\\\." : std::string(1, c));
    return "Give this registration to the homeserver (Synapse: app_service_config_files) and restart it:\n"
           "id: steady\nurl: " +
           channel.hook_url + "\nas_token: " + channel.secret("as_token").reveal() +
           "\nhs_token: " + channel.secret("hs_token").reveal() + "\nsender_localpart: " + localpart(channel) +
           "\nrate_limited: false\nnamespaces: {users: [{exclusive: true, regex: \"" + regex +
           "\"}], rooms: [], aliases: []}";
  }

 private:
  static Refusal forbidden(int status) { return {status, "missing or wrong token", R"({"errcode":"M_FORBIDDEN"})"}; }
  static Refusal unrecognized(int status) {
    return {status, "no such path or method", R"({"errcode":"M_UNRECOGNIZED"})"};
  }

  static void event(const Channel& channel, Node e, Received& out) {
    const std::string& me = channel.setting("user_id");
    std::string type = e["type"].text(), room = e["room_id"].text();
    Node content = e["content"];
    if (room.empty() || e["sender"].text() == me) return;
    Update u;
    u.id = e["event_id"].text();
    u.contact = room;
    if (type == "m.room.member") return member(channel, e, std::move(u), out);
    if (type == "m.room.encrypted") {  // the same txnId: said once
      out.calls.push_back(say(channel, room, "encrypted-" + sha256_hex(room).substr(0, 16), kNotRead));
      return;
    }
    if (e["state_key"].there() || u.id.empty()) return;
    Node relates = content["m.relates_to"];
    std::string kind = content["msgtype"].text();
    if (type == "m.sticker") {
      u.kind = Kind::non_text;
      u.value = "sticker";
    } else if (type != "m.room.message" || kind == "m.notice") {
      return;
    } else if (relates["rel_type"].is("m.replace")) {
      u.kind = Kind::edited;
      u.text = content["m.new_content"]["body"].text();
    } else if (kind == "m.text" || kind == "m.emote") {
      u.text = content["body"].text();
    } else {
      u.kind = Kind::non_text;
      u.value = non_text(kind);
    }
    if (!u.text.empty() || !u.value.empty()) out.add(std::move(u));
  }

  static void member(const Channel& channel, Node e, Update u, Received& out) {
    std::string membership = e["content"]["membership"].text();
    bool about_me = e["state_key"].is(channel.setting("user_id"));
    if (about_me && membership == "invite") {
      bool direct = e["content"]["is_direct"].is("true");
      out.calls.push_back(in_room(channel, u.contact, direct ? "join" : "leave"));
      u.kind = Kind::began;
      if (direct) out.add(std::move(u));
    } else if (!about_me && (membership == "leave" || membership == "ban")) {
      u.kind = Kind::blocked;
      out.add(std::move(u));
    } else if (!about_me && membership == "invite") {  // a third person
      out.calls.push_back(say(channel, u.contact, "group-" + sha256_hex(u.contact).substr(0, 16), kPrivateOnly));
      out.calls.push_back(in_room(channel, u.contact, "leave"));
    }
  }
};

}  // namespace

const Adapter& matrix() {
  static const Matrix instance;
  return instance;
}

}  // namespace adapters
