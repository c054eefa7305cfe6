// libFuzzer target: any bytes through the whole reading, in all installed languages, and through a turn of the engine.
// What may not happen: a crash, a finding outside the message, a message of up to 4 KiB that takes over 50 ms.
//   tests/fuzz/run [SECONDS]   builds with clang 14 and runs from build/fuzz/corpus and what it finds
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "rules/engine.hpp"

namespace {

constexpr std::chrono::milliseconds kLimit{50};  // without a sanitizer; with one, ten times as much
constexpr std::size_t kMaxBytes = 4096;

const rules::Pack& pack() {
  static const std::shared_ptr<const rules::Pack> loaded = rules::load_pack(STEADY_SOURCE "/rules", false).value();
  return *loaded;
}

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes
  const rules::Pack& packs = pack();
  auto start = std::chrono::steady_clock::now();
  rules::Said said;
  said.text = text;
  said.reading = rules::read(packs, text, size % 2 == 0 ? "en" : "es");
  auto took = std::chrono::steady_clock::now() - start;
  if (size <= kMaxBytes) require(took < 10 * kLimit, "a message of 4 KiB took too long");
  for (const auto& s : said.reading.signals) require(s.from <= s.to && s.to <= size, "a signal outside the message");
  for (const auto& f : said.reading.findings)
    require(f.begin <= f.end && f.end <= size, "a finding outside the message");
  rules::Input input;
  input.event = std::move(said);
  auto decision = rules::decide(packs, {}, input, rules::Time(std::chrono::seconds(1'778'500'800)));
  require(!decision.replies.empty() || text.empty(), "no answer to a first message");
  return 0;
}
