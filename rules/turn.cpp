// Walking guides: entering steps, asking, taking answers, branching, interrupting and resuming, acts.
#include "rules/turn.hpp"

#include <algorithm>
#include <utility>

#include "rules/episode.hpp"
#include "rules/hash.hpp"
#include "rules/risk.hpp"
#include "rules/schedule.hpp"

namespace rules {
namespace {

constexpr std::chrono::hours kAnswersHold{1};  // "not tonight" of the morning is no answer in the evening
constexpr std::ptrdiff_t kAsks = 3;            // words of a question without its mark
constexpr std::size_t kTold = 4;               // words: from here on it is no answer misspelt, it tells something

std::uint32_t hash_of(const std::vector<std::string>& lines) {
  Hash hash;
  for (const auto& line : lines) hash.eat(line);
  return static_cast<std::uint32_t>(hash.folded());
}

std::string guide_of(std::string_view step) { return std::string(step.substr(0, step.find('.'))); }

}  // namespace

Turn::Turn(const Pack& pack, Person person, const Contact& contact, std::string_view language, Time now)
    : pack_(pack), texts_(pack, language), contact_(contact), now_(now), person_(std::move(person)) {
  forget_expired(person_, now_);
  std::erase_if(person_.stack, [&](const Frame& f) {
    const Guide* guide = pack_.guide(f.guide);
    if (guide == nullptr || (!f.step.empty() && pack_.step(f.step) == nullptr))
      return true;  // the pack changed under it
    return !(guide->safety && person_.risk >= Risk::high) && now_ - f.since > guide->parks;
  });
  if (person_.zone.empty() && zone_exists(contact.zone_hint)) person_.zone = contact.zone_hint;
  if (person_.country.empty()) {
    person_.country =
        contact.country_hint.empty() ? pack_.directory.country_of_zone(person_.zone) : contact.country_hint;
  }
  if (const Country* c = pack_.directory.country(person_.country); person_.zone.empty() && c != nullptr)
    person_.zone = c->zone;
  if (person_.first_seen == Time{}) person_.first_seen = now_;
  leave_closed();
}

// A door that closed behind somebody: what waits there is not gone on with.
void Turn::leave_closed() {
  std::erase_if(person_.stack, [&](const Frame& f) {
    const Guide* guide = pack_.guide(f.guide);
    return guide != nullptr && !guide->closed.empty() && holds(guide->closed);
  });
}

Frame* Turn::frame() { return person_.stack.empty() ? nullptr : &person_.stack.back(); }

const Step* Turn::waiting() const {
  if (person_.stack.empty() || person_.stack.back().step.empty()) return nullptr;
  return pack_.step(person_.stack.back().step);
}

void Turn::open(const std::string& step, bool park) {
  const Guide* guide = pack_.guide(guide_of(step));
  if (guide != nullptr && !guide->closed.empty() && holds(guide->closed) && !guide->closed_go.empty() &&
      guide->closed_go != step)
    return open(guide->closed_go, park);
  Frame* running = frame();
  if (running != nullptr && running->guide == guide_of(step)) return enter(step);
  const Guide* other = running == nullptr ? nullptr : pack_.guide(running->guide);
  if (running != nullptr &&
      (!park || running->step.empty() || other == nullptr || (guide != nullptr && guide->safety))) {
    if (guide != nullptr && guide->safety) {
      person_.stack.clear();  // nothing is resumed after a crisis: it is offered anew
    } else {
      person_.stack.pop_back();
    }
  }
  Frame next;
  next.guide = guide_of(step);
  next.since = now_;
  person_.stack.push_back(std::move(next));
  while (person_.stack.size() > kMaxStack) person_.stack.erase(person_.stack.begin());
  enter(step);
}

void Turn::enter(const std::string& name) {
  const Step* step = pack_.step(name);
  if (step == nullptr || ++steps_ > kMaxSteps) return end();
  if (guide_of(name) != frame()->guide) {
    frame()->guide = guide_of(name);
    frame()->asked.clear();
    frame()->saved.clear();
  }
  urgent_ = urgent_ || pack_.guide(guide_of(name))->safety;
  do_acts(step->acts);
  if (step->type == AnswerType::none) {
    say(step->say);
    if (!step->taps.empty() && choices_.empty()) choices_ = choices_of(*step);
    return follow(*step, "");
  }
  bool tapped = reading_ == nullptr || (contact_.taps != Taps::rich && reading_->text.words.size() == 1);
  if (step->type == AnswerType::scale && answered_ && !tapped)  // "7, in my chest" answers both
    if (auto n = strength_beside(*reading_)) return answer(*step, Answer{std::to_string(*n)});
  const std::string& known = step->saves.empty() ? step->saves : person_.fact(step->saves);
  if (!known.empty() && !step->asks_anew) {  // said already: not asked (D1), but it can be taken back
    frame()->saved.push_back(step->saves);
    if (noted_.contains(step->saves)) keep_own_words(*step, known);
    return follow(*step, known, person_.facts.find(step->saves)->second.at < now_);
  }
  int& asked = frame()->asked[name];
  if (asked >= kMaxAsked) return follow(*step, "");  // D10
  ++asked;
  frame()->step = name;
  frame()->misses = 0;
  ask(*step, false);
}

void Turn::ask(const Step& step, bool again) {
  frame()->turn = ++person_.turn;
  frame()->since = now_;
  say(again && !step.again.empty() ? step.again : step.say);
  choices_ = choices_of(step);
  person_.last_asked = now_;
  asked_ = true;
}

void Turn::ask_again() {
  const Step* step = waiting();
  if (step != nullptr) ask(*step, true);
}

bool Turn::asks_back() const {
  const auto& words = reading_->text.words;
  if (words.empty()) return false;
  auto first_clause = std::count_if(words.begin(), words.end(), [](const Word& w) { return w.clause == 0; });
  // "did it. deleted his number" reports
  return reading_->text.question || (first_clause >= kAsks && one_of(texts_, "asks", reading_->text.word(0)));
}

void Turn::miss(const Step& step) {
  // What tells on is let stand, and a question that has no answer here is told so; both hear the step's question again.
  std::string_view line = asks_back() ? "no_answer" : reading_->text.words.size() >= kTold ? "told" : "missed";
  if (++frame()->misses >= kMaxMisses) {
    say_line(line == "told" ? line : "left_open");
    return follow(step, "");
  }
  if (line == "told" && pack_.guide(frame()->guide)->asks_what) return follow(step, "");  // that is what it is about
  std::string heard = line == "told" && !running_safety() ? heard_line(false) : "";
  if (heard.empty()) say_line(line);
  else lines_.push_back(std::move(heard));
  if (line != "missed") say(step.again.empty() ? step.say : step.again);
  frame()->turn = ++person_.turn;
  choices_ = choices_of(step);
  bool can_skip = std::any_of(step.taps.begin(), step.taps.end(), [](const Tap& t) { return t.value == "skip"; });
  if (step.skippable && !can_skip)
    choices_.push_back({texts_.word_or("skip", "skip"), step.name + "." + std::to_string(frame()->turn) + ".skip"});
  person_.last_asked = now_;
  asked_ = true;
}

void Turn::answer(const Step& step, const Answer& given) {
  if (pack_.jumps.contains(given.value)) return open(given.value, false);
  frame()->misses = 0;
  answered_ = step.type == AnswerType::choice;
  if (answered_) keep_own_words(step, given.value);
  if (!step.saves.empty() && given.value != "skip") {
    bool own = step.type == AnswerType::free && given.value == "said";
    std::string value = given.value;
    if (own) value = step.keeps_words && said_ != nullptr ? cut_graphemes(said_->text, kMaxKeptWords) : "said";
    set_fact(step.saves, value);
    frame()->saved.push_back(step.saves);
  }
  follow(step, given.value);
}

void Turn::follow(const Step& step, const std::string& value, bool quiet) {
  answer_value_ = value;
  for (const Branch& branch : step.next) {
    bool fits = branch.answers.empty() ||
                std::find(branch.answers.begin(), branch.answers.end(), value) != branch.answers.end();
    if (!fits || !holds(branch.when)) continue;
    do_acts(branch.acts);
    if (!quiet) say(branch.say);
    return go(branch.go);
  }
  end();
}

void Turn::forget_answers(std::string_view step) {
  for (const Step& other : pack_.guide(guide_of(step))->steps)
    if (auto it = person_.facts.find(other.saves); it != person_.facts.end() && now_ - it->second.at > kAnswersHold)
      person_.facts.erase(it);
}

void Turn::go(const std::string& target) {
  if (target == "end") return end();
  if (target == "resume") return resume();
  if (target == "again") {
    frame()->step.empty() ? end() : ask_again();
    return;
  }
  if (frame() == nullptr) return open(target, false);
  const Guide* guide = pack_.guide(guide_of(target));
  if (guide != nullptr && guide->name != frame()->guide && holds(guide->closed) && !guide->closed.empty() &&
      !guide->closed_go.empty())
    return enter(guide->closed_go);
  enter(target);
}

void Turn::end() {
  if (!person_.stack.empty()) person_.stack.pop_back();
  offer_menu();
}

void Turn::offer_menu() {
  if (!choices_.empty() || person_.masked) return;
  if (person_.handover) return choices_.push_back({texts_.word_or("handover.end", "end"), std::string(kHandoverOver)});
  choices_.push_back({texts_.word_or("menu", "menu"), "menu.open"});
}

// Back to what waited underneath, with its question in the short form (D9).
void Turn::resume() {
  if (!person_.stack.empty()) person_.stack.pop_back();
  leave_closed();
  if (waiting() != nullptr) {
    choices_.clear();
    return ask_again();
  }
  offer_menu();
}

void Turn::step_back() {
  Frame* f = frame();
  if (f == nullptr || f->saved.empty()) return ask_again();
  std::string fact = f->saved.back();
  f->saved.pop_back();
  person_.facts.erase(fact);
  say_line("taken_back");
  for (const auto& step : pack_.guide(f->guide)->steps)
    if (step.saves == fact) {
      f->asked[step.name] = 0;
      return enter(step.name);
    }
  ask_again();
}

ShownTaps Turn::shown_taps(const Step& step) {
  ShownTaps shown{{}, contact_.taps != Taps::rich};
  std::vector<Tap>& out = shown.taps;
  for (const auto& tap : step.taps)
    if (holds(tap.when)) out.push_back({tap.value, texts_.text(tap.label), tap.when});
  if (step.pick == 0 || out.size() <= static_cast<std::size_t>(step.pick) + 1) return shown;
  auto place = out.begin();
  for (const auto& best : best_actions(person_, person_.fact("pull"))) {
    auto it = std::find_if(place, out.end(), [&](const Tap& t) { return t.value == best.action; });
    if (it != out.end() && place - out.begin() < step.pick) std::rotate(place, it, it + 1), ++place;
  }
  out.erase(out.begin() + step.pick, out.end() - 1);
  return shown;
}

std::vector<Choice> Turn::choices_of(const Step& step) {
  std::vector<Choice> out;
  std::string prefix = step.name + "." + std::to_string(frame() == nullptr ? 0 : frame()->turn) + ".";
  if (step.type == AnswerType::scale) {
    if (contact_.taps == Taps::rich) {
      for (int n = 0; n <= 10; ++n) out.push_back({std::to_string(n), prefix + std::to_string(n)});
    } else if (contact_.taps == Taps::three) {
      for (const char* n : {"3", "6", "9"}) out.push_back({texts_.word_or(std::string("scale.") + n, n), prefix + n});
    }
    return out;
  }
  for (const auto& tap : shown_taps(step).taps) {
    bool leads = tap.value.find('.') != std::string::npos;
    out.push_back({tap.label, leads ? tap.value : prefix + tap.value});
  }
  return out;
}

std::string Turn::rendered(const Wording& wording, bool safety) {
  out_.said.push_back(wording.id);
  const std::string& variant = choose_variant(texts_.variants(wording), wording.id, person_, now_, safety);
  return fill(variant, [&](std::string_view name) { return words_for(name); });
}

void Turn::say(const Wordings& wordings) {
  for (const Wording& wording : wordings) {
    if (!holds(wording.when)) continue;
    bool safety = !person_.stack.empty() && pack_.guide(person_.stack.back().guide)->safety;
    std::string text = rendered(wording, safety);
    while (!text.empty() && (text.front() == '\n' || text.front() == ' ')) text.erase(0, 1);
    if (!text.empty()) lines_.push_back(std::move(text));
    return;
  }
}

void Turn::say_line(std::string_view name) {
  if (auto it = pack_.lines.find(name); it != pack_.lines.end()) say(it->second);
}

// The disclosure is a line among the others, before the question; never a bubble of its own.
void Turn::disclose() {
  if (!disclosure_due_ || lines_.empty()) return;
  if (!disclosed_) {
    auto name = person_.last_disclosed == Time{} ? "disclosure" : "disclosure_again";
    std::vector<std::string> before = std::move(lines_);
    lines_.clear();
    say_line(name);
    std::string line = lines_.empty() ? "" : lines_[0];
    lines_ = std::move(before);
    std::string& last = lines_.back();
    std::size_t cut = last.rfind('\n');
    if (cut != std::string::npos && !last.ends_with('?')) {  // a list, say: nothing comes into the middle of it
      last += "\n" + line;
    } else if (cut != std::string::npos) {
      last.insert(cut + 1, line + "\n");
    } else {
      lines_.insert(lines_.end() - 1, line);
    }
  }
  person_.last_disclosed = now_;
}

void Turn::say_first(std::string_view name) {
  std::vector<std::string> rest = std::exchange(lines_, {});
  say_line(name);
  lines_.insert(lines_.end(), rest.begin(), rest.end());
}

Decision Turn::finish() {
  // Nobody who wrote is left without an answer, and nobody at high risk with an answer that names no route.
  if (lines_.empty() && person_spoke_ && !silent_)
    say_line(person_.risk >= Risk::high && !person_.masked ? "route" : "noted");
  if (!lines_.empty() && waiting() == nullptr) offer_menu();  // nor without a way on
  disclose();
  if (finding_ && finding_->level >= Level::crisis && !route_said_ && person_spoke_ && !lines_.empty())
    say_first("route");  // whatever it answers: the route is in it
  if (!lines_.empty()) {
    Reply reply;
    if (hash_of(lines_) == person_.last_reply && !told_)
      say_first("noted");  // one wording, and the same question again
    person_.last_reply = hash_of(lines_);
    for (const auto& line : lines_) reply.text += (reply.text.empty() ? "" : "\n") + line;
    if (contact_.taps == Taps::none && !choices_.empty() && choices_.size() <= 10) {
      std::string numbered;
      for (std::size_t i = 0; i < choices_.size(); ++i)
        numbered += (i == 0 ? "" : "  ") + std::to_string(i + 1) + " " + choices_[i].label;
      reply.text += "\n" + numbered;
    }
    if (picture_due_) reply.picture = std::make_shared<const Picture>(picture_of(person_, now_, texts_));
    reply.choices = std::move(choices_);
    reply.urgent = urgent_;
    reply.unasked = unasked_;
    person_.last_opening = opening_of(reply.text);
    if (person_.handover && !told_) note_line(Handover::From::steady, reply.text);
    out_.replies.push_back(std::move(reply));
  }
  if (!out_.erase) plan_forgetting();
  if (finding_ && finding_->level >= Level::crisis && route_said_ && person_spoke_)
    out_.notice = std::string(kNeedNames[static_cast<std::size_t>(finding_->need)]) + " " +
                  (person_.country.empty() ? "?" : person_.country);
  out_.next = std::move(person_);
  return std::move(out_);
}

}  // namespace rules
