// What answers everything that is no text: taps (also stale and hostile ones), timers that ran out, voice and pictures,
// a first contact; and lines that follow too soon to be answered by themselves (conversation.md 2.3, 2.7, 7.7, 10).
#include <algorithm>

#include "rules/checkins.hpp"
#include "rules/turn.hpp"

namespace rules {

void Turn::heard_from() {
  note_answer(person_, now_);
  person_.last_seen = now_;
}

void Turn::chose(const std::string& payload) {
  person_spoke_ = true;
  heard_from();
  disclosure_due_ = person_.last_disclosed == Time{};
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= payload.size();) {
    std::size_t dot = std::min(payload.find('.', at), payload.size());
    parts.push_back(payload.substr(at, dot - at));
    at = dot + 1;
  }
  if (parts.size() == 2 && (pack_.jumps.contains(payload) || payload == kHandoverOver)) {
    bool locked = running_safety() && person_.risk >= Risk::high;
    if (locked && parts[0] != "crisis" && parts[0] != "worry" && parts[0] != "menu" && parts[0] != "plan" &&
        parts[0] != "handover")
      return ask_again();
    return open(payload, false);
  }
  const Step* step = parts.size() >= 4 ? pack_.step(parts[0] + "." + parts[1]) : nullptr;
  if (step == nullptr) return open("talk.stale", waiting() != nullptr);
  std::string value = payload.substr(parts[0].size() + parts[1].size() + parts[2].size() + 3);
  bool known = step->type == AnswerType::scale || value == "skip" ||
               std::any_of(step->taps.begin(), step->taps.end(),  // offered then, and still to be offered now
                           [&](const Tap& t) { return t.value == value && holds(t.when); });
  if (!known) return open("talk.stale", waiting() != nullptr);
  bool current = frame() != nullptr && frame()->step == step->name && std::to_string(frame()->turn) == parts[2];
  const Guide* guide = pack_.guide(parts[0]);
  if (current) {
    person_.aside_count = person_.fallback_count = 0;
    return answer(*step, {value, contact_.taps != Taps::rich});
  }
  if (guide->safety) {  // always valid: it re-enters the guide
    if (frame() == nullptr || frame()->guide != guide->name) {
      person_.stack.clear();
      person_.stack.push_back(Frame{guide->name, step->name, person_.turn, 0, now_, {}, {}});
    }
    frame()->step = step->name;
    urgent_ = true;
    return answer(*step, {value, false});
  }
  if (frame() != nullptr && frame()->guide == guide->name && !step->saves.empty()) {  // an earlier step: a correction
    set_fact(step->saves, value);
    say_line("taken_back");
    return ask_again();
  }
  open("talk.stale", waiting() != nullptr);
}

// A timer for what may not be kept, set anew only when it would come noticeably late.
void Turn::plan_forgetting() {
  constexpr std::chrono::hours kSlack{1};
  Time at = person_.last_seen == Time{} ? Time{} : next_forgetting(person_);
  if (at <= now_ || (person_.forget_at > now_ && person_.forget_at <= at && at - person_.forget_at < kSlack)) return;
  person_.forget_at = at;
  set_timer_at(std::string(kForget), at);
}

// What is too old went when the person was loaded. After two years of silence all of it goes, and a month before that
// is said.
void Turn::forget_by_time() {
  auto silent = now_ - person_.last_seen;
  if (silent >= kSilence) {
    out_.erase = true;
  } else if (silent >= kSilenceNotice) {
    person_.forget_at = person_.last_seen + kSilence;
    set_timer_at(std::string(kForget), person_.forget_at);
    if (!person_.muted && !person_.masked && person_.consent == "yes") say_line("long_silence");
  }
}

// 2.7: a line right after our question that is no answer goes on with the one before; its facts are noted, no reply.
bool Turn::burst() {
  if (waiting() == nullptr || now_ - person_.last_asked > kBurst || reading_->text.words.empty()) return false;
  return let_stand();
}

// Unless nothing follows: nobody waits for an answer to their last line.
bool Turn::let_stand() {
  set_timer_at(kLetStand, now_ + kBurst);
  return silent_ = true;
}

void Turn::let_stand_over() {
  bool answered = person_.last_asked >= person_.last_seen, quiet = person_.muted || person_.masked || person_.handover;
  if (answered || quiet || waiting() == nullptr) return;
  say_line("told");
  ask_again();
}

void Turn::elapsed(const std::string& timer) {
  if (timer == kLetStand) return let_stand_over();
  unasked_ = true;
  if (timer == kForget) return forget_by_time();
  if (timer == kAlarmSeen && alarm_state() == "sent") {
    person_.alarm_seen = now_;
    person_.alarm_words.clear();
  }
  if (timer == kAlarmSeen && (alarm_state() != "seen" || person_.risk < Risk::high)) return;
  if (timer == kAlarmUnanswered && (alarm_state() != "sent" || person_.risk < Risk::high)) return;
  if (timer == kHandoverOffered && (person_.handover || contact_.operator_name.empty())) return;
  if (timer == kHandoverOver && !person_.handover) return;
  if (timer == kHandoverSilent && (!person_.handover || person_.handover->told >= person_.handover->heard)) return;
  if (timer.starts_with("checkin.") && !check_in_due(timer)) return;
  bool of_handover = timer.starts_with("handover."), safety_timer = of_handover || timer.starts_with("crisis.");
  if (person_.handover && !of_handover && (on_call_here() || !safety_timer))  // somebody is talking with them
    return timer.starts_with("checkin.") ? void() : set_timer(timer, "1h");
  bool paused = person_.paused_until && now_ < *person_.paused_until;
  if ((person_.muted || paused) && !(safety_timer && !person_.fact("may_write").empty())) return;
  if (person_.masked) return;
  for (const auto& [name, guide] : pack_.guides) {
    auto it = guide.timers.find(timer);
    if (it == guide.timers.end()) continue;
    if (!guide.safety && (person_.risk >= Risk::high || (!guide.closed.empty() && holds(guide.closed)))) return;
    if (waiting() != nullptr && !guide.safety && now_ - person_.last_seen < std::chrono::minutes(5))
      return set_timer(timer, "5m");
    open(it->second, waiting() != nullptr && !guide.safety);
    return;
  }
}

void Turn::non_text(const std::string& kind) {
  person_spoke_ = true;
  heard_from();
  disclosure_due_ = person_.last_disclosed == Time{};
  nontext_kind_ = kind;
  if (person_.handover) {  // nobody can see it here, and that is said
    note_line(Handover::From::person, "[" + kind + "]");
    expect_words();
    return say(pack_.step("handover.nontext")->say);
  }
  const Step* step = waiting();
  if (step == nullptr) return open("talk.nontext", false);
  say(pack_.step("talk.nontext")->say);
  ask_again();
}

void Turn::began() {
  bool sits = now_ - person_.last_seen < kSitting;
  heard_from();
  disclosure_due_ = true;
  person_.muted = false;
  if (waiting() != nullptr && (sits || running_safety())) return ask_again();  // the page was closed, and is open again
  open(person_.risk >= Risk::high ? "crisis.stay" : "talk.begin", false);
}

}  // namespace rules
