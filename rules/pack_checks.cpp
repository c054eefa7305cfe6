// Checks over a compiled pack: names that lead somewhere, and every text (length, placeholders, words to avoid).
#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <set>

#include "rules/compose.hpp"
#include "rules/loader.hpp"
#include "rules/turn.hpp"

namespace rules {
namespace {

constexpr int kMaxTextGraphemes = 320;
constexpr int kMaxLabelGraphemes = 20;

// conversation.md 11.2: what the voice never says. Whole words, lower case.
constexpr std::array<std::string_view, 34> kAvoid{"calm down",      "relax",
                                                  "don't worry",    "simply",
                                                  "should",         "you must",
                                                  "overreacting",   "irrational",
                                                  "toxic",          "narcissist",
                                                  "red flag",       "gaslighting",
                                                  "dysregulated",   "relapse",
                                                  "failure",        "proud of you",
                                                  "great job",      "well done",
                                                  "amazing",        "i understand",
                                                  "i'm worried",    "always here",
                                                  "i promise",      "heal",
                                                  "cure",           "guarantee",
                                                  "diagnos",        "committed suicide",
                                                  "failed attempt", "cry for help",
                                                  "promise me",     "leave him",
                                                  "leave her",      "your attachment style"};

std::string lower(std::string_view s) {
  std::string out(s);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool whole_word(const std::string& text, std::string_view phrase) {
  for (std::size_t at = text.find(phrase); at != std::string::npos; at = text.find(phrase, at + 1)) {
    bool left = at == 0 || std::isalpha(static_cast<unsigned char>(text[at - 1])) == 0;
    std::size_t end = at + phrase.size();
    bool right = end == text.size() || std::isalpha(static_cast<unsigned char>(text[end])) == 0 || phrase == "diagnos";
    if (left && right) return true;
  }
  return false;
}

class Checker {
 public:
  Checker(const Pack& pack, Problems& problems) : pack_(pack), problems_(problems), names_(known_names()) {
    names_.insert(pack.facts.begin(), pack.facts.end());
    for (const auto& [language, detector] : pack.detectors)
      for (const auto& s : detector->signals()) signals_.insert(s.name);
    auto kinds = [&](const std::vector<Act>& list) {
      for (const auto& act : list)
        if (act.kind == Act::Kind::record || act.kind == Act::Kind::checkin) kinds_.insert(act.name);
    };
    for (const auto& [name, guide] : pack.guides)
      for (const auto& step : guide.steps) {
        kinds(step.acts);
        for (const auto& branch : step.next) kinds(branch.acts);
      }
  }

  void condition(const Condition& c, const Place& place) {
    for (const auto& node : c.nodes) {
      using Op = Condition::Op;
      if (node.op == Op::all || node.op == Op::any || node.op == Op::none) continue;
      if (node.op == Op::heard) {
        signal(node.name, place);
      } else if (node.name.starts_with("count.") || node.name.starts_with("days.") ||
                 node.name.starts_with("checkins.")) {
        recorded(node.name, place);
      } else if (!names_.contains(node.name)) {
        problems_.push_back(problem_at(place, "nothing is called '" + node.name + "' in: " + c.source,
                                       suggest(node.name, {names_.begin(), names_.end()})));
      }
    }
  }
  // "count.evidence": some step records evidence; "checkins.evening": some step chooses it.
  void recorded(const std::string& name, const Place& place) {
    std::string kind = name.substr(name.find('.') + 1);
    if (!kinds_.contains(kind))
      problems_.push_back(
          problem_at(place, "nothing is recorded as '" + kind + "'", suggest(kind, {kinds_.begin(), kinds_.end()})));
  }
  void signal(const std::string& pattern, const Place& place) {
    if (std::none_of(signals_.begin(), signals_.end(), [&](const auto& s) { return covers(pattern, s); }))
      problems_.push_back(problem_at(place, "no signal is called '" + pattern + "'",
                                     suggest(pattern, {signals_.begin(), signals_.end()})));
  }
  void target(const std::string& go, const Place& place) {
    if (is_way(go) || pack_.step(go) != nullptr) return;
    std::vector<std::string> steps;
    for (const auto& [name, guide] : pack_.guides)
      for (const auto& step : guide.steps) steps.push_back(step.name);
    problems_.push_back(problem_at(place, "no step is called '" + go + "'", suggest(go, steps)));
  }
  void acts(const std::vector<Act>& list, const Place& place) {
    for (const auto& act : list) {
      if (act.kind == Act::Kind::set || act.kind == Act::Kind::clear) fact(act.name, place);
      if (act.kind == Act::Kind::risk && act.value != "down" && act.value != "resolved" &&
          index_of(kRiskNames, act.value) < 0)
        problems_.push_back(
            problem_at(place, "no risk is called '" + act.value + "'", suggest(act.value, list_of(kRiskNames))));
      if (act.kind == Act::Kind::checkin && !timer_known("checkin." + act.name))
        problems_.push_back(
            problem_at(place, "no guide has a timer 'checkin." + act.name + "'", "name it under timers: of a guide"));
      if (act.kind == Act::Kind::timer && !timer_known(act.name))
        problems_.push_back(
            problem_at(place, "no guide has a timer '" + act.name + "'", "name it under timers: of a guide"));
    }
  }
  void fact(const std::string& name, const Place& place) {
    if (!name.empty() && std::find(pack_.facts.begin(), pack_.facts.end(), name) == pack_.facts.end())
      problems_.push_back(problem_at(place, "no fact is called '" + name + "'", suggest(name, pack_.facts)));
  }
  void guide(const Guide& g) {
    condition(g.closed, g.place);
    if (!g.closed_go.empty()) target(g.closed_go, g.place);
    for (const auto& [timer, step] : g.timers) target(step, g.place);
    for (const auto& step : g.steps) {
      for (const auto& w : step.say) condition(w.when, step.place);
      for (const auto& tap : step.taps) {
        condition(tap.when, step.place);
        if (tap.value.find('.') != std::string::npos) target(tap.value, step.place);
      }
      for (const auto& [value, patterns] : step.hears)
        for (const auto& p : patterns) signal(p, step.place);
      fact(step.saves, step.place);
      acts(step.acts, step.place);
      for (const auto& b : step.next) {
        condition(b.when, step.place);
        target(b.go, step.place);
        acts(b.acts, step.place);
        for (const auto& w : b.say) condition(w.when, step.place);
      }
      bool catch_all = std::any_of(step.next.begin(), step.next.end(),
                                   [](const Branch& b) { return b.answers.empty() && b.when.empty(); });
      if (!catch_all)
        problems_.push_back(
            problem_at(step.place, step.name + " has no way on for every other answer", "end next: with - {go: ...}"));
      if (step.type != AnswerType::none && step.say.empty())
        problems_.push_back(problem_at(step.place, step.name + " asks nothing", "say: [...]"));
    }
  }

 private:
  [[nodiscard]] bool timer_known(const std::string& name) const {
    return std::any_of(pack_.guides.begin(), pack_.guides.end(),
                       [&](const auto& g) { return g.second.timers.contains(name); });
  }
  const Pack& pack_;
  Problems& problems_;
  std::set<std::string> names_, signals_, kinds_;
};

// Question marks outside quotation marks: words offered to be sent may ask something themselves.
int questions(const std::string& text) {
  int n = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 3, "“") == 0) quoted = true;
    if (text.compare(i, 3, "”") == 0) quoted = false;
    if (text[i] == '?' && !quoted) ++n;
  }
  return n;
}

}  // namespace

