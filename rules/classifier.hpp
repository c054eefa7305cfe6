// classifier: the second reader. Rules miss what nobody thought of; a linear model over word and letter n-grams,
// trained offline on labelled messages (`steady rules train`), says how much a message is like those that were in
// danger. It only adds: alone it may give concern or support, with a sign of the same need crisis; danger needs words.
// It never lowers anything and never speaks. Deterministic: the same bytes of text and of weights give the same
// opinion. Weights: rules/packs/LANG/reader.bin, at most kMaxReaderBytes; a line of JSON (heads, thresholds) and then
// one row of kMaxHeads int8 a bucket. Threads: after loading, any. Failure: load() says what is wrong with the file.
// Tested by tests/rules/classifier_test.cpp.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "rules/signal.hpp"
#include "rules/text.hpp"

namespace rules {

inline constexpr std::uint32_t kBuckets = 1U << 16;  // a power of two
inline constexpr std::size_t kMaxHeads = 48;         // the width of a row: fixed, so that rows are added by vectors
inline constexpr std::size_t kMaxReaderBytes = 4 << 20;

// The buckets of what stands in a message, each once: words, pairs of words, pairs with one word between, and
// the 3- to 5-letter pieces of each word.
std::vector<std::uint32_t> features(const Text& text);

// What each of so many features counts: a message weighs the same however long it is. For training and for reading.
double feature_value(std::size_t features);

struct Weighed {  // for explain: what stands in the message and how it weighs for a head
  std::string gram;
  double weight = 0;
};

class Classifier {
 public:
  struct Head {
    std::string name;      // level.support | level.concern | level.crisis | need.NEED | pull.PULL | ask.ASK
    double bias = 0;       // of the decision value
    double scale = 1;      // an int8 weight of one is worth this
    double threshold = 0;  // of the decision value, from which the head says yes
  };

  static tl::expected<Classifier, std::string> load(const std::filesystem::path& file);
  Classifier(std::vector<Head> heads, std::vector<std::int8_t> weights);  // weights: kBuckets rows of kMaxHeads
  [[nodiscard]] std::string bytes() const;                                // what load() reads

  // By head: how far the decision value is beyond its threshold; > 0 is a yes.
  [[nodiscard]] std::vector<double> margins(const Text& text) const;
  [[nodiscard]] std::vector<Weighed> explain(const Text& text, std::size_t head, std::size_t most) const;
  [[nodiscard]] const std::vector<Head>& heads() const { return heads_; }

 private:
  std::vector<Head> heads_;
  std::vector<std::int8_t> weights_;
};

}  // namespace rules
