// signal: the words in which reading, deciding and packs speak of what a message says.
// Needs, levels and contexts: safety.md and tests/corpora/messages/README.md, "How rows are labelled".
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rules {

enum class Level : std::uint8_t { none, support, concern, crisis, danger };
inline constexpr std::array<std::string_view, 5> kLevelNames{"none", "support", "concern", "crisis", "danger"};

enum class Need : std::uint8_t {
  suicide,
  self_harm,
  partner_violence,
  family_violence,
  sexual_violence,
  child_abuse,
  neglect,
  unavailability,
  flashbacks,
  dissociation,
  eating,
  substance,
  harm_others,
  psychosis,
  child_at_risk,
  controlling_relationship
};
inline constexpr std::size_t kNeeds = 16;
inline constexpr std::array<std::string_view, kNeeds> kNeedNames{
    "suicide",         "self_harm",    "partner_violence", "family_violence",
    "sexual_violence", "child_abuse",  "neglect",          "unavailability",
    "flashbacks",      "dissociation", "eating",           "substance",
    "harm_others",     "psychosis",    "child_at_risk",    "controlling_relationship"};

enum class Subject : std::uint8_t { self, other };

// What surrounds a match. `recent` and `now` raise; the others lower, turn or drop.
enum class Context : std::uint8_t { denied, other, past, quoted, conditional, idiom, recent, now };
inline constexpr std::size_t kContexts = 8;
inline constexpr std::array<std::string_view, kContexts> kContextNames{"denied",      "other", "past",   "quoted",
                                                                       "conditional", "idiom", "recent", "now"};
using ContextSet = std::uint8_t;  // bit per Context
constexpr ContextSet bit(Context c) { return static_cast<ContextSet>(1U << static_cast<unsigned>(c)); }
constexpr bool holds(ContextSet set, Context c) { return (set & bit(c)) != 0; }

enum class Scope : std::uint8_t { after, clause, sentence, message };  // where a context phrase reaches

// What a context does to a signal: keep it, drop it, give the finding another level, or read it as another signal.
struct Effect {
  enum class Kind : std::uint8_t { keep, drop, level, become } kind = Kind::keep;
  Level level = Level::none;
  std::string become;
};

struct Place {  // where in which file something was written
  std::string file;
  int line = 0, column = 0;
};

struct Example {
  std::string text;
  Place place;
};

struct PhraseSource {
  std::string text;
  Place place;
};

struct PatternSource {  // raw RE2 over Text::normal, tried only when one of `words` occurs
  std::string regex;
  std::vector<std::string> words;
  Place place;
};

struct FindingRule {
  Need need = Need::suicide;
  Level level = Level::none;  // none: a sign only, it counts towards a sum
  int sign = 0;
  Subject subject = Subject::self;
};

struct ContextRule {
  Context context = Context::denied;
  Scope scope = Scope::after;
  int reach_words = 5;  // for `after`
};

struct SignalRule {
  std::string name;
  Place place;
  std::vector<PhraseSource> phrases, unless, unless_anywhere;
  std::vector<PatternSource> patterns;
  std::array<Effect, kContexts> in;
  std::optional<FindingRule> finding;
  std::optional<ContextRule> context;
  std::vector<Example> yes, no, miss;
};

struct TogetherRule {  // several signs make a finding
  Place place;
  std::vector<std::string> all;  // signals that must all occur in the message ("risk.suicide.*"); or:
  int signs = 0;                 // the sum of distinct signs of `need`
  int within_hours = 0;          // 0 = in one message
  Need need = Need::suicide;
  Level gives = Level::none;
  std::vector<Example> yes, no;
};

inline std::string_view family(std::string_view signal) { return signal.substr(0, signal.find('.')); }
// "pull.*" covers pull.pursue.text; "pull.pursue" covers itself only.
inline bool covers(std::string_view pattern, std::string_view name) {
  if (pattern.ends_with(".*")) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == name;
}

}  // namespace rules
