// matchers_bench: our matcher beside RE2 one by one, RE2::Set, FilteredRE2 and Hyperscan, on the phrases of the English
// pack.
//   matchers_bench RULES MESSAGES.txt -> {"phrases": ..., "matchers": [{"name", "us": a message, "ready_s", "hits"}..]}
// Every matcher gets the same words in one spelling (Text::normal) and each phrase as the pattern that is its oracle;
// ours is also timed with what comes before it, cutting and spelling. Each message is seen once: a matcher that builds
// its states while it reads is not flattered. The others are spared the phrases whose sets make a pattern of over 4,000
// bytes (Hyperscan takes none over 16,000): "shared" says how many all have; ours carries all. "hits" are shared
// phrases found over all messages; who saw the same messages must find the same, or the program ends with 1.
#include <hs/hs.h>
#include <re2/filtered_re2.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "rules/detector.hpp"
#include "rules/pack.hpp"

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::int64_t kSetMemoryBytes = std::int64_t{1} << 30;
constexpr std::size_t kLongestPattern = 4'000;
constexpr std::size_t kSinglyMessages = 40;  // one by one takes a millisecond and more a message

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

class Table {
 public:
  void row(const char* name, double ready_s, std::size_t messages,
           const std::function<std::size_t(std::size_t)>& hits_of) {
    std::size_t hits = 0;
    auto begin = Clock::now();
    for (std::size_t i = 0; i < messages; ++i) hits += hits_of(i);
    double us = seconds_since(begin) * 1e6 / static_cast<double>(messages);
    rows_.push_back({{"name", name}, {"us", us}, {"ready_s", ready_s}, {"hits", hits}, {"messages", messages}});
  }
  [[nodiscard]] const nlohmann::json& rows() const { return rows_; }

 private:
  nlohmann::json rows_ = nlohmann::json::array();
};

// Which of the literals, or patterns, a text holds: each once.
class Hyperscan {
 public:
  Hyperscan(const std::vector<std::string>& patterns, bool literal) {
    std::vector<const char*> text;
    std::vector<std::size_t> sizes;
    std::vector<unsigned> ids, flags(patterns.size(), HS_FLAG_SINGLEMATCH);
    for (const auto& p : patterns) {
      ids.push_back(static_cast<unsigned>(text.size()));
      text.push_back(p.c_str());
      sizes.push_back(p.size());
    }
    hs_compile_error_t* error = nullptr;
    auto many = static_cast<unsigned>(patterns.size());
    hs_error_t result = literal ? hs_compile_lit_multi(text.data(), flags.data(), ids.data(), sizes.data(), many,
                                                       HS_MODE_BLOCK, nullptr, &database_, &error)
                                : hs_compile_multi(text.data(), flags.data(), ids.data(), many, HS_MODE_BLOCK, nullptr,
                                                   &database_, &error);
    if (result != HS_SUCCESS) {
      std::fprintf(stderr, "hyperscan: pattern %d: %s\n", error->expression, error->message);
      std::exit(1);
    }
    hs_alloc_scratch(database_, &scratch_);
  }
  ~Hyperscan() {
    hs_free_scratch(scratch_);
    hs_free_database(database_);
  }
  Hyperscan(const Hyperscan&) = delete;
  Hyperscan& operator=(const Hyperscan&) = delete;

  void scan(const std::string& text, std::vector<int>& found) const {
    found.clear();
    auto keep = [](unsigned id, unsigned long long, unsigned long long, unsigned, void* out) {
      static_cast<std::vector<int>*>(out)->push_back(static_cast<int>(id));
      return 0;
    };
    hs_scan(database_, text.data(), static_cast<unsigned>(text.size()), 0, scratch_, keep, &found);
  }

 private:
  hs_database_t* database_ = nullptr;
  hs_scratch_t* scratch_ = nullptr;
};

