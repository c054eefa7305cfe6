#include "bot/desk_accounts.hpp"

#include <sodium.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "adapters/signature.hpp"
#include "bot/iso_time.hpp"
#include "bot/store_parts.hpp"
#include "bot/totp.hpp"

namespace bot {
namespace {

using json = nlohmann::json;

constexpr const char* kDocument = "desk";
constexpr std::size_t kTotpBytes = 20, kMaxSessions = 50, kMaxTries = 10'000;
constexpr std::chrono::seconds kCached{2};  // so long a session that was ended elsewhere may go on

auto no(int status, std::string reason) { return tl::unexpected(DeskRefusal{status, std::move(reason), {}}); }

std::string hashed(std::string_view token) { return adapters::sha256_hex(token); }

std::string argon2id(const std::string& password) {
  std::string out(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str(out.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
    throw std::runtime_error("no memory for a password's hash");
  out.resize(out.find('\0'));
  return out;
}
bool is_password(const std::string& hash, const std::string& password) {
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

Role role_in(const json& j) { return role_named(j.get<std::string>()).value_or(Role::auditor); }

json* find(json& list, const char* key, const std::string& value) {
  auto it = std::find_if(list.begin(), list.end(), [&](const json& j) { return j[key] == value; });
  return it == list.end() ? nullptr : &*it;
}

void drop(json& list, const std::function<bool(const json&)>& gone) {
  json left = json::array();
  for (auto& item : list)
    if (!gone(item)) left.push_back(std::move(item));
  list = std::move(left);
}

std::string problem_of_name(const std::string& name) {
  if (name.empty() || name.size() > kMaxNameBytes) return "a name has 1 to 40 letters";
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_") != std::string::npos)
    return "a name is made of a to z, 0 to 9, dot, dash and underscore";
  return "";
}
std::string problem_of_password(const std::string& password) {
  if (password.size() < kMinPasswordBytes) return "a password has 12 letters or more; four words do";
  return password.size() > kMaxPasswordBytes ? "a password has 256 bytes at most" : "";
}

}  // namespace

std::optional<Role> role_named(std::string_view name) {
  auto it = std::find(kRoles.begin(), kRoles.end(), name);
  if (it == kRoles.end()) return std::nullopt;
  return static_cast<Role>(it - kRoles.begin());
}

// What is kept, less what has run out.
json Accounts::opened(const std::string& body) const {
  json desk = body.empty()
                  ? json{{"accounts", json::array()}, {"sessions", json::array()}, {"invitations", json::array()}}
                  : json::parse(body);
  auto now = seconds(environment_.now());
  for (const char* list : {"sessions", "invitations"})
    drop(desk[list], [&](const json& j) { return j["until"].get<std::int64_t>() <= now; });
  return desk;
}

OrRefusal<json> Accounts::read() {
  auto document = store_.document(kDocument);
  if (!document) return no(503, "the database is away");
  return opened(document->body);
}

template <class Change>
OrRefusal<bool> Accounts::write(Change change) {
  OrRefusal<bool> answer = true;
  Changed how = change_document(store_, kDocument, [&](const std::string& body) -> std::optional<std::string> {
    json desk = opened(body);
    answer = change(desk);
    return answer ? std::optional(desk.dump()) : std::nullopt;
  });
  if (how == Changed::away) return no(503, "the database is away");
  if (how == Changed::contended) return no(503, "the database is away, or somebody else is changing accounts");
  if (how == Changed::kept) {
    std::lock_guard lock(mutex_);
    read_at_ = {};
  }
  return answer;
}

namespace {

std::string add_invitation(json& desk, Role role, const Environment& environment) {
  std::string code = environment.random_token().substr(0, 24);
  std::string key(kTotpBytes, '\0');
  randombytes_buf(key.data(), key.size());
  desk["invitations"].push_back({{"code", hashed(code)},
                                 {"role", name_of(role)},
                                 {"secret", base32(key)},
                                 {"until", seconds(environment.now() + kInvitationLasts)}});
  return code;
}

}  // namespace

OrRefusal<std::optional<std::string>> Accounts::first_invitation() {
  std::optional<std::string> code;
  auto written = write([&](json& desk) -> OrRefusal<bool> {
    code.reset();
    if (!desk["accounts"].empty()) return true;
    desk["invitations"] = json::array();
    code = add_invitation(desk, Role::owner, environment_);
    return true;
  });
  if (!written) return tl::unexpected(written.error());
  return code;
}

OrRefusal<std::string> Accounts::invite(Role role, const Who& by) {
  std::string code;
  auto written = write([&](json& desk) -> OrRefusal<bool> {
    code = add_invitation(desk, role, environment_);
    return true;
  });
  if (!written) return tl::unexpected(written.error());
  store_.note(environment_.now(), "invite", 0, by.name + " as " + std::string(name_of(role)));
  return code;
}

OrRefusal<Invitation> Accounts::invited(const std::string& code) {
  auto desk = read();
  if (!desk) return tl::unexpected(desk.error());
  const json* found = find((*desk)["invitations"], "code", hashed(code));
  if (found == nullptr) return no(404, "no invitation has this code; they last three days and serve once");
  auto secret = (*found)["secret"].get<std::string>();
  return Invitation{code, role_in((*found)["role"]), secret,
                    "otpauth://totp/Steady?secret=" + secret + "&issuer=Steady"};
}

OrRefusal<std::string> Accounts::enrol(const std::string& invitation, const Login& login) {
  std::string token;
  if (std::string p = problem_of_name(login.name); !p.empty()) return no(400, p);
  if (std::string p = problem_of_password(login.password); !p.empty()) return no(400, p);
  std::string hash = argon2id(login.password);
  auto written = write([&](json& desk) -> OrRefusal<bool> {
    const json* found = find(desk["invitations"], "code", hashed(invitation));
    if (found == nullptr) return no(404, "no invitation has this code; they last three days and serve once");
    if (find(desk["accounts"], "name", login.name) != nullptr) return no(409, "somebody has this name");
    auto step = totp_step(*unbase32((*found)["secret"].get<std::string>()), login.code, environment_.now(), 0);
    if (!step) return no(401, "that is not the app's present code; is the clock of the phone right?");
    desk["accounts"].push_back({{"name", login.name},
                                {"role", (*found)["role"]},
                                {"password", hash},
                                {"secret", (*found)["secret"]},
                                {"step", *step},
                                {"since", seconds(environment_.now())}});
    drop(desk["invitations"], [&](const json& j) { return j["code"] == hashed(invitation); });
    token = open_session(desk, login.name, login.from);
    return true;
  });
  if (!written) return tl::unexpected(written.error());
  store_.note(environment_.now(), "account", 0, login.name);
  return token;
}

OrRefusal<std::string> Accounts::login(const Login& login) {
  static const std::string kNobody = argon2id("a password of nobody");  // takes as long as somebody's
  if (auto wait = must_wait(login.name)) return tl::unexpected(*wait);
  std::string token;
  auto desk = read();
  if (!desk) return tl::unexpected(desk.error());
  const json* account = find((*desk)["accounts"], "name", login.name);
  bool right = login.password.size() <= kMaxPasswordBytes &&
               is_password(account == nullptr ? kNobody : (*account)["password"].get<std::string>(), login.password) &&
               account != nullptr;
  auto written = write([&](json& now) -> OrRefusal<bool> {
    json* same = find(now["accounts"], "name", login.name);
    auto step = right && same != nullptr ? totp_step(*unbase32((*same)["secret"].get<std::string>()), login.code,
                                                     environment_.now(), (*same)["step"].get<std::int64_t>())
                                         : std::nullopt;
    if (!step) return no(401, "name, password or code is wrong; a code serves once");
    (*same)["step"] = *step;
    token = open_session(now, login.name, login.from);
    return true;
  });
  if (written || written.error().status == 401) tried(login.name, written.has_value());
  if (!written) return tl::unexpected(written.error());
  store_.note(environment_.now(), "login", 0, login.name);
  return token;
}

std::string Accounts::open_session(json& desk, const std::string& name, const std::string& from) {
  std::string token = environment_.random_token();
  auto now = environment_.now();
  if (desk["sessions"].size() >= kMaxSessions) desk["sessions"].erase(desk["sessions"].begin());
  desk["sessions"].push_back({{"id", environment_.random_token().substr(0, 8)},
                              {"token", hashed(token)},
                              {"name", name},
                              {"from", from},
                              {"since", seconds(now)},
                              {"until", seconds(now + kSessionLasts)}});
  return token;
}

std::optional<DeskRefusal> Accounts::must_wait(const std::string& name) {
  std::lock_guard lock(mutex_);
  auto it = tries_.find(name);
  if (it == tries_.end() || it->second.next <= environment_.now()) return std::nullopt;
  return DeskRefusal{429, "too many wrong tries; wait a moment", it->second.next - environment_.now()};
}

void Accounts::tried(const std::string& name, bool right) {
  std::lock_guard lock(mutex_);
  if (tries_.size() >= kMaxTries) tries_.clear();
  if (right) {
    tries_.erase(name);
    return;
  }
  Tries& tries = tries_[name];
  int over = ++tries.wrong - kFreeTries;
  if (over >= 0)
    tries.next =
        environment_.now() + std::min(std::chrono::seconds(std::int64_t{1} << std::min(over, 10)), kLongestWait);
}

std::optional<Who> Accounts::who(std::string_view token) {
  std::string body;
  {
    std::lock_guard lock(mutex_);
    if (environment_.now() - read_at_ < kCached) body = cached_;
  }
  json desk = body.empty() ? json() : json::parse(body);
  if (body.empty()) {
    auto fresh = read();
    if (!fresh) return std::nullopt;
    desk = std::move(*fresh);
    std::lock_guard lock(mutex_);
    cached_ = desk.dump();
    read_at_ = environment_.now();
  }
  const json* session = find(desk["sessions"], "token", hashed(token));
  if (session == nullptr || (*session)["until"].get<std::int64_t>() <= seconds(environment_.now())) return std::nullopt;
  const json* account = find(desk["accounts"], "name", (*session)["name"].get<std::string>());
  if (account == nullptr) return std::nullopt;
  return Who{(*session)["name"], (*session)["id"], role_in((*account)["role"])};
}

OrRefusal<json> Accounts::list(const Who& who) {
  auto desk = read();
  if (!desk) return desk;
  json out{{"accounts", json::array()}, {"sessions", json::array()}};
  auto shown = [&](const json& of) { return who.role == Role::owner || of["name"] == who.name; };
  for (const auto& a : (*desk)["accounts"])
    if (shown(a))
      out["accounts"].push_back({{"name", a["name"]}, {"role", a["role"]}, {"since", iso(time_of(a["since"]))}});
  for (const auto& s : (*desk)["sessions"])
    if (shown(s))
      out["sessions"].push_back({{"id", s["id"]},
                                 {"name", s["name"]},
                                 {"from", s["from"]},
                                 {"since", iso(time_of(s["since"]))},
                                 {"this", s["id"] == who.session}});
  return out;
}

OrRefusal<bool> Accounts::end_session(const std::string& session, const Who& by) {
  return write([&](json& desk) -> OrRefusal<bool> {
    const json* found = find(desk["sessions"], "id", session);
    if (found == nullptr || (by.role != Role::owner && (*found)["name"] != by.name))
      return no(404, "there is no such session");
    drop(desk["sessions"], [&](const json& s) { return s["id"] == session; });
    return true;
  });
}

OrRefusal<bool> Accounts::remove(const std::string& name, const Who& by) {
  auto removed = write([&](json& desk) -> OrRefusal<bool> {
    if (find(desk["accounts"], "name", name) == nullptr) return no(404, "nobody has this name");
    auto owners = std::count_if(desk["accounts"].begin(), desk["accounts"].end(),
                                [&](const json& a) { return a["role"] == "owner" && a["name"] != name; });
    if (owners == 0) return no(409, "somebody has to be left as owner: invite another one first");
    drop(desk["accounts"], [&](const json& a) { return a["name"] == name; });
    drop(desk["sessions"], [&](const json& s) { return s["name"] == name; });
    return true;
  });
  if (removed) store_.note(environment_.now(), "account_removed", 0, name + " by " + by.name);
  return removed;
}

OrRefusal<bool> Accounts::change_password(const Who& who, const std::string& before, const std::string& after) {
  if (std::string p = problem_of_password(after); !p.empty()) return no(400, p);
  if (auto wait = must_wait(who.name)) return tl::unexpected(*wait);
  std::string hash = argon2id(after);
  auto changed = write([&](json& desk) -> OrRefusal<bool> {
    json* account = find(desk["accounts"], "name", who.name);
    if (account == nullptr || !is_password((*account)["password"].get<std::string>(), before))
      return no(401, "that is not the present password");
    (*account)["password"] = hash;
    drop(desk["sessions"], [&](const json& s) { return s["name"] == who.name && s["id"] != who.session; });
    return true;
  });
  if (changed || changed.error().status == 401) tried(who.name, changed.has_value());
  return changed;
}

}  // namespace bot
