#include "rules/second_reader.hpp"

#include <algorithm>

namespace rules {

SecondReader::SecondReader(Classifier classifier) : classifier_(std::move(classifier)) {
  const auto& heads = classifier_.heads();
  support_ = concern_ = crisis_ = heads.size();
  for (std::size_t h = 0; h < heads.size(); ++h) {
    std::string_view name = heads[h].name;
    if (name == "level.support") support_ = h;
    if (name == "level.concern") concern_ = h;
    if (name == "level.crisis") crisis_ = h;
    if (name.starts_with("pull.")) pulls_.push_back(h);
    if (name.starts_with("ask.")) asks_.push_back(h);
    if (!name.starts_with("need.")) continue;
    auto need = std::find(kNeedNames.begin(), kNeedNames.end(), name.substr(5));
    if (need != kNeedNames.end()) needs_.emplace_back(h, static_cast<Need>(need - kNeedNames.begin()));
  }
}

void SecondReader::add_to(Reading& reading) const {
  auto margins = classifier_.margins(reading.text);
  margins.push_back(-1);  // of a head that there is not
  auto guess = [&](const std::vector<std::size_t>& heads) -> std::string_view {
    std::size_t best = margins.size() - 1;
    for (std::size_t h : heads)
      if (margins[h] > 0 && margins[h] > margins[best]) best = h;
    if (best == margins.size() - 1) return {};
    return std::string_view(classifier_.heads()[best].name).substr(classifier_.heads()[best].name.find('.') + 1);
  };
  reading.likely_pull = guess(pulls_);
  reading.likely_ask = guess(asks_);
  if (needs_.empty()) return;
  auto add = [&](Need need, Level level) {
    reading.findings.push_back({need, level, Subject::self, false, false, kSecondReader, 0, 0});
  };
  Level before = reading.level();
  auto likeliest = *std::max_element(needs_.begin(), needs_.end(),
                                     [&](const auto& a, const auto& b) { return margins[a.first] < margins[b.first]; });
  if (margins[crisis_] > 0 && before < Level::crisis)
    for (auto [head, need] : needs_)
      if ((margins[head] > 0 || head == likeliest.first) &&
          (reading.signs[static_cast<std::size_t>(need)] > 0 || reading.found(need)))
        add(need, Level::crisis);
  if (margins[concern_] > 0 && reading.level() < Level::concern) add(likeliest.second, Level::concern);
  if (margins[support_] > 0 && reading.level() < Level::support) add(likeliest.second, Level::support);
  if (reading.level() == Level::none) return;
  for (auto [head, need] : needs_)  // what else it is about
    if (margins[head] > 0 && !reading.found(need)) add(need, Level::support);
  if (reading.level() > before) reading.why.push_back({kSecondReader, "reader.bin", 0});
}

}  // namespace rules
