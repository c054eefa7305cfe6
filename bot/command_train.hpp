// command_train: `steady rules train`: makes rules/packs/LANG/reader.bin and its model card from labelled messages,
// with liblinear (L2-regularised L2-loss support vectors, primal: deterministic). Thresholds come from messages that
// the model at hand was not trained on (three parts of four train, the fourth tells; the held-out fifth is never
// touched). Source: R.-E. Fan et al., LIBLINEAR, JMLR 9 (2008); liblinear 2.3 README, read 2026-11-24. Exit status:
// 0, 1.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace bot {

int rules_train(const std::filesystem::path& folder, const std::string& language,
                const std::vector<std::string>& corpora);

}  // namespace bot
