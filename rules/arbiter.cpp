// The arbiter: which layer answers a message (conversation.md 2.1). The order of said() is the order of that table;
// layers 1 to 5 cannot be changed by a pack.
#include <algorithm>

#include "rules/episode.hpp"
#include "rules/risk.hpp"
#include "rules/second_reader.hpp"
#include "rules/turn.hpp"

namespace rules {
namespace {

constexpr std::chrono::hours kAwayDays{24 * 7};  // silence after which the program says again what it is
constexpr std::chrono::hours kSittingLimit{3};   // of one sitting, until it says so again
constexpr std::chrono::hours kSittingLimitYouth{1};
constexpr int kMaxAsides = 2;  // side remarks in a row before only the step answers
constexpr std::chrono::minutes kFallbackRow{10};

bool wakes_gate(const Finding& f) { return closes_gate(f.need) && f.level > Level::none; }

}  // namespace

bool Turn::running_safety() const {
  if (person_.stack.empty()) return false;
  const Guide* guide = pack_.guide(person_.stack.back().guide);
  return guide != nullptr && guide->safety;
}

bool Turn::denies() const {
  const auto& found = said_->reading.findings;
  return running_safety() && waiting() != nullptr && !found.empty() &&
         std::all_of(found.begin(), found.end(), [](const Finding& f) { return f.denied; });
}

void Turn::said(const Said& said) {
  said_ = &said;
  person_spoke_ = !said.edited;
  reading_ = &said.reading;
  for (const auto& why : said.reading.why)
    out_.why.push_back(std::string(why.rule) + " " + std::string(why.file) + ":" + std::to_string(why.line));
  finding_ = said.reading.gravest() ? std::optional(*said.reading.gravest()) : std::nullopt;
  // "No, I don't want to die" to our question is an answer: it is not read into the sentence that was asked about.
  if (said.joined && said.joined->level() > said.reading.level() && !denies()) {
    reading_ = &*said.joined;
    finding_ = *said.joined->gravest();
  }
  add_signs();
  disclosure_due_ = person_.last_disclosed == Time{} || now_ - person_.last_seen >= kAwayDays ||
                    now_ - std::max(person_.sitting_since, person_.last_disclosed) >=
                        (person_.adult == "no" ? kSittingLimitYouth : kSittingLimit);
  if (now_ - person_.last_seen >= kSitting) {
    person_.sitting_since = now_;
    if (now_ - person_.last_seen < kAwayDays && person_.last_disclosed != Time{}) disclosure_due_ = false;
  }
  heard_from();
  take_notes();
  bool answered = handed_over() || safety(*reading_) || said.edited || hard_control() || masked() || news() ||
                  awaited() || correction() || support_words() || flooding() || new_moment() || aside() || opening() ||
                  beside() || burst();
  if (!answered) fallback();
}

// Indirect signs of the last days add up (together rules with within_hours).
void Turn::add_signs() {
  for (std::size_t n = 0; n < kNeeds; ++n)
    if (int weight = reading_->signs[n]; weight > 0) person_.signs.push_back({static_cast<Need>(n), weight, now_});
  auto detector = pack_.detectors.find(reading_->spelled_in);
  if (detector == pack_.detectors.end()) return;
  for (const TogetherRule& rule : detector->second->together()) {
    if (rule.within_hours == 0 || (finding_ && finding_->level >= rule.gives)) continue;
    int sum = 0;
    for (const Sign& s : person_.signs)
      if (s.need == rule.need && now_ - s.at <= std::chrono::hours(rule.within_hours)) sum += s.weight;
    bool adds_now = reading_->signs[static_cast<std::size_t>(rule.need)] > 0;
    if (adds_now && sum >= rule.signs) {
      finding_ = Finding{rule.need, rule.gives, Subject::self, false, false, "together", 0, 0, {}};
      out_.why.push_back("together " + rule.place.file + ":" + std::to_string(rule.place.line));
    }
  }
}

void Turn::take_notes() {
  for (const Note& note : pack_.notes) {
    if (!reading_->heard_any(note.hears) || !holds(note.when)) continue;
    for (const Act& act : note.acts)
      if (act.kind == Act::Kind::set && !noted_.contains(act.name)) {
        noted_.insert(act.name);
        set_fact(act.name, act.value);
      } else if (act.kind != Act::Kind::set) {
        do_act(act);
      }
  }
}

const Opening* Turn::first_match(const std::vector<Opening>& list) {
  for (const Opening& o : list) {
    if ((o.hears.empty() || reading_->heard_any(o.hears)) && holds(o.when)) return &o;
  }
  return nullptr;
}

void Turn::open_safety(const Finding& finding, const std::string& step) {
  if (finding.level >= Level::crisis) person_.facts["keep.risk_kind"] = {risk_kind(person_, finding), now_};
  raise(person_, risk_of(finding.level) == Risk::watch ? person_.risk : risk_of(finding.level), now_);
  if (finding.level >= Level::crisis) raise_alarm(finding.level);
  out_.why.push_back("opens " + step);
  open(step, false);
}

// Layers 1 and 5, and the lock of layer 4: a finding outranks everything; while risk is high, everything else is an
// answer to the safety guide.
bool Turn::safety(const Reading& reading) {
  for (const Finding& f : reading.findings)
    if (wakes_gate(f)) close_gate(person_, person_.rel, now_);
  bool locked = running_safety() && person_.risk >= Risk::high;
  if (finding_ && finding_->level >= Level::concern) {
    bool worse = risk_of(finding_->level) > person_.risk;
    if (locked && !worse) {
      const Step* step = waiting();
      if (step != nullptr && awaited()) return true;
    }
    // What the second reader alone suspects, or what is denied, while a safety question waits, is first its answer.
    bool suspected = finding_->rule == kSecondReader && finding_->level == Level::concern;
    if (running_safety() && (suspected || denies()) && awaited()) return true;
    if (!locked || worse || finding_->level == Level::danger) {
      const Step* step = waiting();
      if (step != nullptr && !step->saves.empty() && !running_safety())  // the awaited answer, if also present, is kept
        if (auto given = understand(pack_, *step, shown_taps(*step), reading, ""); given && given->value != "said")
          set_fact(step->saves, given->value);
      for (const Opening& o : pack_.safety) {
        if (!holds(o.when)) continue;
        if (locked && !worse && frame() != nullptr && frame()->asked[o.go] > 0)
          break;  // asked in this run: go on where we are
        bool mild = finding_->level == Level::concern || finding_->subject == Subject::other;
        if (mild && waiting() != nullptr && waiting()->name == o.go && awaited())
          return true;  // "sometimes, when he drinks" answers what was asked because of the same
        if (!running_safety()) forget_answers(o.go);
        do_acts(o.acts);
        open_safety(*finding_, o.go);
        return true;
      }
      if (!locked) {
        open_safety(*finding_, "crisis.direct");
        return true;
      }
    }
  }
  if (person_.risk < Risk::high || said_->edited) return false;
  if (hard_control() || masked() || awaited()) return true;
  const Step* step = waiting();
  if (running_safety() && step != nullptr) {
    if (const Opening* o = first_match(pack_.asides);
        o != nullptr && pack_.guide(o->go.substr(0, o->go.find('.')))->name == "limits") {
      say(pack_.step(o->go)->say);
      return ask_again(), true;
    }
    follow(*step, "");
    return true;
  }
  open("crisis.stay", false);
  return true;
}

bool Turn::plain_equals(std::string_view word) const {
  std::string plain;
  for (std::size_t i = 0; i < reading_->text.words.size(); ++i)
    plain += (i == 0 ? "" : " ") + std::string(reading_->text.word(i));
  return plain == word;
}

bool Turn::masked() {
  if (!person_.clear_word.empty() && plain_equals(person_.clear_word)) {
    person_.masked = true;
    person_.stack.clear();
    open("talk.dull", false);
    return true;
  }
  if (!person_.masked) return false;
  if (reading_->whole("control.safe") != nullptr) {
    person_.masked = false;
    jump("worry.back");
    return true;
  }
  const Step* step = waiting();
  if (step != nullptr && frame()->guide == "talk" && awaited()) return true;
  open("talk.masked", false);
  return true;
}

bool Turn::hard_control() {
  for (const auto& [name, step] : pack_.controls) {
    const Signal* s = reading_->whole(name);
    if (s == nullptr) continue;
    bool free_text = waiting() != nullptr && waiting()->type == AnswerType::free && name == "control.enough";
    if (free_text) continue;
    out_.why.push_back("control " + name);
    if (name == "control.back") return step_back(), true;
    if (name == "control.stop" && !running_safety()) person_.stack.clear();  // it ends the exercise too
    if (name == "control.skip" && waiting() != nullptr) return follow(*waiting(), "skip"), true;
    if (name == "control.skip") continue;
    open(step, waiting() != nullptr);
    return true;
  }
  return false;
}

// Something happened that outranks what is asked: "she texted. her phone died" is not the phone out of reach.
bool Turn::news() {
  if (waiting() == nullptr || running_safety()) return false;
  for (const Opening& o : pack_.asides) {
    if (!o.first || !reading_->heard_any(o.hears) || !holds(o.when)) continue;
    do_acts(o.acts);
    open(o.go, false);
    return true;
  }
  return false;
}

bool Turn::awaited() {
  const Step* step = waiting();
  if (step == nullptr) return false;
  std::string noted = noted_.contains(step->saves) ? person_.fact(step->saves) : "";
  auto given = understand(pack_, *step, shown_taps(*step), *reading_, noted);
  if (!given) {
    bool named =
        std::any_of(step->next.begin(), step->next.end(), [&](const Branch& b) {  // the step says where this leads
          return b.when.source.find("heard(") != std::string::npos && b.answers.empty() && holds(b.when);
        });
    if (named && reading_->heard("control.*") == nullptr) return follow(*step, ""), true;
    if (!step->yes_side) return false;
    if (first_match(pack_.asides) != nullptr) return false;
    // About something else altogether: asked once more, route and all, before it is taken for a yes.
    if (step->once_more && frame()->misses++ == 0) return ask(*step, false), true;
    return follow(*step, ""), true;
  }
  bool loose = step->type == AnswerType::free && given->value == "said";
  if (loose && reading_->heard("control.*") != nullptr && aside()) return true;
  person_.aside_count = 0;
  person_.fallback_count = 0;
  for (const Finding& f : reading_->findings)
    if (f.level == Level::support) set_fact("mentioned", std::string(kNeedNames[static_cast<std::size_t>(f.need)]));
  if (step->name != "ground.rerate" && !running_safety() && frame()->guide != "ground" &&
      (reading_->heard("flood.hard") != nullptr ||
       reading_->heard("numb.hard") != nullptr)) {  // 2.1: the answer is kept
    if (!step->saves.empty() && given->value != "said") set_fact(step->saves, given->value);
    return flooding();
  }
  answer(*step, *given);
  return true;
}

bool Turn::correction() {
  const Step* step = waiting();
  if (step == nullptr || reading_->heard("correction.*") == nullptr || frame()->saved.empty()) return false;
  step_back();
  return true;
}

bool Turn::support_words() {
  if (!finding_ || finding_->level != Level::support) return false;
  set_fact("mentioned", std::string(kNeedNames[static_cast<std::size_t>(finding_->need)]));
  for (const Opening& o : pack_.safety)
    if (holds(o.when)) {
      do_acts(o.acts);
      open(o.go, true);
      return true;
    }
  return false;
}

bool Turn::flooding() {
  if (running_safety() || (frame() != nullptr && frame()->guide == "ground")) return false;
  if (reading_->heard("flood.hard") == nullptr && reading_->heard("numb.hard") == nullptr) return false;
  if (frame() == nullptr) return false;  // an opening's
  jump(reading_->heard("numb.hard") != nullptr ? "ground.far" : "ground.first");
  return true;
}

void Turn::jump(const std::string& target) {
  while (frame() != nullptr && frame()->step.empty()) person_.stack.pop_back();
  open(target, true);
}

bool Turn::new_moment() {
  const Step* step = waiting();
  if (step == nullptr || running_safety() || person_.adult == "no") return false;
  const Guide* guide = pack_.guide(frame()->guide);
  if (!guide->calm) return false;
  const Opening* o = first_match(pack_.openings);
  if (o == nullptr || o->hears.empty() || o->go.starts_with(guide->name + ".")) return false;
  do_acts(o->acts);
  jump(o->go);
  return true;
}

// Layers 11 and 13: said in one line, then the step's question again in its short form.
bool Turn::aside() {
  const Opening* o = first_match(pack_.asides);
  if (o == nullptr) return false;
  const Step* step = waiting();
  if (step == nullptr) {
    const Opening* moment = o->hears.front().starts_with("social.") ? first_match(pack_.openings) : nullptr;
    if (moment != nullptr && !moment->hears.empty()) return false;  // "hey. he left me on read" is more than a greeting
    do_acts(o->acts);
    open(o->go, false);
    return true;
  }
  const Step* remark = pack_.step(o->go);
  if (!o->go.starts_with("aside.") &&
      !o->go.starts_with("limits.")) {  // something happened that the guide must hear of
    do_acts(o->acts);
    open(o->go, false);
    return true;
  }
  if (remark->type != AnswerType::none) {  // it asks something itself: the guide waits underneath
    open(o->go, true);
    return true;
  }
  if (++person_.aside_count <= kMaxAsides) say(remark->say);
  do_acts(o->acts);
  do_acts(remark->acts);
  ask_again();
  return true;
}

bool Turn::opening() {
  if (person_.adult == "no") return open("onboarding.youth", false), true;
  bool asked_what = waiting() != nullptr && pack_.guide(frame()->guide)->asks_what;
  if (waiting() != nullptr && !asked_what) return false;
  const Opening* o = first_match(pack_.openings);
  if (o == nullptr || (asked_what && o->hears.empty())) return false;
  out_.why.push_back("opens " + o->go + " " + o->place.file + ":" + std::to_string(o->place.line));
  do_acts(o->acts);
  open(o->go, false);
  return true;
}

// No answer to what is asked, but one to what is asked at another step, or more of the moment: what was heard is said
// back, and the question comes once more; the second time the guide goes on without it.
bool Turn::beside() {
  const Step* step = waiting();
  if (step == nullptr || running_safety()) return false;
  constexpr std::array<std::string_view, 6> kOfTheMoment{"trigger.*", "pull.*", "acted.*",
                                                         "distress",  "body.*", "flood.*"};
  bool felt = std::any_of(kOfTheMoment.begin(), kOfTheMoment.end(),
                          [this](std::string_view heard) { return reading_->heard(heard) != nullptr; });
  // "did it. calmer now" tells of after, not of the wave
  felt = felt && reading_->heard("done.*") == nullptr && reading_->heard("said.lower") == nullptr;
  bool kept = false;
  if (auto n = strength_beside(*reading_); n && person_.episode && !person_.fact("strength").empty()) {
    add_point(person_, *n, now_);
    kept = true;
  }
  for (const auto& [name, guide] : pack_.guides)
    for (const Step& other : guide.steps) {
      if (!other.any_time || !person_.episode || other.saves == step->saves) continue;
      kept = kept || noted_.contains(other.saves);
      const std::string& known = person_.fact(other.saves);
      if (!known.empty() && known != "unsure") continue;
      auto value = told_beside(pack_, other, *reading_);
      if (!value) continue;
      set_fact(other.saves, *value);
      if (name == frame()->guide) frame()->saved.push_back(other.saves);
      kept = true;
    }
  if (!felt && !kept) return false;
  if (now_ - person_.last_asked <= kBurst) return let_stand();
  person_.aside_count = 0;
  std::string heard = felt ? heard_line() : "";
  if (heard.empty()) say_line("noted");
  else lines_.push_back(std::move(heard));
  if (++frame()->misses >= kMaxMisses) return follow(*step, ""), true;
  ask_again();
  return true;
}

void Turn::fallback() {
  if (said_ != nullptr && said_->text.size() >= kMinGuessedBytes)
    if (auto other = guessed_language(pack_, said_->text);
        !other.empty() && other != reading_->language && pack_.translations.contains(other))
      return open("control.language_ask", waiting() != nullptr);
  if (const Step* step = waiting()) return miss(*step);
  person_.fallback_count = now_ - person_.last_fallback < kFallbackRow ? person_.fallback_count + 1 : 0;
  person_.last_fallback = now_;
  set_fact("fallbacks", std::to_string(person_.fallback_count));
  open("talk.fallback", false);
}

}  // namespace rules
