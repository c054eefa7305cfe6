// command_measure: `steady rules measure`: what the installed packs find in labelled messages, by language, and by
// style so that spelling noise is seen not to be a signal. Rates with 95 % Wilson intervals. Found = that level or a
// higher one. Exit status: 0, or 1 when a file cannot be read.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace bot {

enum class Part { held_out, tuned, all };  // bot/corpus: the fifth that nobody tunes on, the rest, everything

int rules_measure(const std::filesystem::path& folder, const std::vector<std::string>& corpora, Part part);

}  // namespace bot
