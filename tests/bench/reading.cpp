// reading_bench: how long one message is read, in all installed languages, the second readers included.
//   reading_bench RULES CORPUS.jsonl [ROUNDS, usually 7] -> {"us_per_message": median of the rounds, "bytes": ..., ...}
// Messages of 80 to 120 bytes of the corpus, each new. Only ratios within one run mean anything: tests/bench/run
// divides by the CPU of the floor measured in the same minute.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "bot/corpus.hpp"
#include "rules/pack.hpp"

int main(int argc, char** argv) {
  constexpr std::size_t kShortest = 80, kLongest = 120;
  if (argc < 3) return std::fputs("reading_bench RULES CORPUS.jsonl [ROUNDS]\n", stderr), 1;
  const std::size_t rounds_asked = std::max(1UL, argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 7);
  auto pack = rules::load_pack(argv[1], false);
  if (!pack) return std::fputs("the packs do not load: steady rules check\n", stderr), 1;
  std::vector<std::string> messages;
  std::size_t bytes = 0;
  for (auto& row : bot::read_corpus({argv[2]}))
    if (row.text.size() >= kShortest && row.text.size() <= kLongest) messages.push_back(std::move(row.text));
  if (messages.empty()) return std::fputs("no message of 80 to 120 bytes\n", stderr), 1;
  for (const auto& m : messages) bytes += m.size();
  std::vector<double> rounds;
  std::size_t findings = 0;
  for (std::size_t round = 0; round < rounds_asked; ++round) {
    auto start = std::chrono::steady_clock::now();
    for (const auto& m : messages) findings += rules::read(**pack, m, "en").findings.size();
    std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    rounds.push_back(took.count() / static_cast<double>(messages.size()));
  }
  std::sort(rounds.begin(), rounds.end());
  std::printf(
      "{\"us_per_message\": %.2f, \"fastest\": %.2f, \"messages\": %zu, \"bytes\": %.1f, \"languages\": %zu, "
      "\"findings\": %zu}\n",
      rounds[rounds.size() / 2], rounds.front(), messages.size(),
      static_cast<double>(bytes) / static_cast<double>(messages.size()), (*pack)->detectors.size(),
      findings / rounds.size());
  return 0;
}
