// corpus: labelled messages (JSON lines; the words are defined in tests/corpora/messages/README.md) for training the
// second reader and for measuring. A fifth of the rows, chosen by the hash of the id, is held out: never tuned or
// trained on. Errors: std::runtime_error with file:line, what is wrong and what to write.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "rules/signal.hpp"

namespace bot {

struct LabelledMessage {
  std::string id, language, text, pull, ask, style;
  rules::Level level = rules::Level::none;
  std::vector<std::string> needs;
};

std::uint64_t hash_of_id(std::string_view id);
inline constexpr std::uint64_t kParts = 5;
inline bool held_out(std::string_view id) { return hash_of_id(id) % kParts == 0; }

// `paths`: files, and folders whose *.jsonl are read in the order of their names (but sequences.jsonl).
std::vector<LabelledMessage> read_corpus(const std::vector<std::string>& paths);

// The 95 % interval of a share (E. B. Wilson, 1927).
struct Interval {
  double low = 0, high = 0;
};
Interval wilson(std::size_t hits, std::size_t all);

}  // namespace bot
