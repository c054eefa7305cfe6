// episode: the record of one triggered moment, and which steadier actions have helped this person.
// Definitions: conversation.md 8 and 9.1. Tested by tests/rules/parts_test.cpp.
#pragma once
#include <string>
#include <vector>

#include "rules/person.hpp"

namespace rules {

inline constexpr std::chrono::hours kSameEpisode{12};  // a second trigger within it is the same episode

void open_episode(Person& person, Time now);
void note_fact(Person& person, std::string_view name,
               const std::string& value);  // mirrors a fact into the open episode
void add_point(Person& person, int strength, Time now);
void close_episode(Person& person, Time now);
void count_action(Person& person, Time now);  // at the check-back: was the chosen action tried, did it help

// helped + 1 over tried + 2; only actions tried at least twice count as the person's own best.
struct BestAction {
  std::string action;
  Time last{};
};
std::vector<BestAction> best_actions(const Person& person, std::string_view pull);
// Tried often, and hardly ever of help: not offered first any more.
bool spent(const Person& person, std::string_view pull, std::string_view action);

}  // namespace rules
