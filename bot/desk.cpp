#include "bot/desk.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

#include "bot/answers.hpp"
#include "bot/log.hpp"

namespace bot {
namespace {

constexpr const char* kCookie = "steady_desk";

constexpr unsigned bit(Role role) { return 1U << static_cast<unsigned>(role); }
constexpr unsigned kNobody = 0, kOwner = bit(Role::owner), kOnCall = kOwner | bit(Role::carer),
                   kAuthors = kOwner | bit(Role::author), kAuditors = kOwner | bit(Role::auditor),
                   kAll = kOnCall | kAuthors | kAuditors;

template <class T>
T or_refuse(OrRefusal<T> result) {
  if (!result) throw std::move(result.error());
  return std::move(*result);
}

}  // namespace

// All that the desk answers, and who may ask. What anybody with an account may do with their own is among `kAll`.
const std::array<Desk::Path, 34> Desk::kPaths{{
    {"POST", "/desk/api/login", kNobody, &Desk::login},
    {"POST", "/desk/api/invited", kNobody, &Desk::invited},
    {"POST", "/desk/api/enrol", kNobody, &Desk::enrol},
    {"GET", "/desk/api/me", kAll, &Desk::me},
    {"POST", "/desk/api/logout", kAll, &Desk::logout},
    {"POST", "/desk/api/password", kAll, &Desk::change_password},
    {"GET", "/desk/api/accounts", kAll, &Desk::accounts},
    {"POST", "/desk/api/sessions/end", kAll, &Desk::end_session},
    {"POST", "/desk/api/invite", kOwner, &Desk::invite},
    {"POST", "/desk/api/accounts/remove", kOwner, &Desk::remove_account},
    {"GET", "/desk/api/overview", kAll, &Desk::overview},
    {"GET", "/desk/api/metrics", kAll, &Desk::metrics},
    {"GET", "/desk/api/alarms", kOnCall, &Desk::alarms},
    {"POST", "/desk/api/alarms/seen", kOnCall, &Desk::alarm_seen},
    {"GET", "/desk/api/handover", kOnCall, &Desk::handover},
    {"POST", "/desk/api/handover/offer", kOnCall, &Desk::handover_offer},
    {"POST", "/desk/api/handover/say", kOnCall, &Desk::handover_say},
    {"POST", "/desk/api/handover/end", kOnCall, &Desk::handover_end},
    {"GET", "/desk/api/audit", kAuditors, &Desk::audit},
    {"GET", "/desk/api/audit/verify", kAuditors, &Desk::audit_verified},
    {"GET", "/desk/api/report", kAuditors, &Desk::year},
    {"GET", "/desk/api/trends", kAuthors | kAuditors, &Desk::trends},
    {"GET", "/desk/api/directory", kAuthors, &Desk::countries},
    {"GET", "/desk/api/packs", kAuthors, &Desk::packs},
    {"GET", "/desk/api/packs/file", kAuthors, &Desk::file},
    {"POST", "/desk/api/packs/file", kAuthors, &Desk::put_file},
    {"POST", "/desk/api/packs/check", kAuthors, &Desk::check},
    {"GET", "/desk/api/packs/check", kAuthors, &Desk::checked},
    {"POST", "/desk/api/packs/publish", kAuthors, &Desk::publish},
    {"POST", "/desk/api/packs/current", kAuthors, &Desk::put_in_force},
    {"POST", "/desk/api/try", kAuthors, &Desk::try_message},
    {"POST", "/desk/api/play", kAuthors, &Desk::play},
    {"GET", "/desk/api/guides", kAll, &Desk::guides},
    {"GET", "/desk/api/guide", kAll, &Desk::guide},
}};

void refuse(int status, std::string reason) { throw DeskRefusal{status, std::move(reason), {}}; }

std::string text_of(const DeskCall& call, const char* key) {
  auto body = nlohmann::json::parse(call.body, nullptr, false);
  if (!body.is_object() || !body.contains(key) || !body[key].is_string())
    refuse(400, std::string("the body is JSON with the text ") + key);
  return body[key].get<std::string>();
}

std::string query_of(const DeskCall& call, std::string_view key) { return std::string(value_in(call.query, '&', key)); }

Desk::Desk(DeskParts parts) : parts_(std::move(parts)), accounts_(parts_.store, parts_.environment) {}
Desk::~Desk() { stop(); }

void Desk::start(bool open) {
  flushed_ = std::chrono::steady_clock::now();
  for (int i = 0; i < kDeskThreads; ++i) threads_.emplace_back([this] { run(); });
  if (!open) return;
  auto code = accounts_.first_invitation();
  if (!code) return log(LogLevel::warning, "desk", {{"problem", std::string_view(code.error().reason)}});
  if (*code)
    std::cerr << "The operator's desk has no account yet. Open " << kDeskPath << " and make the first with the code "
              << **code << "\n";
}

void Desk::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
  if (checker_.joinable()) checker_.join();
  if (!threads_.empty()) parts_.trends.flush();
  threads_.clear();
}

