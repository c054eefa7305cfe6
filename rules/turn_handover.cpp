// A handover: a person on call reads what is written and answers, after both said yes, until either ends it or nobody
// has written for kHandoverLasts. Meanwhile Steady is silent but for danger and for what is obeyed at once; what is
// written is kept in Person::handover, for whoever answers, and is gone with it. What is asked and said stands in the
// guide “handover”.
#include <algorithm>

#include "rules/compose.hpp"
#include "rules/risk.hpp"
#include "rules/turn.hpp"

namespace rules {
namespace {

constexpr int kMaxLine = 2000;  // graphemes
// What is obeyed meanwhile; the first lead back to Steady, since there is nothing else to end or to go back to.
constexpr std::array<std::string_view, 3> kEnding{"control.back", "control.enough", "control.menu"};
constexpr std::array<std::string_view, 5> kObeyed{"control.stop", "control.erase", "control.export", "control.help",
                                                  "control.human"};

}  // namespace

bool Turn::on_call_here() const {
  return person_.handover && person_.handover->told != Time{} && now_ - person_.handover->told <= kHandoverHere;
}

void Turn::begin_handover() {
  person_.handover.emplace();
  person_.handover->since = now_;
  set_timer_at(kHandoverOver, now_ + kHandoverLasts);
}

void Turn::end_handover() {
  person_.handover.reset();
  for (std::string_view timer : {kHandoverOver, kHandoverSilent}) cancel_timer(timer);
}

void Turn::note_line(Handover::From from, const std::string& text) {
  auto& lines = person_.handover->lines;
  lines.push_back({from, now_, cut_graphemes(text, kMaxLine)});
  if (lines.size() <= kMaxHandoverLines) return;
  lines.erase(lines.begin());
  ++person_.handover->gone;
}

// After a word of the person's: somebody is to answer it.
void Turn::expect_words() {
  Handover& h = *person_.handover;
  if (h.heard <= h.told) set_timer_at(kHandoverSilent, now_ + kHandoverAnswer);
  set_timer_at(kHandoverOver, now_ + kHandoverLasts);
  h.heard = now_;
}

// Says whether it answered, where silence is an answer. Danger is heard as ever: while whoever is on call is there, one
// line names the route; else the safety guide begins, and goes on until they write.
bool Turn::handed_over() {
  if (!person_.handover) return false;
  if (masked()) {  // who reads over the shoulder sees nothing of it
    end_handover();
    return true;
  }
  note_line(Handover::From::person, said_->text);
  expect_words();
  auto written = [this](std::string_view control) { return said_->reading.whole(control) != nullptr; };
  if (said_->reading.level() < Level::crisis && std::any_of(kEnding.begin(), kEnding.end(), written)) {
    open(std::string(kHandoverOver), false);
    return true;
  }
  if (finding_ && finding_->level >= Level::crisis) {
    if (!on_call_here()) return safety(*reading_);
    raise(person_, risk_of(finding_->level), now_);
    raise_alarm(finding_->level);
    say(pack_.step("handover.beside")->say);
    return true;
  }
  if (written("control.stop")) {
    end_handover();
    say(pack_.step(std::string(kHandoverOver))->say);
  }
  if (std::any_of(kObeyed.begin(), kObeyed.end(), written) && hard_control()) return true;
  if (running_safety() && safety(*reading_)) return true;  // begun while nobody answered: it goes on
  if (awaited()) return true;
  person_.stack.clear();  // what was asked meanwhile is not asked again
  return silent_ = true;
}

void Turn::told(const std::string& text) {
  if (!person_.handover || person_.masked) return;
  person_.stack.clear();  // a person answers: what Steady had begun meanwhile is over
  note_line(Handover::From::on_call, text);
  person_.handover->told = now_;
  cancel_timer(kHandoverSilent);
  set_timer_at(kHandoverOver, now_ + kHandoverLasts);
  lines_.push_back(contact_.operator_name + ": " + text);
  told_ = urgent_ = true;
}

}  // namespace rules
