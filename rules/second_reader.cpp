#include "rules/second_reader.hpp"

#include <algorithm>
#include <cmath>

namespace rules {
namespace {

constexpr double kConcernShare = 0.5;  // of the chance of any level; from there it is at least concern
constexpr double kGuessShare = 0.5;    // of its threshold: from there a guess of pull or ask labels

// Out of fold: three of four that are said to be of a pull are, and half of those that are; of calm ones one in twenty
// is.
constexpr double kSure = 0.4;
// What a message is about tells more than how grave it is (out of fold, at equal alarms: concern +1, support +2
// points).
constexpr double kNeedWeight = 1.5;

double doubt(double chance) { return -std::log(1 - std::min(chance, 1 - 1e-9)); }

}  // namespace

SecondReader::SecondReader(Classifier classifier) : classifier_(std::move(classifier)) {
  const auto& heads = classifier_.heads();
  support_ = concern_ = heads.size();
  for (std::size_t h = 0; h < heads.size(); ++h) {
    std::string_view name = heads[h].name;
    if (name == "level.support") support_ = h;
    if (name == "level.concern") concern_ = h;
    if (name.starts_with("level.")) levels_.push_back(h);
    if (name == "level.crisis" || name == "level.danger") urgent_.push_back(h);
    if (name.starts_with("pull.")) pulls_.push_back(h);
    if (name.starts_with("ask.")) asks_.push_back(h);
    if (!name.starts_with("need.")) continue;
    auto need = std::find(kNeedNames.begin(), kNeedNames.end(), name.substr(5));
    if (need != kNeedNames.end()) needs_.emplace_back(h, static_cast<Need>(need - kNeedNames.begin()));
  }
}

double SecondReader::alarm(std::span<const double> chances) const {
  double sum = 0;
  for (std::size_t h : levels_) sum += doubt(chances[h]);
  for (auto [h, need] : needs_) sum += kNeedWeight * doubt(chances[h]);
  return sum;
}

double SecondReader::crisis(std::span<const double> chances) const {
  double sum = 0;
  for (std::size_t h : urgent_) sum += doubt(chances[h]);
  return sum;
}

std::string_view SecondReader::guess(const std::vector<std::size_t>& heads, std::span<const double> chances) const {
  const Classifier::Head* best = nullptr;
  double beyond = 0;
  for (std::size_t h : heads)
    if (double by = chances[h] - kGuessShare * classifier_.heads()[h].threshold; by > beyond) {
      beyond = by;
      best = &classifier_.heads()[h];
    }
  return best == nullptr ? std::string_view{} : std::string_view(best->name).substr(best->name.find('.') + 1);
}

void SecondReader::add_to(Reading& reading) const { add_to(reading, classifier_.chances(reading)); }

void SecondReader::add_to(Reading& reading, std::span<const double> chances) const {
  const auto& heads = classifier_.heads();
  reading.likely_pull = guess(pulls_, chances);
  reading.likely_ask = guess(asks_, chances);
  double pulled = 0, asked = 0;
  for (std::size_t h : pulls_) pulled += chances[h];
  for (std::size_t h : asks_) asked = std::max(asked, chances[h]);
  reading.sure_pull = pulled > kSure && !reading.likely_pull.empty();
  reading.sure_ask = asked > kSure && !reading.likely_ask.empty();
  if (needs_.empty()) return;
  // Where the words find it of another, and of no one else, so is what is added.
  bool of_other = !reading.findings.empty() && std::all_of(reading.findings.begin(), reading.findings.end(),
                                                           [](const auto& f) { return f.subject == Subject::other; });
  auto add = [&, subject = of_other ? Subject::other : Subject::self](Need need, Level level) {
    reading.findings.push_back({need, level, subject, false, false, kSecondReader, 0, 0, {}});
  };
  Level before = reading.level();
  auto likeliest = *std::max_element(needs_.begin(), needs_.end(),
                                     [&](const auto& a, const auto& b) { return chances[a.first] < chances[b.first]; });
  auto named = [&](Need need) { return reading.signs[static_cast<std::size_t>(need)] > 0 || reading.found(need); };
  // Who denies the thing, and says nothing else of it, is asked once more; that is what concern does.
  bool only_denied =
      !reading.findings.empty() &&
      std::all_of(reading.findings.begin(), reading.findings.end(), [](const auto& f) { return f.denied; }) &&
      std::none_of(reading.signals.begin(), reading.signals.end(),
                   [](const auto& s) { return s.sign > 0 && !holds(s.contexts, Context::denied); });
  if (before < Level::crisis && !only_denied && crisis(chances) > classifier_.limits().crisis)
    for (auto [h, need] : needs_)
      if ((chances[h] > heads[h].threshold || h == likeliest.first) && named(need)) add(need, Level::crisis);
  if (reading.level() < Level::concern && alarm(chances) > classifier_.limits().alarm) {
    auto chance_of = [&](std::size_t h) { return h < chances.size() ? chances[h] : 0; };
    bool concern = chance_of(concern_) > kConcernShare * chance_of(support_);
    // What it is about is only said where the words show it too; else the question that fits any worry is asked.
    Need need = concern && !named(likeliest.second) ? Need::suicide : likeliest.second;
    if (concern || reading.level() == Level::none) add(need, concern ? Level::concern : Level::support);
  }
  if (reading.level() == Level::none) return;
  for (auto [h, need] : needs_)  // what else it is about
    if (chances[h] > heads[h].threshold && !reading.found(need)) add(need, Level::support);
  if (reading.level() > before) reading.why.push_back({kSecondReader, "reader.bin", 0});
}

}  // namespace rules
