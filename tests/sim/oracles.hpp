// oracles: what must hold after a run, whatever failed in it. Threads: one.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "tests/sim/database.hpp"

namespace sim {

inline constexpr std::size_t kNodes = 2;

struct Update {
  std::string contact, id, body;
  bool crisis = false, taps = false;  // taps: on what the last message offered, if anything
  Ms first{-1}, acked{-1};            // handed to a node; answered for by one
  std::size_t acked_by = kNodes;      // which; order holds within one node
  std::set<std::size_t> to;           // all that it was handed to
};

struct Arrival {
  Ms at;
  std::string contact, key, text;
  std::vector<std::string> choices;  // payloads
};

struct Run {
  const Database& database;
  const std::vector<Update>& updates;
  const std::vector<Arrival>& arrivals;
  const std::set<std::string>& lost;    // keys of calls whose end nobody knew
  const std::set<std::string>& killed;  // those of them whose process was killed
};

// As sentences, after those of `problems`; none: all is well.
std::vector<std::string> what_is_broken(const Run& run, std::vector<std::string> problems);

}  // namespace sim
