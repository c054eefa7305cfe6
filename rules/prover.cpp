#include "rules/prover.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "rules/compose.hpp"
#include "rules/engine.hpp"
#include "rules/turn.hpp"

namespace rules {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Time kNoon{std::chrono::seconds(1'778'500'800)};  // 2026-05-11 12:00 UTC
constexpr std::string_view kCountry = "GB", kNothing = "zzqx vvkj", kOperator = "Elm House";
constexpr int kMaxReplyGraphemes = 1024;  // an interactive message of the narrowest platform
constexpr std::size_t kMaxChoices = 14, kMaxPayloadBytes = 64;
constexpr int kMaxLabelGraphemes = 20;

// By a guide of safety, or by one of `guides`.
bool said_by(const Pack& pack, std::string_view said, std::span<const std::string_view> guides) {
  std::string_view guide = said.substr(0, said.find('.'));
  const Guide* g = pack.guide(guide);
  return (g != nullptr && g->safety) || std::find(guides.begin(), guides.end(), guide) != guides.end();
}

// What may be said while risk is high: safety, what is obeyed at once, and the ways out of a closed room.
bool may_speak_at_high(const Pack& pack, std::string_view said) {
  constexpr std::array<std::string_view, 8> kAlways{"plan",    "control", "limits", "menu",
                                                    "support", "line",    "talk",   "onboarding"};
  return said_by(pack, said, kAlways);
}

struct State {
  const Step* step = nullptr;  // null: nothing waits
  Risk risk = Risk::none;
  bool gate_closed = false, masked = false;
  int misses = 0;
  bool handed_over = false, on_call_here = false;  // a person on call reads; and has just answered

  [[nodiscard]] std::string text() const {
    std::string out = step == nullptr ? "nothing waits" : step->name;
    out += std::string(", risk ") + std::string(kRiskNames[static_cast<std::size_t>(risk)]);
    if (gate_closed) out += ", gate closed";
    if (masked) out += ", masked";
    if (misses > 0) out += ", one answer missed";
    if (handed_over) out += on_call_here ? ", somebody on call answers" : ", handed over";
    return out;
  }
};

std::string guide_of(const Step& step) { return step.name.substr(0, step.name.find('.')); }

// Beside what is written to a person on call: safety, the help it leads to, and what is obeyed at once.
bool may_speak_beside(const Pack& pack, std::string_view said) {
  constexpr std::array<std::string_view, 6> kBeside{"plan", "support", "onboarding", "control", "limits", "line"};
  return said_by(pack, said, kBeside);
}

struct Word {  // something a person may write, read once
  std::string what;
  Said said;
};

class Walker {
 public:
  Walker(const Pack& pack, const std::string& language, Proof& proof, const GoOn& go_on)
      : pack_(pack), language_(language), proof_(proof), go_on_(go_on) {
    auto it = pack.translations.find(language);
    safety_only_ = it != pack.translations.end() && it->second.safety_only;
    collect_words();
  }

  void walk() {
    for (Risk risk : {Risk::none, Risk::watch, Risk::low, Risk::high, Risk::immediate})
      for (bool closed : {false, true}) {
        visit({nullptr, risk, closed, false, 0});
        visit({nullptr, risk, closed, true, 0});
        for (bool here : {false, true}) visit({nullptr, risk, closed, false, 0, true, here});
        for (const auto& [name, guide] : pack_.guides)
          for (const Step& step : guide.steps) {
            bool ordinary = !may_speak_at_high(pack_, step.name);
            if (step.type == AnswerType::none || (risk >= Risk::high && ordinary) || (safety_only_ && ordinary))
              continue;
            for (int misses : {0, 1}) visit({&step, risk, closed, false, misses});
            for (int misses : {0, 1})
              if (may_speak_beside(pack_, step.name)) visit({&step, risk, closed, false, misses, true, false});
          }
      }
    find_traps();
  }

 private:
  using Node = std::string;  // step, risk and gate of a state, for the graph

  void fail(int property, const State& state, std::string shows) {
    proof_.fail(property, language_ + ": " + state.text(), std::move(shows));
  }

  Word word(std::string what, std::string text) const {
    Word w{std::move(what), {}};
    w.said.text = std::move(text);
    w.said.reading = read(pack_, w.said.text, language_);
    return w;
  }

  // The language's own examples are the words: of each need in danger or crisis one, of each control one.
  void collect_words() {
    std::set<std::pair<Need, Level>> seen;
    for (const auto& rule : pack_.detectors.find(language_)->second->signals()) {
      if (rule.finding && rule.finding->level >= Level::crisis && rule.finding->subject == Subject::self &&
          !rule.yes.empty() && seen.emplace(rule.finding->need, rule.finding->level).second) {
        Word w = word("“" + rule.yes.front().text + "”", rule.yes.front().text);
        if (w.said.reading.level() >= Level::crisis) dangers_.push_back(std::move(w));
      }
    }
    nothing_ = word("words that mean nothing", std::string(kNothing));
    for (std::string_view name :
         {"control.stop", "control.help", "control.back", "control.export", "control.erase", "control.human"})
      if (auto text = example_of(name); !text.empty()) controls_.emplace(name, word("“" + text + "”", text));
  }

  std::string example_of(std::string_view signal) const {
    for (std::string_view language : {std::string_view(language_), kSourceLanguage})
      for (const auto& rule : pack_.detectors.find(language)->second->signals())
        if (rule.name == signal && !rule.yes.empty()) return rule.yes.front().text;
    return "";
  }

  Person person_in(const State& s) const {
    Person p;
    p.language = language_;
    p.country = kCountry;
    p.zone = "Europe/London";
    p.country_sure = p.zone_sure = true;
    p.consent = p.adult = "yes";
    p.first_seen = kNoon - hours(24 * 30);
    p.last_seen = p.sitting_since = kNoon - minutes(10);
    p.last_disclosed = p.risk_since = p.risk_checked = kNoon - minutes(10);
    p.last_asked = kNoon - minutes(10);
    p.risk = s.risk;
    p.masked = s.masked;
    p.clear_word = s.masked ? "lantern" : "";
    p.turn = 1;
    if (s.gate_closed) p.closed_gates["any"] = kNoon;
    if (s.gate_closed) p.alarmed = kNoon - minutes(10);  // both are walked with and without
    if (s.handed_over) {
      p.handover.emplace();
      p.handover->since = p.handover->heard = kNoon - minutes(12);
      if (s.on_call_here) p.handover->told = kNoon - minutes(1);
    }
    if (s.step == nullptr) return p;
    Frame f;
    f.guide = guide_of(*s.step);
    f.step = s.step->name;
    f.turn = 1;
    f.misses = s.misses;
    f.since = kNoon - minutes(10);
    f.asked[f.step] = 1;
    p.stack.push_back(std::move(f));
    return p;
  }

  Decision turn(const State& s, Event event, std::string_view country = kCountry) {
    ++proof_.turns;
    Input input;
    input.contact.country_hint = country;
    if (s.gate_closed || s.handed_over) input.contact.operator_name = kOperator;
    input.contact.language = language_;
    input.event = std::move(event);
    Person p = person_in(s);
    p.country = country;
    if (country.empty()) p.zone.clear();
    return decide(pack_, std::move(p), input, kNoon);
  }

  bool names_route(const Decision& d, std::string_view country) const {
    if (d.replies.empty()) return false;
    const std::string& text = d.replies.front().text;
    if (text.find("findahelpline.com") != std::string::npos) return true;
    if (text.find("112") != std::string::npos || text.find("911") != std::string::npos) return true;
    const Country* c = pack_.directory.country(country);
    if (c == nullptr) return false;
    auto named = [&](const std::string& number) { return !number.empty() && text.find(number) != std::string::npos; };
    return std::any_of(c->emergency.begin(), c->emergency.end(), named) ||
           std::any_of(c->services.begin(), c->services.end(),
                       [&](const Service& s) { return named(s.phone) || named(s.sms_to) || named(s.chat); });
  }

  static std::string shown(const std::string& what, const Decision& d) {
    return what + " -> " + (d.replies.empty() ? "(silence)" : "“" + d.replies.front().text + "”");
  }

  void visit(const State& s) {
    proof_.stopped = proof_.stopped || (go_on_ && !go_on_());
    if (proof_.stopped) return;
    ++proof_.states;
    for (const Word& w : dangers_)
      for (std::string_view country : {kCountry, std::string_view()})
        if (Decision d = turn(s, w.said, country); !names_route(d, country)) fail(1, s, shown(w.what, d));
    controls(s);
    if (s.masked) return;
    Node from = node(s.step == nullptr ? "" : s.step->name, s.risk, s.gate_closed, s.handed_over);
    where_.emplace(from, s);
    auto goes = [&](const std::string& what, const Decision& d) {
      check_said(s, what, d);
      edges_[from].insert(node(d.next));
    };
    goes(nothing_.what, turn(s, nothing_.said));
    for (const auto& [name, guide] : pack_.guides)
      for (const auto& [timer, step] : guide.timers)
        if (s.step == nullptr) goes("the timer " + timer, turn(s, Elapsed{timer}));
    if (s.step == nullptr) return;
    std::vector<std::string> values;
    for (const Tap& tap : s.step->taps) values.push_back(tap.value);
    if (s.step->type == AnswerType::scale) values.insert(values.end(), {"0", "5", "10"});
    for (const std::string& value : values) {
      bool leads = value.find('.') != std::string::npos;
      goes("the tap " + value, turn(s, Chose{leads ? value : s.step->name + ".1." + value}));
    }
    asked_too_often(s);
  }

  void check_said(const State& s, const std::string& what, const Decision& d) {
    for (const std::string& said : d.said) {
      if (s.risk >= Risk::high && d.next.risk >= Risk::high && !may_speak_at_high(pack_, said))
        fail(4, s, shown(what, d) + " (said " + said + ")");
      if (s.handed_over && d.next.handover && !may_speak_beside(pack_, said))
        fail(4, s, shown(what, d) + " (said " + said + ")");
      if (s.gate_closed && said.starts_with("repair.")) fail(4, s, shown(what, d) + " (said " + said + ")");
    }
    bool kept = s.step == nullptr || !pack_.guide(guide_of(*s.step))->safety || s.risk < Risk::high || d.said.empty() ||
                std::any_of(d.said.begin(), d.said.end(), [&](const auto& said) { return stays(said); });
    if (!kept) fail(4, s, shown(what, d) + ": leaves the crisis in one step (said " + d.said.front() + ")");
    for (const Reply& reply : d.replies) {
      if (graphemes(reply.text) > kMaxReplyGraphemes) fail(5, s, what + ": longer than 1024 characters: " + reply.text);
      if (reply.choices.size() > kMaxChoices) fail(5, s, what + ": more than 14 choices: " + reply.text);
      for (const Choice& c : reply.choices) {
        if (c.value.size() > kMaxPayloadBytes) fail(5, s, what + ": a payload over 64 bytes: " + c.value);
        if (graphemes(c.label) > kMaxLabelGraphemes) fail(5, s, what + ": a label over 20 characters: " + c.label);
      }
    }
  }

  // Of safety, of help, or of what is obeyed at once.
  [[nodiscard]] bool stays(std::string_view said) const {
    constexpr std::array<std::string_view, 4> kHelp{"plan", "support", "limits", "control"};
    return said_by(pack_, said, kHelp) || said.starts_with("line.route");
  }

  void controls(const State& s) {
    auto said = [](const Decision& d, std::string_view prefix) {
      return std::any_of(d.said.begin(), d.said.end(), [&](const auto& id) { return id.starts_with(prefix); });
    };
    for (const auto& [name, w] : controls_) {
      Decision d = turn(s, w.said);
      bool obeyed = !d.replies.empty();
      if (name == "control.stop") obeyed = d.next.muted && obeyed;
      if (name == "control.help") obeyed = said(d, "control.help");
      if (name == "control.export") obeyed = d.export_all || (s.masked && said(d, "control.export_ask"));
      if (name == "control.erase") obeyed = said(d, "control.erase");
      if (name == "control.human") obeyed = said(d, "control.human");
      if (name == "control.back") obeyed = !said(d, "line.missed") && obeyed;
      if (!obeyed) fail(2, s, shown(w.what, d));
    }
  }

  // The same question to words that mean nothing, again and again.
  void asked_too_often(const State& s) {
    if (s.misses > 0 || pack_.guide(guide_of(*s.step))->safety) return;  // safety stays, and says something else
    Person p = person_in(s);
    int same = 0;
    for (int i = 0; i < kMaxMisses + 1; ++i) {
      ++proof_.turns;
      Input input;
      input.contact.language = language_;
      input.event = nothing_.said;
      Decision d = decide(pack_, std::move(p), input, kNoon + minutes(i));
      p = std::move(d.next);
      same += !p.stack.empty() && p.stack.back().step == s.step->name ? 1 : 0;
    }
    if (same > kMaxMisses) fail(3, s, "words that mean nothing, three times: it still asks the same");
  }

  static Node node(std::string_view step, Risk risk, bool closed, bool handed_over) {
    return std::string(step) + "/" + std::string(kRiskNames[static_cast<std::size_t>(risk)]) +
           (closed ? "/closed" : "") + (handed_over ? "/handed over" : "");
  }
  static Node node(const Person& p) {
    return node(p.stack.empty() ? "" : p.stack.back().step, p.risk, !p.closed_gates.empty(), p.handover.has_value());
  }

  // Backwards from every state in which nothing waits.
  void find_traps() {
    std::map<Node, std::vector<Node>> back;
    std::vector<Node> open;
    std::set<Node> out;
    for (const auto& [from, tos] : edges_)
      for (const Node& to : tos) {
        back[to].push_back(from);
        if (to.starts_with("/") && out.insert(to).second) open.push_back(to);
      }
    while (!open.empty()) {
      Node at = std::move(open.back());
      open.pop_back();
      for (const Node& from : back[at])
        if (out.insert(from).second) open.push_back(from);
    }
    for (const auto& [from, state] : where_)
      if (!from.starts_with("/") && !out.contains(from)) fail(3, state, "no answer, tap or silence leads to an end");
  }

  const Pack& pack_;
  std::string language_;
  Proof& proof_;
  const GoOn& go_on_;
  bool safety_only_ = false;
  std::vector<Word> dangers_;
  Word nothing_;
  std::map<std::string_view, Word> controls_;
  std::map<Node, std::set<Node>> edges_;
  std::map<Node, State> where_;
};

}  // namespace

void Proof::fail(int property, std::string where, std::string shows) {
  if (failed[static_cast<std::size_t>(property)]++ < kMaxShown)
    failures.push_back({property, std::move(where), std::move(shows)});
}

int Proof::proved() const {
  return static_cast<int>(kProperties.size()) -
         static_cast<int>(std::count_if(failed.begin(), failed.end(), [](std::size_t n) { return n > 0; }));
}

Proof prove_walking(const Pack& pack, const GoOn& go_on) {
  Proof proof;
  for (const auto& [language, detector] : pack.detectors)
    if (language == kSourceLanguage || pack.translations.contains(language))
      Walker(pack, language, proof, go_on).walk();
  return proof;
}

Proof prove(const Pack& pack, const GoOn& go_on) {
  Proof proof = prove_walking(pack, go_on);
  if (proof.stopped) return proof;
  Proof standing = prove_standing(pack);
  proof.turns += standing.turns;
  proof.failures.insert(proof.failures.end(), standing.failures.begin(), standing.failures.end());
  for (std::size_t i = 0; i < proof.failed.size(); ++i) proof.failed[i] += standing.failed[i];
  return proof;
}

}  // namespace rules
