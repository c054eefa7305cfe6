// second_reader: what the classifier may add to a Reading: alone a finding of level concern or support; crisis only
// where a sign of the same need stands in the words; danger never. It never lowers anything and never speaks. And its
// guess at pull and ask, where no rule spoke: it labels, and when it is sure it may open a guide instead of “I didn't
// get that”; what is asked there is asked all the same. One linear model cannot know all the ways of being in danger;
// so the models of every level and every need are asked, and the doubt that all of them are wrong decides. Threads:
// any. Tested by tests/rules/classifier_test.cpp.
#pragma once
#include <span>

#include "rules/classifier.hpp"

namespace rules {

class SecondReader {
 public:
  explicit SecondReader(Classifier classifier);
  void add_to(Reading& reading) const;
  // The same with chances from elsewhere (training: of messages that the models at hand were not trained on).
  void add_to(Reading& reading, std::span<const double> chances) const;
  [[nodiscard]] double alarm(std::span<const double> chances) const;   // >= 0; beyond limits().alarm it speaks
  [[nodiscard]] double crisis(std::span<const double> chances) const;  // >= 0; beyond limits().crisis it may say crisis
  [[nodiscard]] const Classifier& classifier() const { return classifier_; }

 private:
  [[nodiscard]] std::string_view guess(const std::vector<std::size_t>& heads, std::span<const double> chances) const;

  Classifier classifier_;
  std::vector<std::pair<std::size_t, Need>> needs_;          // head, need
  std::vector<std::size_t> levels_, urgent_, pulls_, asks_;  // heads; urgent: crisis and danger
  std::size_t support_, concern_;                            // heads; classifier_.heads().size() when there is none
};

inline constexpr std::string_view kSecondReader = "second reader";  // Finding::rule and Why::rule

}  // namespace rules
