// Turn: one input being decided. Internal to rules/: engine.cpp makes one, arbiter.cpp says what answers, turn.cpp
// walks the guides, turn_words.cpp knows the names that packs may test and say. Invariants: at most kMaxSteps steps are
// walked in one turn; every turn that a person began leaves a reply, but for a continuation of a burst and for what the
// platform sent twice.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/answer.hpp"
#include "rules/compose.hpp"
#include "rules/engine.hpp"
#include "rules/guide.hpp"
#include "rules/schedule.hpp"
#include "rules/trajectory.hpp"

namespace rules {

inline constexpr int kMaxSteps = 32;      // walked without an answer, in one turn
inline constexpr int kMaxAsked = 2;       // times a question is asked in one run
inline constexpr int kMaxMisses = 2;      // then the step's default is taken
inline constexpr int kMaxKeptWords = 60;  // graphemes of the person's own that a fact may hold

// What the engine itself needs of the packs; the loader refuses packs without.
inline constexpr std::array<std::string_view, 9> kNeededLines{
    "disclosure", "disclosure_again", "program", "missed", "left_open", "taken_back", "noted", "route", "long_silence"};
inline constexpr std::array<std::string_view, 20> kNeededSteps{
    "crisis.direct",    "crisis.stay",     "worry.first",   "support.frame",    "menu.open",
    "talk.fallback",    "talk.nontext",    "talk.stale",    "talk.begin",       "control.stop",
    "onboarding.youth", "talk.number",     "talk.masked",   "crisis.checkback", "control.language_ask",
    "handover.offer",   "handover.silent", "handover.over", "handover.nontext", "handover.beside"};

std::set<std::string> known_names();        // that conditions may test, beside facts
std::vector<std::string> engine_phrases();  // that a language translates beside the packs' texts
bool known_placeholder(std::string_view name, const Pack& pack);

class Turn {
 public:
  Turn(const Pack& pack, Person person, const Contact& contact, std::string_view language, Time now);

  // arbiter.cpp
  void said(const Said& said);
  void chose(const std::string& payload);
  void elapsed(const std::string& timer);
  void non_text(const std::string& kind);
  void told(const std::string& text);
  void began();
  void blocked() { person_.muted = true; }

  Decision finish();

 private:
  friend struct TurnTest;

  // arbiter.cpp: the layers, in order; each says whether it answered
  bool safety(const Reading& reading);
  bool hard_control();
  bool masked();
  bool news();
  bool awaited();
  bool correction();
  bool support_words();
  bool flooding();
  bool new_moment();
  bool aside();
  bool opening();
  bool beside();
  bool burst();
  bool let_stand();
  void let_stand_over();
  void fallback();
  const Opening* first_match(const std::vector<Opening>& list);
  void take_notes();
  void add_signs();
  void heard_from();
  void plan_forgetting();
  void forget_by_time();
  void jump(const std::string& target);
  void open_safety(const Finding& finding, const std::string& step);
  [[nodiscard]] bool running_safety() const;
  [[nodiscard]] bool denies() const;  // all that this message finds it denies, while a safety question waits
  [[nodiscard]] bool plain_equals(std::string_view word) const;

  // turn.cpp: walking
  Frame* frame();
  [[nodiscard]] const Step* waiting() const;      // the step whose question waits, or null
  void open(const std::string& step, bool park);  // begin a guide (or go to a step of the running one)
  void enter(const std::string& step);
  void answer(const Step& step, const Answer& answer);
  void forget_answers(std::string_view step);  // of its guide, where too old to stand for now
  // quiet: what the branch says was said when the answer was given.
  void follow(const Step& step, const std::string& value, bool quiet = false);
  void go(const std::string& target);
  void ask(const Step& step, bool again);
  void ask_again();
  bool asks_back() const;
  void miss(const Step& step);
  void end();
  void leave_closed();
  void offer_menu();
  void resume();
  void step_back();
  ShownTaps shown_taps(const Step& step);
  std::vector<Choice> choices_of(const Step& step);
  std::string rendered(const Wording& wording, bool safety);
  void say(const Wordings& wordings);
  void say_line(std::string_view name);
  void say_first(std::string_view name);  // before what is said already
  void disclose();

  // turn_acts.cpp: what steps do beside saying
  void do_acts(const std::vector<Act>& acts);
  void do_act(const Act& act);
  void set_fact(const std::string& name, const std::string& value);
  void set_timer(const std::string& name, const std::string& delay);
  void set_timer_at(std::string_view name, Time at);
  void cancel_timer(std::string_view name);
  void change_timer(std::string name, std::optional<Time> at);

  // turn_log.cpp: what guides of other days keep
  void record(const std::string& kind, const std::string& fields);
  [[nodiscard]] std::string log_value(std::string_view name) const;  // count.KIND, days.KIND
  [[nodiscard]] const LogEntry* recalled() const;                    // or null
  void mark_recalled();
  [[nodiscard]] const LogEntry* newest(std::string_view kind) const;  // last written or brought back; or null
  void drop_entry(std::string_view kind);                             // that one
  void keep_own_words(const Step& step, const std::string& value);    // "lump", which was understood as the throat
  [[nodiscard]] std::string own_words(std::string_view of) const;     // what may be said back now, or ""
  [[nodiscard]] std::string months_value(std::string_view name) const;
  [[nodiscard]] std::string reading_value(std::string_view name) const;
  [[nodiscard]] std::string date_words(Time at) const;
  void set_check_in(const std::string& kind, const std::string& when);
  void set_quiet_hours(const std::string& hours);
  void set_check_in_timer(const std::string& kind, CheckIn& check_in);
  bool check_in_due(const std::string& timer);
  void resume_check_ins();

  // turn_handover.cpp: while a person on call reads and answers
  bool handed_over();
  void begin_handover();
  void end_handover();
  void note_line(Handover::From from, const std::string& text);
  void expect_words();
  [[nodiscard]] bool on_call_here() const;

  // turn_words.cpp: names
  [[nodiscard]] std::string value_of(std::string_view name) const;  // for conditions
  std::string words_for(std::string_view name);                     // for placeholders
  std::string heard_line(bool of_anything = true);
  [[nodiscard]] bool holds(const Condition& condition) const;
  [[nodiscard]] std::string alarm_state() const;  // none, sent, seen
  void raise_alarm(Level level);
  [[nodiscard]] int arousal() const;
  [[nodiscard]] std::string country() const;

  const Pack& pack_;
  Texts texts_;
  Contact contact_;
  Time now_;
  Person person_;
  Decision out_;
  const Said* said_ = nullptr;
  const Reading* reading_ = nullptr;
  std::optional<Finding> finding_;
  std::set<std::string> noted_;  // facts set by this message's notes
  std::string answer_value_, nontext_kind_;
  std::vector<std::string> lines_;
  std::vector<Choice> choices_;
  bool disclosure_due_ = false, disclosed_ = false, urgent_ = false, unasked_ = false, asked_ = false, silent_ = false,
       person_spoke_ = false;
  bool answered_ = false, heard_said_ = false, check_in_last_ = false, route_said_ = false, picture_due_ = false,
       told_ = false;
  mutable std::optional<Trajectory> months_;
  int steps_ = 0;
};

}  // namespace rules
