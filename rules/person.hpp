// Person: everything Steady remembers about one person, plain data, to and from JSON with one format number.
// No message text is in it: facts are words of the packs, numbers, and at most kMaxKeptWords graphemes of the person's
// own where a step says so; and what is written to a person on call, while both want that. Without consent only risk,
// gates, consent, stop and disclosure outlive kScratchHours. Protocol: from_json() refuses what it does not understand;
// to_json() writes the current format. Threads: a value. Tested by tests/rules/parts_test.cpp; every dialogue test
// saves and reloads between two lines.
#pragma once
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "rules/signal.hpp"

namespace rules {

using Time = std::chrono::sys_seconds;

inline constexpr int kPersonFormat = 1;
inline constexpr std::chrono::hours kScratchHours{24};
// So long without a word: it is said that all will be erased, and then it is.
inline constexpr std::chrono::hours kSilenceNotice{24 * 700}, kSilence{24 * 730};
inline constexpr std::chrono::minutes kSitting{60};  // silence that ends a sitting
inline constexpr std::size_t kMaxEpisodes = 400;
inline constexpr std::size_t kMaxUses = 64;
inline constexpr std::size_t kMaxLog = 400;
inline constexpr std::size_t kMaxPushed = 5;
inline constexpr std::size_t kMaxHandoverLines = 100;
inline constexpr std::size_t kMaxStack = 2;  // running + one parked

enum class Risk : std::uint8_t { none, watch, low, high, immediate };
inline constexpr std::array<std::string_view, 5> kRiskNames{"none", "watch", "low", "high", "immediate"};

struct Fact {
  std::string value;
  Time at{};
};

struct Frame {  // a guide under way
  std::string guide, step;
  int turn = 0;    // number of the question that waits; a tap carries it
  int misses = 0;  // answers not understood since the question was asked
  Time since{};
  std::map<std::string, int> asked;  // step -> times asked in this run
  std::vector<std::string> saved;    // facts answered in this run, the latest last (for back)
};

struct Point {
  Time at{};
  int value = 0;
};

struct Episode {  // one triggered moment; conversation.md 8
  Time opened{};
  std::optional<Time> closed;
  std::string trigger, rel, pull, action, acted, outcome;
  std::vector<std::string> body;
  int strength = -1, peak = -1, onset_minutes = -1, hold_minutes = -1;
  std::vector<Point> points;
  bool rupture = false, repaired = false;
};

struct ActionUse {
  int offered = 0, tried = 0, helped = 0;
  Time last{};
};

struct Use {  // of a text, so that wordings rotate
  int count = 0;
  int last_variant = -1;
  Time at{};
};

struct LogEntry {  // what a guide of other days keeps: an experience, a reading, a week
  std::string kind;
  Time at{};
  std::map<std::string, std::string, std::less<>> fields;

  [[nodiscard]] bool has(std::string_view name) const { return fields.contains(name); }
  [[nodiscard]] const std::string& field(std::string_view name) const;
};

struct CheckIn {      // chosen by the person; checkins.hpp
  unsigned days = 0;  // bit 0 = Monday
  int minute = 0;     // local, of the day
  int unanswered = 0, skipped = 0;
  Time sent{};
  bool flexible = false;                 // may come an hour earlier or later, as it is answered best
  int slot = 1;                          // of the next one: 0 an hour earlier, 1 as chosen, 2 an hour later
  int waits = -1;                        // slot of the last one, until it is answered
  std::array<int, 3> sends{}, within{};  // by slot: sent, and answered within the hour
};

struct Quiet {  // local hours in which nothing unasked comes, but for what was agreed minutes before
  int from = 22, to = 8;
  bool operator==(const Quiet&) const = default;
};

// A conversation with a person on call, to which both said yes: turn_handover.cpp. Only here, and only while it lasts,
// is kept what was written.
struct Handover {
  enum class From : std::uint8_t { person, on_call, steady };
  struct Line {
    From from = From::person;
    Time at{};
    std::string text;
  };
  Time since{}, heard{}, told{};  // begun; the last word of the person, and of whom they write with
  std::vector<Line> lines;        // the last kMaxHandoverLines
  std::int64_t gone = 0;          // older ones, which are no longer kept
};

struct Sign {
  Need need = Need::suicide;
  int weight = 0;
  Time at{};
};

struct Person {
  std::uint32_t seed = 0;  // stable hash of the contact: which wording comes first
  Time first_seen{}, last_seen{}, last_disclosed{}, sitting_since{}, last_asked{};
  std::string language;  // chosen, or told by the platform or by the first words; empty = not known yet
  std::string country, zone;
  bool country_sure = false, zone_sure = false;
  std::string consent = "unasked";  // yes | no | unasked
  std::string adult = "unasked";    // yes | no | refused | unasked
  bool muted = false, discreet = false, masked = false;
  std::optional<Time> paused_until;
  std::string clear_word;
  Quiet quiet;
  Risk risk = Risk::none;
  Time risk_since{}, risk_checked{};
  Time alarmed{}, alarm_seen{};              // people on call: when they were called, when one of them said so
  bool alerts_carry_words = false;           // they may be told what was written
  std::vector<std::string> pushed;           // browsers that asked to be told: addresses of push services
  std::string alarm_words;                   // of the alarm that is out
  std::optional<Handover> handover;          // while somebody on call reads and answers
  std::map<std::string, Time> closed_gates;  // relationship -> since
  std::string rel;                           // the relationship spoken of now
  std::vector<Frame> stack;                  // the last runs
  int turn = 0;
  std::map<std::string, Fact, std::less<>> facts;
  std::optional<Episode> episode;            // open
  std::vector<Episode> episodes;             // closed
  std::map<std::string, ActionUse> actions;  // pull/action
  std::vector<LogEntry> log;
  std::map<std::string, CheckIn> checkins;  // by kind
  Time last_unasked{};
  Time forget_at{};  // when it is looked again at what may still be kept, though nobody writes
  std::vector<Sign> signs;
  std::map<std::string, Use> uses;
  std::string last_opening;      // first two words of the last bubble
  std::uint32_t last_reply = 0;  // a hash of it: nothing is said twice in a row
  int aside_count = 0, fallback_count = 0;
  Time last_fallback{};

  [[nodiscard]] const std::string& fact(std::string_view name) const;
  [[nodiscard]] bool gate_closed(std::string_view relationship) const;
};

std::string to_json(const Person& person);
tl::expected<Person, std::string> person_from_json(std::string_view json);

// Drops what may not be kept any longer: scratch of the unconsenting after a day, expired parked guides and counters.
void forget_expired(Person& person, Time now);
// When something of it will have to go next, if nobody writes.
Time next_forgetting(const Person& person);

}  // namespace rules
