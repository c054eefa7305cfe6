// guide: the data of a guide as compiled from a pack: steps, what they ask, how answers are understood, where they
// lead. How a guide is walked is turn.hpp's; the default contract of every step is conversation.md 0. A target is
// "step" (same guide), "guide.step", or one of the words end, resume, again.
#pragma once
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/condition.hpp"
#include "rules/signal.hpp"

namespace rules {

// Where every step may lead beside steps: the guide's end, back to what it interrupted, the question once more.
inline bool is_way(std::string_view target) { return target == "end" || target == "resume" || target == "again"; }

enum class AnswerType : std::uint8_t { none, choice, scale, when, free };

struct Wording {  // the first whose condition holds is said; one of its variants
  Condition when;
  std::vector<std::string> variants;
  std::string id;  // guide.step#n, for rotation
};
using Wordings = std::vector<Wording>;

struct Tap {
  std::string value;  // the answer; or, with a dot, where the tap leads from anywhere ("menu.open")
  std::string label;  // at most 20 graphemes
  Condition when;
};

// Effects beyond words. `name` and `value` are what the kind needs.
struct Act {
  enum class Kind : std::uint8_t {
    set,
    clear,
    risk,
    timer,
    cancel,
    gate,
    episode,
    point,
    consent,
    mute,
    unmute,
    discreet,
    mask,
    pause,
    erase,
    export_,
    alarm,
    tried,
    mark,
    record,
    recalled,
    checkin,
    picture,
    quiet,
    drop,
    handover
  } kind = Kind::set;
  std::string name, value;
};

struct Branch {
  std::vector<std::string> answers;  // empty = any
  Condition when;
  std::string go;
  Wordings say;
  std::vector<Act> acts;
};

struct Step {
  std::string name;  // guide.step
  Place place;
  AnswerType type = AnswerType::none;
  Wordings say, again;  // again = the short form
  std::vector<Tap> taps;
  std::map<std::string, std::vector<std::string>> hears;  // value -> signals that mean it here
  std::string saves;                                      // fact that holds the answer
  bool asks_anew = false;                                 // asked even when the fact is known
  bool any_time = false;                                  // told while something else is asked, it is kept
  bool skippable = true;                                  // offers [Skip] after a miss
  bool yes_side = false;                                  // safety: what is not understood goes the careful way at once
  bool once_more = false;                                 // ... but is asked once more before it does
  int pick = 0;              // > 0: so many taps are shown, the person's own best first, and the last always
  bool fixed = false;        // said in the same words always: an item of a measure, a plan shown whole
  bool keeps_words = false;  // a free answer of up to 60 graphemes is kept as the fact
  std::string own;           // signal whose words are kept as the person's own for the answer: "lump"
  std::vector<Act> acts;     // done when the step is reached
  std::vector<Branch> next;
};

struct Guide {
  std::string name;
  Place place;
  std::chrono::hours parks{48};               // a parked step is forgotten after this
  bool safety = false;                        // crisis and worry: may interrupt all, are interrupted by nothing
  bool calm = true;                           // a new moment may interrupt it
  bool asks_what = false;                     // it asks what this is about: whatever opens a guide answers it
  Condition closed;                           // not opened while this holds
  std::string closed_go;                      // where instead
  std::map<std::string, std::string> timers;  // timer -> step
  std::vector<Step> steps;
  std::map<std::string, std::size_t, std::less<>> index;  // step name -> place in steps
};

struct Opening {                   // layer 12 and the asides of layers 11 and 13, in the pack's order
  std::vector<std::string> hears;  // any of these
  Condition when;
  std::string go;
  std::vector<Act> acts;
  Place place;
  bool first = false;  // of an aside: something happened that outranks whatever is asked
};

struct Note {  // what a message tells beside the answer
  std::vector<std::string> hears;
  Condition when;
  std::vector<Act> acts;
  Place place;
};

}  // namespace rules
