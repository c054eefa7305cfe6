// training: linear models over labelled messages, for command_train: one model a question (level, need, pull, ask).
// data_of() reads the corpora once; answer_all() trains every question, four times on three parts of four, so that each
// message has a chance from a model that was not trained on it. Threads: answer_all uses all processors.
// Errors: std::runtime_error where a corpus cannot be read or holds no row of the language. Sources: liblinear 2.3
// (Debian), R.-E. Fan et al., JMLR 9 (2008). Tested by tests/rules/classifier_test.cpp through the readers in the
// packs.
#pragma once
#include <linear.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/corpus.hpp"
#include "rules/classifier.hpp"
#include "rules/pack.hpp"

namespace bot {

struct TrainingData {
  std::vector<LabelledMessage> rows;
  std::vector<rules::Reading> readings;  // by the rules alone
  std::vector<std::vector<feature_node>> features;
  std::vector<int> part;    // 0..3, by hash of id
  std::vector<int> eighth;  // 0..7, by hash of id: for the learning curve
};
inline constexpr int kAllRows = 8;  // eighths

struct TrainingQuestion {
  std::string name;
  std::function<bool(const LabelledMessage&)> yes;
  double cost = 1;         // of an error (liblinear's C)
  double weight = 1;       // of a yes, against a no
  bool translated = true;  // whether rows in a machine's words may teach it
};

// Rows translated by machine (tests/corpora/translate.py) teach words; nothing is measured on them.
inline bool is_translated(const LabelledMessage& row) { return row.id.starts_with("mt-"); }

// What Steady offers to tap may be typed, and is calm.
inline constexpr std::string_view kTap = "tap-";

// Rows written while tuning are near misses on purpose: how many of them alarm says nothing of other people's messages.
inline bool is_others(const LabelledMessage& row) {
  return !row.id.starts_with("own-") && !row.id.starts_with(kTap) && !is_translated(row);
}

struct TrainedHead {  // to a question
  rules::Classifier::Head head;
  std::vector<double> weights;                           // by bucket
  std::vector<double> chances;                           // by row, of a model that was not trained on it
  std::size_t yes = 0, found = 0, calm = 0, alarms = 0;  // at the head's threshold
};

TrainingData data_of(const rules::Pack& pack, const std::string& language, const std::vector<std::string>& corpora);
std::vector<TrainedHead> answer_all(const TrainingData& data, const std::vector<TrainingQuestion>& asked, int eighths);

}  // namespace bot
