#include "rules/episode.hpp"

#include <algorithm>
#include <charconv>

namespace rules {
namespace {

constexpr int kMinTried = 2;
constexpr int kRetireTried = 5;  // after so many tries an action below a quarter is not offered as best
constexpr std::size_t kMaxPoints = 32;

int number(const std::string& value, int usual) {
  int n = usual;
  auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), n);
  return ec == std::errc{} && end == value.data() + value.size() ? n : usual;
}

double rank(const ActionUse& use) { return (use.helped + 1.0) / (use.tried + 2.0); }

bool spent(const ActionUse& use) { return use.tried >= kRetireTried && 4 * use.helped < use.tried; }

}  // namespace

void open_episode(Person& person, Time now) {
  if (person.episode && now - person.episode->opened < kSameEpisode) return;
  if (person.episode) close_episode(person, now);
  person.episode = Episode{};
  person.episode->opened = now;
  for (const auto& [name, fact] : person.facts) note_fact(person, name, fact.value);
}

void note_fact(Person& person, std::string_view name, const std::string& value) {
  if (!person.episode || value.empty()) return;
  Episode& e = *person.episode;
  if (name == "trigger") e.trigger = value;
  if (name == "pull") e.pull = value;
  if (name == "action") e.action = value;
  if (name == "acted") e.acted = value;
  if (name == "outcome") e.outcome = value;
  if (name == "onset") e.onset_minutes = number(value, -1);
  if (name == "hold") e.hold_minutes = number(value, -1);
  if (name == "rupture") e.rupture = value == "yes";
  if (name == "repaired") e.repaired = value == "yes";
  if (name == "body" && std::find(e.body.begin(), e.body.end(), value) == e.body.end()) e.body.push_back(value);
  e.rel = person.rel;
}

void add_point(Person& person, int strength, Time now) {
  if (!person.episode || strength < 0) return;
  Episode& e = *person.episode;
  if (e.strength < 0) e.strength = strength;
  e.peak = std::max(e.peak, strength);
  if (e.points.size() < kMaxPoints) e.points.push_back({now, strength});
}

void close_episode(Person& person, Time now) {
  if (!person.episode) return;
  person.episode->closed = now;
  person.episodes.push_back(std::move(*person.episode));
  person.episode.reset();
}

void count_action(Person& person, Time now) {
  if (!person.episode || person.episode->action.empty()) return;
  const Episode& e = *person.episode;
  ActionUse& use = person.actions[e.pull + "/" + e.action];
  ++use.tried;
  bool fell = e.points.size() >= 2 && e.points.front().value - e.points.back().value >= 2;
  if (e.outcome == "steady" && fell) ++use.helped;
  use.last = now;
}

bool spent(const Person& person, std::string_view pull, std::string_view action) {
  auto use = person.actions.find(std::string(pull) + "/" + std::string(action));
  return use != person.actions.end() && spent(use->second);
}

std::vector<BestAction> best_actions(const Person& person, std::string_view pull) {
  std::vector<std::pair<double, BestAction>> ranked;
  for (const auto& [key, use] : person.actions) {
    std::size_t slash = key.find('/');
    if (slash == std::string::npos || key.substr(0, slash) != pull || use.tried < kMinTried) continue;
    if (spent(use)) continue;
    ranked.emplace_back(rank(use), BestAction{key.substr(slash + 1), use.last});
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<BestAction> out;
  out.reserve(ranked.size());
  for (auto& [worth, action] : ranked) out.push_back(std::move(action));
  return out;
}

}  // namespace rules
