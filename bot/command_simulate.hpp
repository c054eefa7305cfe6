// steady simulate: random but plausible people against the real engine and store (in memory), with a simulated clock.
// Every turn the person is saved and loaded again. Prints what happened, and every broken promise: a check-in in quiet
// hours or a second one a day, the same line twice in a row, a message without an answer, a reply without a way on, a
// person changed by saving. The same seed prints the same, byte for byte.
#pragma once
#include <cstdint>
#include <filesystem>

namespace bot {

struct SimulateOptions {
  std::filesystem::path rules;
  int people = 1000, days = 365;
  std::uint64_t seed = 1;
};

int simulate(const SimulateOptions& options);  // 0 = every promise was kept

}  // namespace bot