void check_text(const Pack& pack, const std::string& text, const Place& place, Problems& problems) {
  if (graphemes(text) > kMaxTextGraphemes)
    problems.push_back(problem_at(place, "longer than 320 characters: " + text.substr(0, 40) + "...",
                                  "two short lines and one question"));
  std::string plain = lower(text);
  for (auto phrase : kAvoid)
    if (whole_word(plain, phrase))
      problems.push_back(
          problem_at(place, "words to avoid: '" + std::string(phrase) + "' in: " + text, "see CONTRIBUTING.md, Voice"));
  if (text.find('!') != std::string::npos)
    problems.push_back(problem_at(place, "an exclamation mark in: " + text, "end it with a full stop"));
  if (questions(text) > 1)
    problems.push_back(problem_at(place, "more than one question in: " + text, "one question a message"));
  for (const auto& name : placeholders(text))
    if (!known_placeholder(name, pack))
      problems.push_back(
          problem_at(place, "no placeholder is called {" + name + "}", "see rules/README.md, Placeholders"));
}

void check_names(const Pack& pack, Problems& problems) {
  Checker check(pack, problems);
  for (const auto& [name, guide] : pack.guides) check.guide(guide);
  for (const auto& [control, step] : pack.controls) {
    check.signal(control, Place{"controls", 0, 0});
    check.target(step, Place{"controls", 0, 0});
  }
  for (const auto* list : {&pack.openings, &pack.asides, &pack.safety})
    for (const auto& o : *list) {
      for (const auto& h : o.hears) check.signal(h, o.place);
      check.condition(o.when, o.place);
      check.target(o.go, o.place);
      check.acts(o.acts, o.place);
    }
  for (const auto& n : pack.notes) {
    for (const auto& h : n.hears) check.signal(h, n.place);
    check.condition(n.when, n.place);
    check.acts(n.acts, n.place);
  }
  for (const auto& h : pack.heard_lines)
    for (const auto& pattern : h.hears) check.signal(pattern, Place{"heard", 0, 0});
  for (const auto& [language, detector] : pack.detectors)
    for (const auto& rule : detector->signals())
      for (const auto& effect : rule.in)
        if (effect.kind == Effect::Kind::become) check.signal(effect.become, rule.place);
  for (std::string_view line : kNeededLines)
    if (!pack.lines.contains(line))
      problems.push_back({"packs", 0, 0, "the line '" + std::string(line) + "' is missing", "add it under lines:"});
  for (std::string_view step : kNeededSteps)
    if (pack.step(step) == nullptr)
      problems.push_back({"packs", 0, 0, "the step '" + std::string(step) + "' is missing", "the engine goes there"});
}

void check_texts(const Pack& pack, Problems& problems) {
  auto wordings = [&](const Wordings& list, const Place& place) {
    for (const auto& w : list)
      for (const auto& v : w.variants) check_text(pack, v, place, problems);
  };
  for (const auto& [name, guide] : pack.guides)
    for (const auto& step : guide.steps) {
      wordings(step.say, step.place);
      wordings(step.again, step.place);
      for (const auto& b : step.next) wordings(b.say, step.place);
      for (const auto& tap : step.taps)
        if (graphemes(tap.label) > kMaxLabelGraphemes || tap.label.empty())
          problems.push_back(problem_at(
              step.place, "the label '" + tap.label + "' is empty or longer than 20 characters", "shorten it"));
    }
  for (const auto& [name, lines] : pack.lines) wordings(lines, Place{"line " + name, 0, 0});
  for (const auto& h : pack.heard_lines)
    for (const auto& v : h.say.variants) check_text(pack, v, Place{"heard", 0, 0}, problems);
}

}  // namespace rules
