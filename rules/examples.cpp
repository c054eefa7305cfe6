#include "rules/examples.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "rules/yaml.hpp"

namespace rules {
namespace {

std::string heard_instead(const Reading& reading) {
  std::string out;
  for (const auto& s : reading.signals) out += (out.empty() ? "heard: " : ", ") + std::string(s.name);
  return out.empty() ? "nothing was heard in it" : out;
}

void run_rule(const Detector& detector, const SignalRule& rule, Problems& problems) {
  for (const auto& example : rule.yes) {
    Reading reading = detector.read(example.text);
    const Signal* own = reading.heard(rule.name);
    if (rule.context) {
      auto hits = detector.hits(reading.text);
      bool matched = std::any_of(hits.begin(), hits.end(), [&](const Hit& h) {
        const auto& source = detector.phrase_source(h.phrase);
        return std::any_of(rule.phrases.begin(), rule.phrases.end(), [&](const auto& p) { return &p == &source; });
      });
      if (!matched) problems.push_back(problem_at(example.place, rule.name + " does not see: " + example.text));
      continue;
    }
    if (own == nullptr) {
      problems.push_back(
          problem_at(example.place, rule.name + " does not hear: " + example.text, heard_instead(reading)));
      continue;
    }
    if (rule.finding && rule.finding->level != Level::none && reading.level() < rule.finding->level)
      problems.push_back(problem_at(example.place, rule.name + " is heard, but below its level, in: " + example.text,
                                    "a context lowers it; see in:"));
    const Signal* winner = reading.heard(std::string(family(rule.name)) + ".*");
    if (!rule.finding && winner != nullptr && winner->name != rule.name &&
        winner->end - winner->begin > own->end - own->begin)
      problems.push_back(problem_at(example.place,
                                    std::string(winner->name) + " takes this from " + rule.name + ": " + example.text,
                                    "make the other phrase narrower, or this one longer"));
  }
  for (const auto& example : rule.no)
    if (detector.read(example.text).heard(rule.name) != nullptr)
      problems.push_back(problem_at(example.place, rule.name + " hears, and must not: " + example.text,
                                    "narrow the phrase, or add unless:"));
  for (const auto& example : rule.miss)
    if (detector.read(example.text).heard(rule.name) != nullptr)
      problems.push_back(problem_at(example.place, "no longer missed: " + example.text, "move it from miss: to yes:"));
}

// The slow matcher: every phrase as an RE2 pattern. Only the rule's own examples, or loading would take minutes.
void agree(const Detector& detector, Problems& problems) {
  RE2::Options options(RE2::Quiet);
  options.set_never_capture(true);
  options.set_max_mem(128 << 20);
  for (std::size_t p = 0; p < detector.phrase_count(); ++p) {
    const auto& source = detector.phrase_source(p);
    for (const auto& rule : detector.signals()) {
      if (rule.phrases.empty() || &source < rule.phrases.data() || &source >= rule.phrases.data() + rule.phrases.size())
        continue;
      std::vector<const Example*> all;
      for (const auto& e : rule.yes) all.push_back(&e);
      for (const auto& e : rule.no) all.push_back(&e);
      if (all.empty()) continue;
      RE2 oracle(detector.phrase_regex(p), options);
      if (!oracle.ok()) {
        problems.push_back(problem_at(source.place, "the phrase is too large for the oracle", "split it"));
        continue;
      }
      for (const Example* e : all) {
        Text text = detector.text(e->text);
        auto hits = detector.hits(text);
        bool fast = std::any_of(hits.begin(), hits.end(), [&](const Hit& h) { return h.phrase == p; });
        if (fast != RE2::PartialMatch(text.normal, oracle))
          problems.push_back(problem_at(source.place, "the two matchers disagree on: " + e->text,
                                        "report this: it is a fault in Steady"));
      }
    }
  }
}

}  // namespace

Problems run_examples(const Pack& pack) {
  Problems problems;
  for (const auto& [language, detector] : pack.detectors) {
    for (const auto& rule : detector->signals()) run_rule(*detector, rule, problems);
    for (const auto& rule : detector->together()) {
      for (const auto& e : rule.yes)
        if (detector->read(e.text).level() < rule.gives)
          problems.push_back(problem_at(e.place, "the signs do not add up in: " + e.text));
      for (const auto& e : rule.no)
        if (detector->read(e.text).level() >= rule.gives)
          problems.push_back(problem_at(e.place, "the signs add up, and must not, in: " + e.text));
    }
  }
  return problems;
}

Problems run_oracle(const Pack& pack) {
  Problems problems;
  for (const auto& [language, detector] : pack.detectors) agree(*detector, problems);
  return problems;
}

}  // namespace rules
