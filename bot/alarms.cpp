#include "bot/alarms.hpp"

#include <nlohmann/json.hpp>

#include "adapters/call.hpp"
#include "bot/iso_time.hpp"
#include "bot/log.hpp"
#include "bot/mail.hpp"

namespace bot {
namespace {

using json = nlohmann::json;

constexpr std::chrono::seconds kLook{1}, kBeat{60}, kUnsavedRest{60};
constexpr std::size_t kMaxAtOnce = 64, kMaxUnsaved = 256;

rules::Time next_at(const AlarmRow& alarm, rules::Time now) {
  std::size_t next = static_cast<std::size_t>(alarm.step) + 1;
  rules::Time at = next < kLadder.size() ? alarm.at + kLadder[next] : now + kAgain;
  return at - alarm.at > rules::kAlarmLasts ? rules::Time{} : std::max(at, now + std::chrono::seconds(1));
}

std::string shown(const std::string& what, const std::string& button) {
  return "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
         "content=\"width=device-width\">"
         "<title>Steady</title><link rel=\"stylesheet\" href=\"/app.css\"><main><p>" +
         what + "</p>" +
         (button.empty() ? "" : "<form method=\"post\"><button type=\"submit\">" + button + "</button></form>") +
         "</main></html>";
}

}  // namespace

Alarms::Alarms(Store& store, Environment& environment, Metrics& metrics, const Config& config, Ways ways)
    : store_(store),
      environment_(environment),
      metrics_(metrics),
      config_(config.alarms),
      public_url_(config.public_url),
      ways_(std::move(ways)) {
  if (public_url_.empty()) public_url_ = "http://" + config.listen_address + ":" + std::to_string(config.listen_port);
}

void Alarms::start() {
  if (!config_.routes.empty() || !config_.heartbeat.empty()) thread_ = std::thread([this] { run(); });
}

void Alarms::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Alarms::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    std::vector<AlarmRow> unsaved = std::exchange(unsaved_, {});
    lock.unlock();
    for (const AlarmRow& alarm : unsaved)
      for (const AlarmRoute& route : config_.routes) send(route, alarm, [](bool) {});
    if (!config_.routes.empty()) look();
    heartbeat();
    lock.lock();
    wake_.wait_for(lock, kLook, [this] { return stopping_ || !unsaved_.empty(); });
  }
}

void Alarms::look() {
  rules::Time now = environment_.now();
  for (AlarmRow& alarm : store_.alarms_due(now, kMaxAtOnce)) {
    if (auto person = store_.person(alarm.address)) alarm.words = person->alarm_words;
    store_.alarm_next(alarm.id, alarm.step + 1, next_at(alarm, now));
    const AlarmRoute& route = config_.routes[static_cast<std::size_t>(alarm.step) % config_.routes.size()];
    bool others_left = static_cast<std::size_t>(alarm.step) + 1 < config_.routes.size();
    send(route, alarm, [this, alarm, others_left](bool went) {
      if (!went && others_left) store_.alarm_next(alarm.id, alarm.step + 1, environment_.now());
    });
  }
}

void Alarms::heartbeat() {
  rules::Time now = environment_.now();
  if (config_.heartbeat.empty() || now - beaten_ < kBeat || !store_.healthy() || !ways_.well()) return;
  beaten_ = now;
  ways_.call(adapters::get_call(config_.heartbeat, {}), [this](const adapters::HttpResult& r) {
    metrics_.alarm(r.status / 100 == 2 ? "heartbeat" : "no_heartbeat");
  });
}

void Alarms::unsaved(rules::Level level, const std::string& channel) {
  std::lock_guard lock(mutex_);
  rules::Time now = environment_.now();
  rules::Time& last = unsaved_at_[channel];
  if (config_.routes.empty() || now - last < kUnsavedRest || unsaved_.size() >= kMaxUnsaved) return;
  last = now;
  AlarmRow alarm;
  alarm.address.channel = channel;
  alarm.level = level;
  alarm.at = now;
  unsaved_.push_back(std::move(alarm));
  wake_.notify_all();
}

std::string Alarms::link(const AlarmRow& alarm) const {
  return alarm.token.empty() ? "" : public_url_ + std::string(kAlarmPath) + alarm.token;
}

std::string Alarms::words(const AlarmRow& alarm) const {
  std::string level(rules::kLevelNames[static_cast<std::size_t>(alarm.level)]);
  std::string out = "Steady: somebody on the channel " + alarm.address.channel + " may be in danger (" + level + ", " +
                    iso(alarm.at) + ").";
  out += alarm.id == 0 ? " The database is away, so this has no case number and cannot be acknowledged."
                       : " Case " + std::to_string(alarm.person) + ". Say that you have it: " + link(alarm);
  out += alarm.words.empty() ? " Nothing of what they wrote is in this message."
                             : " They allow you to read what they wrote: “" + alarm.words + "”.";
  return out + " They were given the help lines.";
}

void Alarms::send(const AlarmRoute& route, const AlarmRow& alarm, const std::function<void(bool)>& went) {
  auto counted = [this, went](bool good) {
    metrics_.alarm(good ? "sent" : "failed");
    if (!good) log(LogLevel::error, "alarm_route_failed");
    went(good);
  };
  switch (route.kind) {
    case AlarmRoute::Kind::channel: return ways_.say(route.to, route.contact, words(alarm), counted);
    case AlarmRoute::Kind::email: {
      std::string problem = send_mail(config_.smtp, route.to, "Steady: somebody may be in danger", words(alarm));
      if (!problem.empty()) log(LogLevel::error, "mail", {{"problem", std::string_view(problem)}});
      return counted(problem.empty());
    }
    case AlarmRoute::Kind::webhook: break;
  }
  std::string id = "alarm-" + std::to_string(alarm.id) + "-" + std::to_string(alarm.step);
  json data{{"case", alarm.person},
            {"level", rules::kLevelNames[static_cast<std::size_t>(alarm.level)]},
            {"channel", alarm.address.channel},
            {"raised", iso(alarm.at)},
            {"step", alarm.step + 1},
            {"acknowledge", link(alarm)}};
  if (!alarm.words.empty()) data["words"] = alarm.words;
  ways_.call(adapters::standard_call(route.to, std::move(id), "alarm.raised", std::move(data), environment_.now(),
                                     {&route.secret}),
             [counted](const adapters::HttpResult& r) { counted(r.status / 100 == 2); });
}

bool Alarms::acknowledge(const AlarmRow& alarm) {
  if (alarm.seen || !store_.acknowledge(alarm.token, environment_.now())) return false;
  metrics_.alarm("acknowledged");
  log(LogLevel::info, "alarm_acknowledged", {{"case", alarm.person}});
  ways_.seen(alarm);
  return true;
}

HttpResponse Alarms::page(std::string_view method, const std::string& token) {
  HttpResponse out;
  out.content_type = "text/html; charset=utf-8";
  auto alarm = store_.alarm(token);
  if (!alarm) {
    out.status = store_.healthy() ? 404 : 503;
    out.body = shown(store_.healthy() ? "There is no such alarm." : "The database is away; try again in a moment.", "");
    return out;
  }
  std::string what = "Case " + std::to_string(alarm->person) + " on " + alarm->address.channel + ", " + iso(alarm->at);
  if (method == "POST" && acknowledge(*alarm)) alarm->seen = environment_.now();
  out.body = alarm->seen ? shown(what + ": somebody has it. They are told that it was seen.", "")
                         : shown(what + ": nobody has it yet.", "I have it");
  return out;
}

}  // namespace bot
