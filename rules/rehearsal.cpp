#include "rules/rehearsal.hpp"

#include <algorithm>

namespace rules {

Decision Rehearsal::turn(Event event) {
  Decision decision = decide(pack_, std::move(person), {contact_, std::move(event)}, now);
  person = decision.next;
  if (decision.erase) timers_.clear();
  for (const auto& change : decision.timers) {
    timers_.erase(change.name);
    if (change.at) timers_[change.name] = *change.at;
  }
  return decision;
}

Decision Rehearsal::say(const std::string& text) {
  now += kTyping;
  Said said;
  said.text = text;
  std::string language = likely_language(pack_, contact_);
  said.reading = read(pack_, text, language);
  said.before = before_;
  said.level_before = read(pack_, before_, language).level();
  join(pack_, said);
  before_ = text;
  return turn(std::move(said));
}

Decision Rehearsal::tap(const std::string& payload) {
  now += kTyping;
  return turn(Chose{payload});
}

Decision Rehearsal::elapse(const std::string& timer) {
  now += kTyping;
  return turn(Elapsed{timer});
}

Decision Rehearsal::tell(const std::string& text) {
  now += kTyping;
  return turn(Told{text});
}

Decision Rehearsal::begin() { return turn(Began{}); }

std::vector<Decision> Rehearsal::wait(std::chrono::seconds length) {
  Time until = now + length;
  std::vector<Decision> out;
  auto next = [&] {
    return std::min_element(timers_.begin(), timers_.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; });
  };
  for (auto it = next(); it != timers_.end() && it->second <= until && out.size() < kMaxElapsed; it = next()) {
    now = std::max(now, it->second);
    std::string name = it->first;
    timers_.erase(it);
    out.push_back(turn(Elapsed{name}));
  }
  now = until;
  return out;
}

}  // namespace rules
