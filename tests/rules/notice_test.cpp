// How long the way through the guide for a triggered moment is, by taps alone (conversation.md 4.1: six), and what
// becomes of lines that follow each other in seconds (2.7).
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "rules/engine.hpp"

namespace rules {
namespace {

const Time kNoon{std::chrono::seconds(1'778'500'800)};

Input input_of(Event event) {
  Input input;
  input.contact.country_hint = "US";
  input.event = std::move(event);
  return input;
}

// Taps from the first question to the guide's own end; breadth first, so the first way found is the shortest. A scale
// is tapped at its least, its middle and just below grounding.
int shortest(const Pack& pack, const std::string& language) {
  Person person;
  person.language = language;
  person.country = "US";
  person.consent = person.adult = "yes";
  person.last_disclosed = person.last_seen = person.first_seen = kNoon - std::chrono::hours(1);
  struct Way {
    Person person;
    std::vector<Choice> choices;
    int taps = 0;
  };
  Decision first = decide(pack, person, input_of(Chose{"notice.begin"}), kNoon);
  std::deque<Way> open{{std::move(first.next), first.replies.at(0).choices, 0}};
  constexpr int kMost = 8;
  while (!open.empty()) {
    Way way = std::move(open.front());
    open.pop_front();
    for (const Choice& choice : way.choices) {
      bool scale = way.choices.size() == 11;
      if (scale && choice.label != "0" && choice.label != "5" && choice.label != "7") continue;
      if (!choice.value.starts_with("notice.")) continue;
      Decision d = decide(pack, way.person, input_of(Chose{choice.value}), kNoon + std::chrono::minutes(way.taps + 1));
      auto closes = [](const std::string& said) { return said.starts_with("notice.close"); };
      if (std::any_of(d.said.begin(), d.said.end(), closes)) return way.taps + 1;
      if (way.taps + 1 < kMost && !d.replies.empty())
        open.push_back({std::move(d.next), d.replies.back().choices, way.taps + 1});
    }
  }
  return kMost + 1;
}

TEST(Notice, TakesSixTaps) {
  auto pack = load_pack(STEADY_SOURCE "/rules", false).value();
  for (const char* language : {"en", "es"}) EXPECT_EQ(shortest(*pack, language), 6) << language;
}

// The first line is answered, those right after it are let stand, and after the last one the question comes once more.
TEST(Burst, IsLetStandAndThenAskedOnceMore) {
  auto pack = load_pack(STEADY_SOURCE "/rules", false).value();
  Person person;
  person.country = "US";
  Time now = kNoon;
  auto write = [&](const std::string& text, int seconds) {
    now += std::chrono::seconds(seconds);
    Said said;
    said.text = text;
    said.reading = read(*pack, text, "en");
    Decision d = decide(*pack, person, input_of(said), now);
    person = d.next;
    return d;
  };
  auto timer_of = [](const Decision& d) {
    for (const auto& t : d.timers)
      if (t.name == kLetStand) return t.at;
    return std::optional<Time>();
  };
  EXPECT_EQ(write("he left me on read", 0).replies.size(), 1U);
  EXPECT_TRUE(write("since the party", 3).replies.empty());
  Decision last = write("with all of his friends", 2);
  EXPECT_TRUE(last.replies.empty());
  ASSERT_EQ(timer_of(last), std::optional(now + kBurst));
  Person before = person;
  Decision again = decide(*pack, person, input_of(Elapsed{std::string(kLetStand)}), now + kBurst);
  ASSERT_EQ(again.replies.size(), 1U);
  EXPECT_FALSE(again.replies[0].choices.empty());
  EXPECT_FALSE(again.replies[0].unasked);
  write("my stomach", 4);  // answered: nothing more is said when the time is up
  EXPECT_TRUE(decide(*pack, person, input_of(Elapsed{std::string(kLetStand)}), now + kBurst).replies.empty());
  before.muted = true;
  EXPECT_TRUE(decide(*pack, before, input_of(Elapsed{std::string(kLetStand)}), now + kBurst).replies.empty());
}

}  // namespace
}  // namespace rules
