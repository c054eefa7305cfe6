#include "bot/command_simulate.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <iostream>
#include <optional>
#include <random>

#include "bot/command_rules.hpp"
#include "bot/store_sqlite.hpp"
#include "rules/engine.hpp"
#include "rules/hash.hpp"
#include "rules/schedule.hpp"

namespace bot {
namespace {

using rules::Time;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Time kStart{seconds(1'767'225'600)};  // 2026-01-01
constexpr int kMaxTurns = 18;               // of one conversation
constexpr int kWantsCheckIns = 60;          // percent
constexpr std::size_t kMaxShown = 10, kMaxDue = 100;
constexpr std::array<std::string_view, 6> kZones{"America/New_York", "Europe/Madrid",      "America/Mexico_City",
                                                 "Europe/London",    "Australia/Adelaide", "Asia/Kolkata"};

// Which signals a message opens with, and how often: the examples of the packs are what is written.
struct Opening {
  std::string_view family;
  int weight;
};
constexpr std::array<Opening, 17> kOpenings{{{"trigger.", 24},
                                             {"pull.", 20},
                                             {"body.", 4},
                                             {"flood.", 4},
                                             {"distress", 6},
                                             {"evidence.", 6},
                                             {"setback.", 4},
                                             {"story.", 2},
                                             {"insight", 2},
                                             {"repair.", 3},
                                             {"faq.", 4},
                                             {"find.", 2},
                                             {"control.", 8},
                                             {"social.", 6},
                                             {"acted.", 3},
                                             {"held", 2},
                                             {"risk.", 1}}};

struct Counts {
  std::size_t turns = 0, replies = 0, episodes = 0, alarms = 0, checkins = 0, answered = 0, backed_off = 0,
              repeated = 0, silent = 0, stuck = 0, quiet = 0, twice = 0, changed = 0;
  [[nodiscard]] std::size_t broken() const { return repeated + silent + stuck + quiet + twice + changed; }
};

class Phrases {
 public:
  Phrases(const rules::Pack& pack, const std::string& language) {
    for (const auto& rule : pack.detectors.find(language)->second->signals()) {
      if (rule.context || rule.yes.empty()) continue;
      for (std::size_t f = 0; f < kOpenings.size(); ++f)
        if (rule.name.starts_with(kOpenings[f].family))
          for (const auto& example : rule.yes) by_family_[f].push_back(example.text);
      if (rule.finding) continue;  // somebody in danger opens with it, and does not answer every question with it
      for (const auto& example : rule.yes) all_.push_back(example.text);
    }
    for (std::size_t f = 0; f < kOpenings.size(); ++f)
      weights_.push_back(by_family_[f].empty() ? 0 : kOpenings[f].weight);
  }
  template <class Random>
  const std::string& opening(Random& random) const {
    auto total = static_cast<std::uint64_t>(0);
    for (int w : weights_) total += static_cast<std::uint64_t>(w);
    auto at = random() % total;
    std::size_t f = 0;
    while (at >= static_cast<std::uint64_t>(weights_[f])) at -= static_cast<std::uint64_t>(weights_[f++]);
    return by_family_[f][random() % by_family_[f].size()];
  }
  template <class Random>
  const std::string& any(Random& random) const {
    return all_[random() % all_.size()];
  }

 private:
  std::array<std::vector<std::string>, kOpenings.size()> by_family_;
  std::vector<int> weights_;
  std::vector<std::string> all_;
};

class Life {
 public:
  Life(const rules::Pack& pack, Store& store, const Phrases& phrases, std::string language, std::uint64_t seed,
       Counts& counts, rules::Hash& transcript)
      : pack_(pack),
        store_(store),
        phrases_(phrases),
        address_{"simulated", std::to_string(seed)},
        random_(seed),
        counts_(counts),
        transcript_(transcript) {
    contact_.zone_hint = kZones[random_() % kZones.size()];
    contact_.language_hint = std::move(language);
    contact_.taps = chance(70) ? rules::Taps::rich : chance(50) ? rules::Taps::three : rules::Taps::none;
    talkative_ = 8 + static_cast<int>(random_() % 25);  // percent of days on which something happens
    answers_ = 20 + static_cast<int>(random_() % 75);
  }

  void live(int days) {
    if (chance(kWantsCheckIns)) want_check_ins();
    for (int day = 0; day < days; ++day) {
      now_ = kStart + hours(24 * day) + seconds(random_() % 86'400);
      fire_until(now_);
      if (chance(talkative_)) converse(phrases_.opening(random_));
    }
    fire_until(kStart + hours(24 * days));
  }

 private:
  bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }

  void want_check_ins() {
    now_ = kStart;
    say("settings");
    for (int tap = 0; tap < 3 && !choices_.empty(); ++tap) {
      now_ += seconds(20);
      take(rules::Chose{choices_[random_() % std::min<std::size_t>(3, choices_.size())].value}, true);
    }
  }

  // Few taps say that somebody is in danger, and few people are.
  const std::string& some_choice() {
    std::size_t at = random_() % choices_.size();
    if (choices_[at].value.ends_with(".unsafe") && !chance(5)) at = 0;
    return choices_[at].value;
  }

  void converse(const std::string& opening) {
    say(opening);
    for (int turn = 0; turn < kMaxTurns && !chance(7); ++turn) {
      now_ += seconds(8 + random_() % 90);
      fire_until(now_);
      if (!choices_.empty() && chance(75)) {
        take(rules::Chose{some_choice()}, true);
      } else if (chance(60)) {
        say(std::to_string(random_() % 11));
      } else {
        say(phrases_.any(random_));
      }
      if (choices_.size() == 1 && choices_[0].value == "menu.open") return;  // the conversation has come to its end
    }
  }

  void say(const std::string& text) {
    rules::Said said;
    said.text = text;
    said.reading = rules::read(pack_, text, rules::likely_language(pack_, contact_));
    take(std::move(said), true);
  }

  void fire_until(Time until) {
    for (auto next = store_.next_timer(address_); next && *next <= until; next = store_.next_timer(address_)) {
      Time resume = now_;
      now_ = *next;
      for (const TimerRow& timer : store_.due(*next, kMaxDue)) {
        if (timer.address != address_) continue;
        bool said = take(rules::Elapsed{timer.name}, false);
        if (!timer.name.starts_with("checkin.")) continue;
        if (said) check_in(timer.name);
        if (!said) ++counts_.backed_off;
      }
      now_ = std::max(resume, now_);
    }
  }

  void check_in(const std::string& name) {
    ++counts_.checkins;
    if (rules::out_of_quiet(now_, person_.zone, person_.quiet) != now_)
      broken(counts_.quiet, "a check-in in quiet hours: " + name);
    auto day = rules::local_date(now_, person_.zone);
    if (day == last_day_) broken(counts_.twice, "a second check-in on one day: " + name);
    last_day_ = day;
    if (!chance(answers_)) return;
    ++counts_.answered;
    now_ += minutes(1 + random_() % 50);
    if (!choices_.empty()) take(rules::Chose{some_choice()}, true);
  }

  bool take(rules::Event event, bool person_spoke) {
    std::string what = std::holds_alternative<rules::Said>(event)    ? std::get<rules::Said>(event).text
                       : std::holds_alternative<rules::Chose>(event) ? std::get<rules::Chose>(event).payload
                                                                     : "(a timer)";
    rules::Decision decided;
    bool changed = false, had_episode = person_.episode.has_value(), soon = now_ - person_.last_asked <= rules::kBurst;
    auto decide = [&](const rules::Person& kept) {
      auto again = rules::person_from_json(rules::to_json(kept));
      changed = !again || rules::to_json(*again) != rules::to_json(kept);
      decided = rules::decide(pack_, std::move(*again), {contact_, event}, now_);
      return decided;
    };
    std::promise<TurnResult> promise;
    store_.turn(address_, std::to_string(++events_), now_, decide,
                [&](TurnResult result) { promise.set_value(std::move(result)); });
    TurnResult result = promise.get_future().get();
    ++counts_.turns;
    if (changed || result.kind != TurnResult::Kind::done)
      broken(counts_.changed, "changed by saving, at “" + what + "”");
    for (const OutboxRow& row : result.rows) store_.settle({Settlement::Kind::delivered, row.id, now_, {}});
    judge(decided, what, person_spoke && !soon, had_episode);
    person_ = std::move(decided.next);
    return !decided.replies.empty();
  }

  void judge(const rules::Decision& d, const std::string& what, bool wants_answer, bool had_episode) {
    if (!had_episode && d.next.episode) ++counts_.episodes;
    if (d.alarm) ++counts_.alarms;
    if (wants_answer && d.replies.empty()) broken(counts_.silent, "no answer to: " + what);
    for (const auto& reply : d.replies) {
      ++counts_.replies;
      transcript_.eat(reply.text);
      if (reply.text == last_text_) broken(counts_.repeated, "twice in a row, at “" + what + "”: " + reply.text);
      bool waits = !d.next.stack.empty() && !d.next.stack.back().step.empty();
      if (reply.choices.empty() && !waits && !d.next.masked && !d.erase)
        broken(counts_.stuck, "no way on, at “" + what + "”: " + reply.text);
      last_text_ = reply.text;
      choices_ = reply.choices;
    }
  }

  void broken(std::size_t& count, const std::string& what) {
    ++count;
    if (counts_.broken() <= kMaxShown) std::cerr << "broken: " << what << "\n";
  }

  const rules::Pack& pack_;
  Store& store_;
  const Phrases& phrases_;
  Address address_;
  std::mt19937_64 random_;
  Counts& counts_;
  rules::Hash& transcript_;
  rules::Contact contact_;
  rules::Person person_;  // as the last turn left it
  std::string last_text_;
  std::vector<rules::Choice> choices_;
  rules::Date last_day_;
  Time now_{};
  int talkative_ = 0, answers_ = 0, events_ = 0;
};

}  // namespace

int simulate(const SimulateOptions& options) {
  auto pack = load_or_print(options.rules);
  if (pack == nullptr) return 1;
  Phrases english(*pack, "en"), spanish(*pack, "es");
  Counts counts;
  rules::Hash transcript;
  SqliteStore store(":memory:");
  for (int person = 0; person < options.people; ++person) {
    bool in_spanish = person % 3 == 2;
    std::uint64_t seed = options.seed * 1'000'003 + static_cast<std::uint64_t>(person);
    Life(*pack, store, in_spanish ? spanish : english, in_spanish ? "es" : "en", seed, counts, transcript)
        .live(options.days);
  }
  std::cout << options.people << " people, " << options.days << " days, seed " << options.seed << ": " << counts.turns
            << " turns, " << counts.replies << " replies, " << counts.episodes << " moments, " << counts.alarms
            << " alarms, " << counts.checkins << " check-ins sent, " << counts.answered << " answered, "
            << counts.backed_off << " backed off\n"
            << "said twice in a row " << counts.repeated << ", unanswered " << counts.silent << ", without a way on "
            << counts.stuck << ", in quiet hours " << counts.quiet << ", twice a day " << counts.twice
            << ", changed by saving " << counts.changed << "\ntranscript " << std::hex << transcript.folded() << "\n";
  return counts.broken() == 0 ? 0 : 1;
}

}  // namespace bot
