// classifier: the second reader's model. Rules miss what nobody thought of; linear models over word and letter n-grams
// and over the signals the rules heard, trained offline on labelled messages (`steady rules train`), say how likely a
// message is of each level, need, pull and ask. Deterministic: the same bytes of text, packs and weights give the same
// chances. What follows from them: rules/second_reader.hpp. Weights: rules/packs/LANG/reader.bin, at most
// kMaxReaderBytes: a line of JSON (heads, limits), then one row of kMaxHeads int8 a bucket.
// Threads: after loading, any. Failure: load() says what is wrong with the file.
// Tested by tests/rules/classifier_test.cpp.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "rules/reading.hpp"

namespace rules {

inline constexpr std::uint32_t kBuckets = 1U << 16;  // a power of two
inline constexpr std::size_t kMaxHeads = 48;         // the width of a row: fixed, so that rows are added by vectors
inline constexpr std::size_t kMaxReaderBytes = 4 << 20;

// The buckets of what stands in a message, each once: words, pairs of words, pairs with one word between, the
// 3- to 5-letter pieces of each word, and the signals with their contexts. No emoji.
std::vector<std::uint32_t> features(const Reading& reading);

// What each of so many features counts: a message weighs the same however long it is. For training and for reading.
double feature_value(std::size_t features);

// 0 to 1, of the decision value of a head (J. Platt, Probabilistic outputs for support vector machines, 1999).
double chance(double value, double slope, double offset);

struct Weighed {  // for explain: what stands in the message and how it weighs for a head
  std::string what;
  double weight = 0;
};

class Classifier {
 public:
  struct Head {
    std::string name;              // level.LEVEL (that or graver) | need.NEED | pull.PULL | ask.ASK
    double bias = 0;               // of the decision value
    double scale = 1;              // an int8 weight of one is worth this
    double slope = 1, offset = 0;  // of the chance
    double threshold = 0.5;        // of the chance, from which the head says yes
  };
  struct Limits {  // from which the second reader speaks (rules/second_reader.hpp)
    double alarm = 1, crisis = 1;
  };

  static tl::expected<Classifier, std::string> load(const std::filesystem::path& file);
  // weights: kBuckets rows of kMaxHeads
  Classifier(std::vector<Head> heads, std::vector<std::int8_t> weights, Limits limits);
  [[nodiscard]] std::string bytes() const;  // what load() reads

  [[nodiscard]] std::vector<double> chances(const Reading& reading) const;  // by head
  [[nodiscard]] std::vector<Weighed> explain(const Reading& reading, std::size_t head, std::size_t most) const;
  [[nodiscard]] const std::vector<Head>& heads() const { return heads_; }
  [[nodiscard]] const Limits& limits() const { return limits_; }

 private:
  std::vector<Head> heads_;
  std::vector<std::int8_t> weights_;
  Limits limits_;
};

}  // namespace rules
