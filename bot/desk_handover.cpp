// At the desk: writing with a person, after both said yes (rules/turn_handover.cpp). The only words of anybody that the
// desk shows: what is written meanwhile. It begins at an alarm of the last day.
#include <nlohmann/json.hpp>

#include "bot/desk.hpp"
#include "bot/iso_time.hpp"
#include "rules/engine.hpp"

namespace bot {
namespace {

constexpr std::size_t kMaxTold = 1000;  // bytes of one message; every platform takes as much in one
constexpr std::array<std::string_view, 3> kFrom{"person", "on_call", "steady"};

std::string_view state_of(const rules::Person& person) {
  if (person.handover) return "begun";
  bool asked = !person.stack.empty() && person.stack.back().step == "handover.offer";
  return asked ? "asked" : "none";
}

}  // namespace

AlarmRow Desk::alarm_of(const std::string& token) {
  auto alarm = parts_.store.alarm(token);
  if (!alarm) refuse(404, "there is no such alarm");
  if (parts_.environment.now() - alarm->at > rules::kAlarmLasts) refuse(409, "the alarm is older than a day");
  return std::move(*alarm);
}

rules::Person Desk::person_of(const AlarmRow& alarm) {
  auto person = parts_.store.person(alarm.address);
  if (!person) refuse(503, "nothing is known of this person now: they were forgotten, or the database is away");
  return std::move(*person);
}

void Desk::act_on(const AlarmRow& alarm, rules::Event event, const DeskCall& call, std::string_view what) {
  if (!parts_.take(alarm.address, std::move(event))) refuse(503, "not kept: the database is away. Try again");
  parts_.store.note(parts_.environment.now(), "handover", alarm.person, std::string(what) + " by " + call.who.name);
}

Desk::Json Desk::handover(DeskCall& call) {
  AlarmRow alarm = alarm_of(query_of(call, "token"));
  rules::Person person = person_of(alarm);
  Json out{
      {"case", alarm.person},      {"channel", alarm.address.channel}, {"operator", parts_.config.alarms.operator_name},
      {"state", state_of(person)}, {"hidden", person.masked},          {"quiet", person.muted}};
  Json lines = Json::array();
  if (person.handover) {
    out["since"] = iso(person.handover->since);
    out["waits"] = person.handover->heard > person.handover->told;
    out["gone"] = person.handover->gone;
    for (const auto& line : person.handover->lines)
      lines.push_back(
          {{"from", kFrom[static_cast<std::size_t>(line.from)]}, {"at", iso(line.at)}, {"text", line.text}});
  }
  out["lines"] = std::move(lines);
  return out;
}

Desk::Json Desk::handover_offer(DeskCall& call) {
  AlarmRow alarm = alarm_of(text_of(call, "token"));
  if (state_of(person_of(alarm)) != "none") refuse(409, "they were asked already");
  act_on(alarm, rules::Elapsed{std::string(rules::kHandoverOffered)}, call, "offered");
  if (state_of(person_of(alarm)) != "asked")
    refuse(409, "they cannot be asked now: they want no messages, or hide this chat from somebody");
  return Json::object();
}

Desk::Json Desk::handover_say(DeskCall& call) {
  AlarmRow alarm = alarm_of(text_of(call, "token"));
  std::string text = text_of(call, "text");
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) refuse(400, "an empty message");
  if (text.size() > kMaxTold) refuse(413, "at most " + std::to_string(kMaxTold) + " bytes: send it in two messages");
  rules::Person person = person_of(alarm);
  if (!person.handover) refuse(409, "they do not write with you: they ended it, or have not said yes");
  if (person.masked) refuse(409, "they hide this chat from somebody now: nothing is sent");
  act_on(alarm, rules::Told{std::move(text)}, call, "answered");
  return Json::object();
}

Desk::Json Desk::handover_end(DeskCall& call) {
  AlarmRow alarm = alarm_of(text_of(call, "token"));
  if (!person_of(alarm).handover) refuse(409, "it is over already");
  act_on(alarm, rules::Elapsed{std::string(rules::kHandoverOver)}, call, "ended");
  return Json::object();
}

// Of the alarms of the last day: "begun" and "waits" for those who write with somebody.
void Desk::add_handover(const AlarmRow& alarm, Json& row) {
  bool lasts = parts_.environment.now() - alarm.at <= rules::kAlarmLasts;
  row["recent"] = lasts;
  auto person = lasts ? parts_.store.person(alarm.address) : std::nullopt;
  if (!person) return;
  row["handover"] = state_of(*person);
  row["waits"] = person->handover && person->handover->heard > person->handover->told;
}

}  // namespace bot
