// cluster: the service itself (webhooks, conversation, rules, sender, timers, spool) on simulated machines, and the
// world around it: people whose platform sends again until it is answered, a platform that answers replies or does not,
// a database that is away or slow, processes that are killed. A run has a time of faults and then a time without, at
// whose end all must be well. What must hold is in oracles.cpp.
// A seed gives the same run: Verdict::trace is a hash of all that happened. Threads: one.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "rules/pack.hpp"
#include "tests/sim/database.hpp"

namespace sim {

struct Verdict {
  std::vector<std::string> problems;
  std::size_t updates = 0, replies = 0, crashes = 0, calls = 0;
  std::uint64_t trace = 0;
};

// `folder`: for the spools; made if need be, and emptied.
Verdict run(std::uint64_t seed, Bug bug, const std::shared_ptr<const rules::Pack>& pack, const std::string& folder);

}  // namespace sim
