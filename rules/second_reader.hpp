// second_reader: what the classifier may add to a Reading: alone a finding of level concern or support; crisis only
// where a sign of the same need stands in the words; danger never. And its guess at pull and ask, where no rule spoke.
// Threads: any. Tested by tests/rules/classifier_test.cpp.
#pragma once
#include "rules/classifier.hpp"
#include "rules/reading.hpp"

namespace rules {

class SecondReader {
 public:
  explicit SecondReader(Classifier classifier);
  void add_to(Reading& reading) const;
  [[nodiscard]] const Classifier& classifier() const { return classifier_; }

 private:
  Classifier classifier_;
  std::vector<std::pair<std::size_t, Need>> needs_;  // head, need
  std::vector<std::size_t> pulls_, asks_;
  std::size_t support_, concern_, crisis_;  // heads; classifier_.heads().size() when there is none
};

inline constexpr std::string_view kSecondReader = "second reader";  // Finding::rule and Why::rule

}  // namespace rules
