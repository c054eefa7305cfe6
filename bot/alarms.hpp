// alarms: people on call are told that somebody may be in danger, until one of them says so (reliability.md 5.7).
// The turn that finds it keeps the alarm in its own transaction; here it goes out by one route after the other, kLadder
// minutes after it was raised, then every kAgain, for rules::kAlarmLasts; a route that fails is followed by the next at
// once. With the store away it goes out by every route, once a minute at most. In it: a case number, the channel's
// name, the level, a link, and the person's words only where the person allows it (they are kept with the person,
// sealed). The link shows a button: what previews links acknowledges nothing. Protocol of a webhook: Standard
// Webhooks 1.0.0, signed with its secret; {"type": "alarm.raised", "timestamp", "data":
// {"case", "level", "channel", "raised", "step", "acknowledge", and "words" where allowed}}. Errors: logged and
// counted, never thrown. Threads: its own for the ladder and for mail; page() and unsaved() on any. Tested by
// tests/e2e/alarms.mjs.
#pragma once
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "bot/config.hpp"
#include "bot/environment.hpp"
#include "bot/http.hpp"
#include "bot/metrics.hpp"
#include "bot/store.hpp"

namespace bot {

inline constexpr std::array<std::chrono::minutes, 4> kLadder{std::chrono::minutes(0), std::chrono::minutes(2),
                                                             std::chrono::minutes(5), std::chrono::minutes(10)};
inline constexpr std::chrono::minutes kAgain{10};
inline constexpr std::string_view kAlarmPath = "/alarms/";

class Alarms {
 public:
  struct Ways {  // how things leave the house; wired by app.cpp
    std::function<void(adapters::HttpCall, std::function<void(adapters::HttpResult)>)> call;
    // A text to somebody on one of our channels; `went` is told whether the platform took it.
    std::function<void(const std::string& channel, const std::string& contact, const std::string& text,
                       std::function<void(bool)> went)>
        say;
    std::function<void(const AlarmRow&)> seen;  // the person is told
    std::function<bool()> well;                 // whether the heartbeat may beat: danger is heard and answered
  };
  Alarms(Store& store, Environment& environment, Metrics& metrics, const Config& config, Ways ways);
  void start();
  void stop();
  void unsaved(rules::Level level, const std::string& channel);
  // Somebody has it: the person is told. False: somebody had it before, or the store is away.
  bool acknowledge(const AlarmRow& alarm);
  HttpResponse page(std::string_view method, const std::string& token);

 private:
  void run();
  void look();
  void heartbeat();
  void send(const AlarmRoute& route, const AlarmRow& alarm, const std::function<void(bool)>& went);
  [[nodiscard]] std::string words(const AlarmRow& alarm) const;
  [[nodiscard]] std::string link(const AlarmRow& alarm) const;

  Store& store_;
  Environment& environment_;
  Metrics& metrics_;
  AlarmsConfig config_;
  std::string public_url_;
  Ways ways_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<AlarmRow> unsaved_;
  std::map<std::string, rules::Time> unsaved_at_;  // channel -> when it last went out without the store
  rules::Time beaten_{};
  std::thread thread_;
};

}  // namespace bot
