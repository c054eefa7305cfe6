// engine: decide(pack, person, input, now) -> Decision. The one place where what a person said, tapped, or a timer that
// ran out becomes replies, the next state, timers and records.
// Total: it cannot fail; every error is a load-time error. Pure: no clock, no I/O; the same arguments give the same
// Decision. Threads: any. Tested by tests/rules/dialogue_test.cpp and the dialogues in tests/rules/dialogues/.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rules/pack.hpp"
#include "rules/person.hpp"
#include "rules/picture.hpp"
#include "rules/reading.hpp"

namespace rules {

enum class Taps : std::uint8_t { rich, three, none };  // buttons, three buttons and a list, numbered text

struct Contact {  // what the platform tells of whom we talk to
  Taps taps = Taps::rich;
  std::string country_hint, zone_hint, language_hint;
  std::string language{kSourceLanguage};  // of the channel: spoken until more is known
  bool can_erase = true;
  std::chrono::minutes window{0};  // after the person's last message, for what is said unasked; 0 = always
  std::string operator_name;       // who is called when somebody is in danger; empty = nobody
};

struct Said {
  std::string text;  // dropped after the turn, but for what a step keeps
  Reading reading;
  std::string before;  // the message before it, when that came within kJoin
  Level level_before = Level::none;
  std::optional<Reading> joined;  // the two together, when they are graver than each: "i want to" and "die"
  bool edited = false;            // safety only
};
struct Chose {
  std::string payload;  // as sent in Choice::value
};
struct Elapsed {
  std::string timer;
};
struct NonText {
  std::string kind;  // voice, image, sticker, location, file, contact, call
};
struct Told {  // by a person on call, in a handover
  std::string text;
};
struct Began {};    // /start, the page opened for the first time
struct Blocked {};  // the person blocked the bot

using Event = std::variant<Said, Chose, Elapsed, NonText, Told, Began, Blocked>;
struct Input {
  Contact contact;
  Event event;
};

// Timers that people on call set off: one of them has seen the alarm; nobody has for a quarter of an hour.
inline constexpr std::string_view kAlarmSeen = "crisis.alarm_seen", kAlarmUnanswered = "crisis.alarm_unanswered";
inline constexpr std::chrono::minutes kAlarmWait{15};
inline constexpr std::chrono::hours kAlarmLasts{24};

// Of a handover. Offered and over are set off by people on call, too; what the packs ask and say stands in the guide
// “handover”.
inline constexpr std::string_view kHandoverOffered = "handover.offered", kHandoverOver = "handover.over",
                                  kHandoverSilent = "handover.silent";
inline constexpr std::chrono::minutes kHandoverAnswer{10};  // without an answer: that is said
inline constexpr std::chrono::minutes kHandoverLasts{60};   // without a word of either: it is over
inline constexpr std::chrono::minutes kHandoverHere{5};     // since their last word: whoever is on call is there

// A timer of the engine's own: somebody has not written for long, and something may not be kept any longer.
inline constexpr std::string_view kForget = "forget";
// And: a line that was let stand, for it came right after our question, was the last; then the question comes once
// more.
inline constexpr std::string_view kLetStand = "let_stand";

inline constexpr std::chrono::seconds kJoin{120};  // two messages so close are also read as one
inline constexpr std::chrono::seconds kBurst{5};   // a line so soon after our question may go on with the one before

struct Choice {
  std::string label, value;
};
struct Reply {
  std::string text;
  std::shared_ptr<const Picture> picture;  // or null; the text says the same in words
  std::vector<Choice> choices;
  bool urgent = false;   // crisis: sent before everything else
  bool unasked = false;  // by a timer
};
struct TimerChange {
  std::string name;
  std::optional<Time> at;  // none = cancel
};
struct Decision {
  Person next;
  std::vector<Reply> replies;
  std::vector<TimerChange> timers;
  std::vector<std::string> why;       // rule ids with file:line, in order
  std::vector<std::string> said;      // the wordings: guide.step, guide.step#2, guide.step>1, line.name, heard#3
  bool erase = false;                 // `next` is what stays of the person; what is kept elsewhere is to go as well
  bool export_all = false;            // the export goes with the reply
  std::optional<Level> alarm;         // somebody is in danger
  std::optional<std::string> notice;  // "suicide US": help lines were given to somebody in danger or crisis; for counts
  bool calls = false;                 // people on call are to be told, and the person has been or may be told so
};

// Fills said.joined from what the two messages are, each and together.
void join(const Pack& pack, Said& said);

// The language to read a message in before the person is loaded: the platform's hint, or the channel's.
std::string likely_language(const Pack& pack, const Contact& contact);

// A message that was heard in another language than the person's is heard again.
Decision decide(const Pack& pack, Person person, const Input& input, Time now);

// When nothing else works: the fixed safety text of a language, with the routes of a country. Needs no pack.
Reply last_resort(std::string_view country, std::string_view language);
std::string phone_country(std::string_view phone);  // of the countries that last_resort() knows; empty = unknown

}  // namespace rules
