// Deterministic simulation of the service: for every seed nothing that was answered for is lost, taken twice or taken
// out of turn, every reply is sent, nobody in danger is left without a route; and each planted fault is found.
// STEADY_SEEDS=N tries that many, STEADY_SEED=N that one. A seed that fails is told, and fails again whenever asked
// for.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/sim/cluster.hpp"

namespace sim {
namespace {

std::shared_ptr<const rules::Pack> pack() {
  static const auto loaded = rules::load_pack(STEADY_SOURCE "/rules", false).value();
  return loaded;
}

std::string folder() { return testing::TempDir() + "steady-sim-" + std::to_string(::getpid()); }

std::uint64_t number(const char* name, std::uint64_t usual) {
  const char* value = std::getenv(name);
  return value == nullptr ? usual : std::strtoull(value, nullptr, 10);
}

TEST(Simulation, HoldsForEverySeed) {
  std::uint64_t from = number("STEADY_SEED", 0);
  std::uint64_t seeds = from == 0 ? number("STEADY_SEEDS", 150) : 1;
  Verdict sum;
  for (std::uint64_t seed = std::max<std::uint64_t>(from, 1); seeds-- > 0; ++seed) {
    Verdict v = run(seed, Bug::none, pack(), folder());
    for (const auto& p : v.problems) ADD_FAILURE() << "seed " << seed << ": " << p;
    if (HasFailure()) return;
    sum.updates += v.updates, sum.replies += v.replies, sum.crashes += v.crashes, sum.calls += v.calls;
  }
  EXPECT_GT(sum.crashes, 0U);
  std::cout << sum.updates << " updates, " << sum.calls << " calls, " << sum.replies << " arrived, " << sum.crashes
            << " processes killed: 0 lost, below " << 300.0 / static_cast<double>(sum.updates) << " %\n";
}

TEST(Simulation, TheSameSeedIsTheSameRun) {
  EXPECT_EQ(run(7, Bug::none, pack(), folder()).trace, run(7, Bug::none, pack(), folder()).trace);
  EXPECT_NE(run(7, Bug::none, pack(), folder()).trace, run(8, Bug::none, pack(), folder()).trace);
}

class Planted : public testing::TestWithParam<int> {};

TEST_P(Planted, IsFound) {
  constexpr std::uint64_t kSeeds = 400;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
    if (Verdict v = run(seed, static_cast<Bug>(GetParam()), pack(), folder()); !v.problems.empty()) {
      std::cout << "seed " << seed << ": " << v.problems.front() << "\n";
      return;
    }
  FAIL() << kSeeds << " seeds, and it was not seen";
}

INSTANTIATE_TEST_SUITE_P(Bugs, Planted,
                         testing::Range(static_cast<int>(Bug::acked_before_commit),
                                        static_cast<int>(Bug::spool_overtaken) + 1));

}  // namespace
}  // namespace sim
