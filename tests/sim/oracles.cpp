#include "tests/sim/oracles.hpp"

#include <algorithm>

#include "bot/conversation.hpp"
#include "rules/person.hpp"

namespace sim {
namespace {

constexpr Ms kHelp{180'000};  // so soon who may be in danger has an answer, from when the service answered for it

void check_people(const Run& run, std::vector<std::string>& problems) {
  // Every person is what their messages, one after the other, make of them.
  std::map<std::string, rules::Person> people;
  for (const auto& applied : run.database.history) {
    rules::Person& person = people[applied.address.contact];
    person = applied.decide(std::move(person)).next;
  }
  for (const auto& [contact, person] : people)
    if (rules::to_json(person) != rules::to_json(run.database.people.at(contact)))
      problems.push_back(contact + ": not what the messages make of it, one after the other");
}

void check_updates(const Run& run, std::vector<std::string>& problems) {
  std::map<std::string, std::size_t> place;
  for (std::size_t i = 0; i < run.database.history.size(); ++i) {
    const auto& h = run.database.history[i];
    if (!place.emplace(h.address.contact + "\n" + h.event, i).second) problems.push_back(h.event + ": taken twice");
  }
  for (const Update& u : run.updates) {
    auto it = place.find(u.contact + "\n" + u.id);
    if (u.acked < Ms(0)) problems.push_back(u.id + ": never answered for");
    else if (it == place.end()) problems.push_back(u.id + ": answered for, and lost");
    for (const Update& later : run.updates) {
      auto other = place.find(later.contact + "\n" + later.id);
      bool after = later.contact == u.contact && u.acked >= Ms(0) && later.first > u.acked;
      bool same = later.to.size() == 1 && later.to.contains(u.acked_by);
      if (after && same && it != place.end() && other != place.end() && other->second < it->second)
        problems.push_back(later.id + ": overtook " + u.id);
    }
    bool helped = std::any_of(run.arrivals.begin(), run.arrivals.end(), [&](const Arrival& a) {
      bool route = a.text.find("116 123") != std::string::npos || a.text.find("999") != std::string::npos ||
                   a.text.find("0808") != std::string::npos;
      return a.contact == u.contact && route && a.at >= u.first && a.at <= u.acked + kHelp;
    });
    if (u.crisis && !helped) problems.push_back(u.id + ": nobody told them where help is");
  }
}

// To one person, by one process, what is as urgent comes in the order it was made, but for what had to be sent again.
void check_order(const Run& run, std::vector<std::string>& problems) {
  std::map<std::string, Ms> first;
  for (const Arrival& a : run.arrivals) first.emplace(a.key, a.at);
  std::map<std::string, std::pair<std::int64_t, Ms>> last;  // by person, process and urgency
  for (const auto& [id, kept] : run.database.rows) {
    const auto& m = kept.row.message;
    auto at = first.find(m.key);
    if (at == first.end() || kept.claimed || run.lost.contains(m.key)) continue;
    std::string lane = m.contact + "/" + std::to_string(kept.owner) + (m.urgent ? "!" : "");
    auto [before, is_first] = last.emplace(lane, std::pair(id, at->second));
    if (!is_first && at->second < before->second.second)
      problems.push_back(m.key + ": arrived before reply " + std::to_string(before->second.first));
    before->second = {id, at->second};
  }
}

void check_replies(const Run& run, std::vector<std::string>& problems) {
  std::map<std::string, int> times;
  for (const Arrival& a : run.arrivals) {
    if (a.key.empty()) problems.push_back("a message without a key: " + a.text.substr(0, 40));
    ++times[a.key];
  }
  for (const auto& [id, kept] : run.database.outbox)
    problems.push_back(kept.row.message.key + " (" + kept.event + ") still waits, of generation " +
                       std::to_string(kept.owner));
  for (const auto& [id, kept] : run.database.rows) {
    const auto& message = kept.row.message;
    int n = times[message.key];
    if (n > 1 && !run.lost.contains(message.key) && !kept.claimed)
      problems.push_back(message.key + ": sent " + std::to_string(n) + " times");
    if (n > 1 && message.unasked && !message.urgent && !run.killed.contains(message.key) && !kept.claimed)
      problems.push_back(message.key + ": nobody asked for it, and it was sent " + std::to_string(n) + " times");
    bool given_up = run.database.dead.contains(id) && message.unasked;
    bool said_before = times.contains(bot::aside_key({"sim", message.contact}, kept.event));  // without the store
    if (n == 0 && !given_up && !said_before) problems.push_back(message.key + " (" + kept.event + "): never sent");
    if (run.database.dead.contains(id) && !message.unasked)
      problems.push_back(message.key + ": given up, " + run.database.dead.at(id));
  }
}

}  // namespace

std::vector<std::string> what_is_broken(const Run& run, std::vector<std::string> problems) {
  check_updates(run, problems);
  check_replies(run, problems);
  check_order(run, problems);
  check_people(run, problems);
  return problems;
}

}  // namespace sim