RE2::Options quiet() {
  RE2::Options options(RE2::Quiet);
  options.set_max_mem(kSetMemoryBytes);
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::fputs("matchers_bench RULES MESSAGES.txt\n", stderr), 1;
  auto loading = Clock::now();
  auto pack = rules::load_pack(argv[1], false);
  const double loaded_s = seconds_since(loading);  // all packs of all languages
  if (!pack) return std::fputs("the packs do not load: steady rules check\n", stderr), 1;
  auto found_english = (*pack)->detectors.find("en");
  if (found_english == (*pack)->detectors.end()) return std::fputs("no English pack\n", stderr), 1;
  const rules::Detector* english = found_english->second.get();

  std::vector<std::string> messages, patterns;
  std::ifstream file(argv[2]);
  for (std::string line; std::getline(file, line);) messages.push_back(line);
  if (messages.size() < kSinglyMessages) return std::fputs("too few messages\n", stderr), 1;
  std::vector<bool> shared(english->phrase_count());
  for (std::size_t p = 0; p < shared.size(); ++p) {
    std::string pattern = english->phrase_regex(p);
    shared[p] = pattern.size() <= kLongestPattern;
    if (shared[p]) patterns.push_back(std::move(pattern));
  }
  std::vector<rules::Text> texts;
  std::size_t bytes = 0;
  for (const auto& m : messages) {
    texts.push_back(english->text(m));
    bytes += m.size();
  }

  Table table;
  auto distinct = [&shared](const std::vector<rules::Hit>& hits) {
    std::set<std::uint32_t> phrases;
    for (const auto& h : hits)
      if (shared[h.phrase]) phrases.insert(h.phrase);
    return phrases.size();
  };
  table.row("ours, the words given", loaded_s, texts.size(),
            [&](std::size_t i) { return distinct(english->hits(texts[i])); });
  table.row("ours, with cutting and spelling", loaded_s, texts.size(),
            [&](std::size_t i) { return distinct(english->hits(english->text(messages[i]))); });
  std::vector<int> found;
  {
    auto begin = Clock::now();
    Hyperscan all(patterns, false);
    table.row("Hyperscan", seconds_since(begin), texts.size(), [&](std::size_t i) {
      all.scan(texts[i].normal, found);
      return found.size();
    });
  }
  {
    auto begin = Clock::now();
    re2::FilteredRE2 filtered;
    std::vector<std::string> atoms;
    for (const auto& p : patterns) {
      int id = 0;
      if (filtered.Add(p, quiet(), &id) != RE2::NoError)
        return std::fputs("FilteredRE2 refuses a pattern\n", stderr), 1;
    }
    filtered.Compile(&atoms);
    Hyperscan of_atoms(atoms, true);
    std::vector<int> matching;
    table.row("FilteredRE2, its atoms by Hyperscan", seconds_since(begin), texts.size(), [&](std::size_t i) {
      of_atoms.scan(texts[i].normal, found);
      matching.clear();
      filtered.AllMatches(texts[i].normal, found, &matching);
      return matching.size();
    });
  }
  {
    auto begin = Clock::now();
    RE2::Set set(quiet(), RE2::UNANCHORED);
    for (const auto& p : patterns) set.Add(p, nullptr);
    if (set.Compile())
      table.row("RE2::Set", seconds_since(begin), texts.size(), [&](std::size_t i) {
        set.Match(texts[i].normal, &found);
        return found.size();
      });
  }
  {
    auto begin = Clock::now();
    std::vector<std::unique_ptr<RE2>> singly;
    for (const auto& p : patterns) singly.push_back(std::make_unique<RE2>(p, quiet()));
    table.row("RE2, one by one", seconds_since(begin), kSinglyMessages, [&](std::size_t i) {
      return static_cast<std::size_t>(std::count_if(
          singly.begin(), singly.end(), [&](const auto& re) { return RE2::PartialMatch(texts[i].normal, *re); }));
    });
  }
  nlohmann::json out{{"phrases", shared.size()},
                     {"shared", patterns.size()},
                     {"messages", messages.size()},
                     {"bytes", static_cast<double>(bytes) / static_cast<double>(messages.size())},
                     {"matchers", table.rows()}};
  std::puts(out.dump().c_str());
  for (const auto& row : table.rows())
    if (row["messages"] == messages.size() && row["hits"] != table.rows()[0]["hits"])
      return std::fputs("the matchers do not agree\n", stderr), 1;
  return 0;
}
