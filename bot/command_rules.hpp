// command_rules: `steady rules check|read|explain`, for authors and for measuring. Reads standard input, writes
// standard output. Exit status: 0 all right, 1 problems found, 2 wrong use.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace rules {
struct Pack;
}

namespace bot {

// Where packs/ and directory/ are: the option, STEADY_RULES, beside the binary, or where it was built from.
std::filesystem::path rules_folder(const std::string& option);

// The packs in `folder`; null when they do not load: then every problem was printed on standard error.
std::shared_ptr<const rules::Pack> load_or_print(const std::filesystem::path& folder);

int rules_check(const std::filesystem::path& folder, const std::vector<std::string>& files);
int rules_texts(const std::filesystem::path& folder, const std::string& language);  // still to be translated, as YAML
int rules_read(const std::filesystem::path& folder);
int rules_explain(const std::filesystem::path& folder, const std::string& text, const std::string& language);

}  // namespace bot