void Desk::handle(const HttpRequest& request, Answer answer) {
  DeskCall call;
  std::size_t mark = request.target.find('?');
  call.method = request.method;
  call.path = request.target.substr(0, mark);
  call.query = mark == std::string_view::npos ? "" : request.target.substr(mark + 1);
  call.body = request.body;
  call.token = cookie_of(request, kCookie);
  call.from = request.remote;
  call.secure = over_tls(request);
  if (call.method == "POST" && foreign(request)) return answer(refusal(403, "posted from another site"));
  std::unique_lock lock(mutex_);
  if (stopping_ || waiting_.size() >= kMaxDeskWaiting) {
    lock.unlock();
    return answer(refusal(503, "too much waits at the desk"));
  }
  waiting_.emplace_back(std::move(call), std::move(answer));
  wake_.notify_one();
}

void Desk::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, kDeskRound / 4, [this] { return stopping_ || !waiting_.empty(); });
    if (!waiting_.empty()) {
      auto [call, answer_to] = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      answer_to(answer(call));
      lock.lock();
    }
    if (auto now = std::chrono::steady_clock::now(); now - flushed_ >= kDeskRound) {
      flushed_ = now;
      lock.unlock();
      parts_.trends.flush();
      if (parts_.shelf.changed()) parts_.reload();  // by another node
      lock.lock();
    }
  }
  while (!waiting_.empty()) {
    waiting_.front().second(refusal(503, "the service stops"));
    waiting_.pop_front();
  }
}

HttpResponse Desk::answer(DeskCall& call) {
  HttpResponse out;
  try {
    bool known = false;
    const Path* path = nullptr;
    for (const Path& p : kPaths) {
      known = known || p.path == call.path;
      if (p.path == call.path && p.method == call.method) path = &p;
    }
    if (path == nullptr) refuse(known ? 405 : 404, known ? "this path takes another method" : "no such path");
    if (path->roles != kNobody) {
      auto who = is_token(call.token) ? accounts_.who(call.token) : std::nullopt;
      if (!who) refuse(401, "log in first");
      if ((path->roles & bit(who->role)) == 0)
        refuse(403, "that is not for the role " + std::string(name_of(who->role)));
      call.who = std::move(*who);
    }
    out.body = (this->*path->act)(call).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (!call.cookie.empty()) out.headers.emplace_back("Set-Cookie", call.cookie);
  } catch (const DeskRefusal& r) {
    out = refusal(r.status, r.reason);
    if (r.wait.count() > 0) out.headers.emplace_back("Retry-After", std::to_string(r.wait.count()));
  } catch (const std::exception& e) {
    log(LogLevel::error, "desk", {{"path", std::string_view(call.path)}, {"problem", std::string_view(e.what())}});
    out = refusal(500, "that went wrong; the log says how");
  }
  harden(out);
  return out;
}

void Desk::open(DeskCall& call, const std::string& token) {
  call.cookie = set_cookie(std::string(kCookie) + "=" + token, std::string(kDeskPath),
                           std::chrono::seconds(kSessionLasts).count(), call.secure);
}

Desk::Json Desk::me(DeskCall& call) { return {{"name", call.who.name}, {"role", name_of(call.who.role)}}; }

Desk::Json Desk::login(DeskCall& call) {
  open(
      call,
      or_refuse(accounts_.login({text_of(call, "name"), text_of(call, "password"), text_of(call, "code"), call.from})));
  return Json::object();
}

Desk::Json Desk::invited(DeskCall& call) {
  auto invitation = or_refuse(accounts_.invited(text_of(call, "invitation")));
  return {{"role", name_of(invitation.role)}, {"secret", invitation.secret}, {"uri", invitation.uri}};
}

Desk::Json Desk::enrol(DeskCall& call) {
  open(call, or_refuse(accounts_.enrol(text_of(call, "invitation"), {text_of(call, "name"), text_of(call, "password"),
                                                                     text_of(call, "code"), call.from})));
  return Json::object();
}

Desk::Json Desk::logout(DeskCall& call) {
  or_refuse(accounts_.end_session(call.who.session, call.who));
  call.cookie = set_cookie(std::string(kCookie) + "=", std::string(kDeskPath), 0, call.secure);
  return Json::object();
}

Desk::Json Desk::accounts(DeskCall& call) { return or_refuse(accounts_.list(call.who)); }

Desk::Json Desk::invite(DeskCall& call) {
  auto role = role_named(text_of(call, "role"));
  if (!role) refuse(400, "a role is owner, carer, author or auditor");
  return {{"code", or_refuse(accounts_.invite(*role, call.who))}};
}

Desk::Json Desk::remove_account(DeskCall& call) {
  or_refuse(accounts_.remove(text_of(call, "name"), call.who));
  return Json::object();
}

Desk::Json Desk::end_session(DeskCall& call) {
  or_refuse(accounts_.end_session(text_of(call, "session"), call.who));
  return Json::object();
}

Desk::Json Desk::change_password(DeskCall& call) {
  or_refuse(accounts_.change_password(call.who, text_of(call, "before"), text_of(call, "after")));
  return Json::object();
}

}  // namespace bot
