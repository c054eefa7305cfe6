// What steps do beside saying: facts, timers, risk, gates, records.
#include <algorithm>

#include "rules/episode.hpp"
#include "rules/risk.hpp"
#include "rules/turn.hpp"

namespace rules {
namespace {

constexpr std::chrono::minutes kAlarmAgain{30};  // not more often for one person
constexpr int kMaxAlarmWords = 320;              // graphemes

}  // namespace

void Turn::set_fact(const std::string& name, const std::string& value) {
  if (name.empty()) return;
  person_.facts[name] = {value, now_};
  if (name == "rel") person_.rel = value;
  note_fact(person_, name, value);
}

void Turn::set_timer(const std::string& name, const std::string& delay) {
  std::string length = delay.starts_with('$') ? person_.fact(delay.substr(1)) : delay;
  if (auto at = after(length, now_, person_.zone)) set_timer_at(name, *at);
}

void Turn::set_timer_at(std::string_view name, Time at) { change_timer(std::string(name), at); }
void Turn::cancel_timer(std::string_view name) { change_timer(std::string(name), std::nullopt); }

void Turn::change_timer(std::string name, std::optional<Time> at) {
  std::erase_if(out_.timers, [&](const TimerChange& t) { return t.name == name; });
  out_.timers.push_back({std::move(name), at});
}

// From here on the texts may say that people on call are told; whether they are is Decision::calls.
void Turn::raise_alarm(Level level) {
  out_.alarm = std::max(out_.alarm.value_or(Level::none), level);
  if (contact_.operator_name.empty() || (person_.alarmed != Time{} && now_ - person_.alarmed < kAlarmAgain)) return;
  person_.alarmed = now_;
  person_.alarm_seen = Time{};
  person_.alarm_words =
      person_.alerts_carry_words && said_ != nullptr ? cut_graphemes(said_->text, kMaxAlarmWords) : std::string();
  out_.calls = true;
  set_timer_at(std::string(kAlarmUnanswered), now_ + kAlarmWait);
}

std::string Turn::alarm_state() const {
  if (contact_.operator_name.empty() || person_.alarmed == Time{} || now_ - person_.alarmed > kAlarmLasts)
    return "none";
  return person_.alarm_seen == Time{} ? "sent" : "seen";
}

void Turn::do_acts(const std::vector<Act>& acts) {
  for (const auto& act : acts) do_act(act);
}

void Turn::do_act(const Act& act) {
  std::string value = act.value.starts_with('$') ? person_.fact(std::string_view(act.value).substr(1)) : act.value;
  if (value == "@answer") value = answer_value_;
  switch (act.kind) {
    case Act::Kind::set: return set_fact(act.name, value);
    case Act::Kind::clear: person_.facts.erase(act.name); return;
    case Act::Kind::risk:
      if (value == "down") {
        recheck_negative(person_, now_);
      } else if (value == "resolved") {
        resolve(person_, now_);
      } else {
        for (std::size_t i = 0; i < kRiskNames.size(); ++i)
          if (kRiskNames[i] == value) raise(person_, static_cast<Risk>(i), now_);
      }
      return;
    case Act::Kind::timer: return set_timer(act.name, act.value);
    case Act::Kind::cancel: return cancel_timer(value);
    case Act::Kind::gate:
      if (value == "open") {
        person_.closed_gates.erase(person_.rel.empty() ? "any" : person_.rel);
      } else {
        close_gate(person_, person_.rel, now_);
      }
      return;
    case Act::Kind::episode:
      if (value == "open") {
        open_episode(person_, now_);
      } else {
        close_episode(person_, now_);
      }
      return;
    case Act::Kind::point:
      if (const auto& n = person_.fact(value.empty() ? "strength" : value); !n.empty())
        add_point(person_, std::atoi(n.c_str()), now_);
      return;
    case Act::Kind::consent: person_.consent = value; return;
    case Act::Kind::mute: person_.muted = true; return;
    case Act::Kind::unmute:
      person_.muted = false;
      person_.paused_until.reset();
      return resume_check_ins();
    case Act::Kind::discreet: person_.discreet = value != "off"; return;
    case Act::Kind::mask: person_.masked = value != "off"; return;
    case Act::Kind::pause: person_.paused_until = after(value, now_, person_.zone); return;
    case Act::Kind::erase: out_.erase = true; return;
    case Act::Kind::export_: out_.export_all = true; return;
    case Act::Kind::alarm: return raise_alarm(person_.risk >= Risk::immediate ? Level::danger : Level::crisis);
    case Act::Kind::tried: return count_action(person_, now_);
    case Act::Kind::record: return record(act.name, act.value);
    case Act::Kind::recalled: return mark_recalled();
    case Act::Kind::checkin: return set_check_in(act.name, value);
    case Act::Kind::picture: picture_due_ = true; return;
    case Act::Kind::drop: return drop_entry(value);
    case Act::Kind::quiet: return set_quiet_hours(value);
    case Act::Kind::handover: return value == "begin" ? begin_handover() : end_handover();
    case Act::Kind::mark: {
      if (act.name == "country")
        person_.country =
            pack_.directory.country_named(value).empty() ? person_.country : pack_.directory.country_named(value),
        person_.country_sure = true;
      if (act.name == "country" && pack_.directory.country(person_.country) != nullptr && !person_.zone_sure)
        person_.zone = pack_.directory.country(person_.country)->zone;
      if (act.name == "country_sure") person_.country_sure = true;
      if (act.name == "language") {
        person_.language = installed_language(pack_, value);
        texts_ = Texts(pack_, person_.language);
      }
      if (act.name == "alerts") person_.alerts_carry_words = value == "text";
      if (act.name == "adult") person_.adult = value;
      if (act.name == "clear_word") person_.clear_word = value;
      if (act.name == "disclosed") person_.last_disclosed = now_;
      return;
    }
  }
}

}  // namespace rules
