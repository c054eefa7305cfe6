// desk: the operator's desk under /desk: who sees what (roles), the JSON that its pages ask for, and what may be done
// there. No words of any person are in it, but for those that a person writes to who is on call, and for what an author
// types to try the packs.
// Protocol: GET and POST of JSON under /desk/api/, with the cookie steady_desk of a session (desk_accounts.hpp); a POST
// is refused when it comes from another site. Every path stands in one table with the roles that may use it.
// Errors: {"error": sentence} and a status; 401 without a session, 403 without the role, 429 with Retry-After.
// Threads: handle() on any; the work is done on kDeskThreads of its own, so that nothing here holds up a message; what
// waits beyond kMaxDeskWaiting is refused. Tested by tests/bot/desk_test.cpp and tests/e2e/desk.mjs.
#pragma once
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <thread>

#include "bot/alarms.hpp"
#include "bot/config.hpp"
#include "bot/conversation.hpp"
#include "bot/desk_accounts.hpp"
#include "bot/http.hpp"
#include "bot/metrics.hpp"
#include "bot/report.hpp"
#include "bot/shelf.hpp"
#include "bot/trends.hpp"

namespace bot {

inline constexpr int kDeskThreads = 2;
inline constexpr std::size_t kMaxDeskWaiting = 64;
inline constexpr std::string_view kDeskPath = "/desk", kDeskApi = "/desk/api/";
inline constexpr std::chrono::seconds kDeskRound{60};  // trends are kept, and what other nodes published is taken

struct DeskParts {
  Store& store;
  Environment& environment;
  Metrics& metrics;
  Packs& packs;
  Alarms& alarms;
  Shelf& shelf;
  Trends& trends;
  const Config& config;
  std::function<bool()> canary_well;
  std::function<std::size_t()> spool_left;
  std::function<void()> reload;                            // the packs in force have changed
  std::function<bool(const Address&, rules::Event)> take;  // a turn of people on call; false: it was not kept
};

struct DeskCall {
  std::string method, path, query, body, token, from;
  bool secure = false;
  Who who;             // of the session
  std::string cookie;  // to be set; set by what answers
};

class Desk {
 public:
  explicit Desk(DeskParts parts);
  ~Desk();
  void start(bool open);  // open: says how the first account is made, where there is none
  void stop();
  void handle(const HttpRequest& request, Answer answer);

 private:
  using Json = nlohmann::ordered_json;
  using Act = Json (Desk::*)(DeskCall& call);  // throws DeskRefusal
  struct Path {
    std::string_view method, path;
    unsigned roles;  // bits; 0 = without a session
    Act act;
  };
  static const std::array<Path, 34> kPaths;

  void run();
  HttpResponse answer(DeskCall& call);
  void open(DeskCall& call, const std::string& token);

  // desk.cpp: who
  Json me(DeskCall& call);
  Json login(DeskCall& call);
  Json invited(DeskCall& call);
  Json enrol(DeskCall& call);
  Json logout(DeskCall& call);
  Json accounts(DeskCall& call);
  Json invite(DeskCall& call);
  Json remove_account(DeskCall& call);
  Json end_session(DeskCall& call);
  Json change_password(DeskCall& call);
  // desk_overview.cpp: what is and was
  Json overview(DeskCall& call);
  Json alarms(DeskCall& call);
  Json alarm_seen(DeskCall& call);
  Json metrics(DeskCall& call);
  Json audit(DeskCall& call);
  Json audit_verified(DeskCall& call);
  Json year(DeskCall& call);
  Json trends(DeskCall& call);
  Json countries(DeskCall& call);
  // desk_handover.cpp: writing with somebody
  Json handover(DeskCall& call);
  Json handover_offer(DeskCall& call);
  Json handover_say(DeskCall& call);
  Json handover_end(DeskCall& call);
  AlarmRow alarm_of(const std::string& token);
  rules::Person person_of(const AlarmRow& alarm);
  void act_on(const AlarmRow& alarm, rules::Event event, const DeskCall& call, std::string_view what);
  void add_handover(const AlarmRow& alarm, Json& row);
  // desk_packs.cpp: what is said
  Json packs(DeskCall& call);
  Json file(DeskCall& call);
  Json put_file(DeskCall& call);
  Json check(DeskCall& call);
  Json checked(DeskCall& call);
  Json verdict_on(const Files& files);
  Json publish(DeskCall& call);
  Json put_in_force(DeskCall& call);
  Json try_message(DeskCall& call);
  Json play(DeskCall& call);
  Json guides(DeskCall& call);
  Json guide(DeskCall& call);
  std::shared_ptr<const rules::Pack> pack_for(const DeskCall& call, bool draft);

  DeskParts parts_;
  Accounts accounts_;
  std::mutex mutex_;  // of these, but that stopping_ is read without
  std::deque<std::pair<DeskCall, Answer>> waiting_;
  std::atomic<bool> stopping_{false};
  std::chrono::steady_clock::time_point flushed_{};
  std::condition_variable wake_;
  std::vector<std::thread> threads_;
  std::mutex tally_mutex_;
  Tally tally_;
  std::mutex draft_mutex_;  // of these: the draft that was loaded last, and the last check's result
  std::string draft_id_, verdict_id_, verdict_;
  std::shared_ptr<const rules::Pack> draft_pack_;
  std::atomic<bool> checking_{false};
  std::thread checker_;
};

// Of a request's body or query; a wrong one is refused.
std::string text_of(const DeskCall& call, const char* key);
std::string query_of(const DeskCall& call, std::string_view key);
[[noreturn]] void refuse(int status, std::string reason);

}  // namespace bot
