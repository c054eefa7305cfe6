#include "rules/reading.hpp"

#include <algorithm>

namespace rules {

const Finding* Reading::gravest() const {
  auto it = std::max_element(findings.begin(), findings.end(),
                             [](const Finding& a, const Finding& b) { return a.level < b.level; });
  return it == findings.end() ? nullptr : &*it;
}

Level Reading::level() const {
  const Finding* f = gravest();
  return f == nullptr ? Level::none : f->level;
}

const Signal* Reading::heard(std::string_view pattern) const {
  const Signal* best = nullptr;
  for (const auto& s : signals)
    if (covers(pattern, s.name) && (best == nullptr || s.end - s.begin > best->end - best->begin)) best = &s;
  return best;
}

bool Reading::heard_any(std::span<const std::string> patterns) const {
  return std::any_of(patterns.begin(), patterns.end(), [this](const auto& p) { return heard(p) != nullptr; });
}

const Signal* Reading::whole(std::string_view pattern) const {
  for (const auto& s : signals)
    if (s.whole && covers(pattern, s.name)) return &s;
  return nullptr;
}

bool Reading::found(Need need) const {
  return std::any_of(findings.begin(), findings.end(), [need](const Finding& f) { return f.need == need; });
}

void Reading::add(const Reading& other) {
  signals.insert(signals.end(), other.signals.begin(), other.signals.end());
  findings.insert(findings.end(), other.findings.begin(), other.findings.end());
  why.insert(why.end(), other.why.begin(), other.why.end());
  for (std::size_t i = 0; i < kNeeds; ++i) signs[i] = std::max(signs[i], other.signs[i]);
}

}  // namespace rules
