// libFuzzer target: any bytes as what authors write and as what we wrote ourselves and read again. The first byte
// chooses: YAML, a phrase, a condition, a person's record, a spool file, a sealed envelope. What may not happen: a
// crash, an error that does not say where, a record that changes by being kept, an update lost behind a damaged spool,
// an envelope that opens.
//   tests/fuzz/run [SECONDS] formats   runs from the packs, and from tests/fuzz/formats
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bot/spool.hpp"
#include "rules/condition.hpp"
#include "rules/person.hpp"
#include "rules/phrase.hpp"
#include "rules/yaml.hpp"

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

void yaml(const std::string& text) {
  if (auto read = rules::parse_yaml(text, "a.yaml"); !read)
    for (const auto& problem : read.error()) require(problem.file == "a.yaml" && !problem.what.empty(), "says nothing");
}

void phrase(const std::string& text) {
  rules::Lexicon lexicon;
  rules::Sets sets;
  if (auto pills = rules::parse_phrase("(pills|a whole box)", sets, lexicon)) sets.emplace("pills", *pills);
  auto read = rules::parse_phrase(text, sets, lexicon);
  if (read) require(read->size() <= rules::kMaxSequences, "more sequences than there may be");
  else require(read.error().at <= text.size() && !read.error().what.empty(), "an error outside the phrase");
}

void condition(const std::string& text) {
  if (auto read = rules::parse_condition(text); !read)
    require(read.error().at <= text.size() && !read.error().what.empty(), "an error outside the condition");
}

void person(const std::string& text) {
  auto read = rules::person_from_json(text);
  if (!read) return;
  std::string kept = rules::to_json(*read);
  auto again = rules::person_from_json(kept);
  require(again.has_value(), "what we wrote is not read");
  require(rules::to_json(*again) == kept, "a record that changes by being kept");
}

void spool(const std::string& text) {
  static const std::string kFile = "/dev/shm/steady-fuzz-" + std::to_string(::getpid());
  std::ofstream(kFile, std::ios::binary) << text;
  {
    bot::Spool spool(kFile, adapters::Secret("a key of the fuzzer"));
    bot::Spooled one;
    one.channel = "tg";
    one.update.id = "last";
    require(spool.add(one), "nothing can be added");
    std::string last;
    require(spool.replay([&](const bot::Spooled& s) {
      last = s.update.id;
      return bot::Spool::Taken::kept;
    }),
            "not all of it is taken");
    require(last == "last", "an update lost behind a damaged spool");
    require(spool.empty(), "something waits that nobody can read");
  }
  std::filesystem::remove(kFile);
}

void envelope(const std::string& text) {
  bot::DataKey key;
  key.bytes = std::string(32, 'k');
  require(!bot::open_sealed(key, text, "person/1"), "an envelope that we did not seal opens");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array kAll{yaml, phrase, condition, person, spool, envelope};
  if (size == 0) return 0;
  kAll[data[0] % kAll.size()](std::string(reinterpret_cast<const char*>(data) + 1, size - 1));  // NOLINT: bytes
  return 0;
}
