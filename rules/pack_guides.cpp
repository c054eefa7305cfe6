// Loads what packs say and ask: guides with their steps, openings, asides, notes, heard-lines and named lines.
#include <algorithm>

#include "rules/loader.hpp"

namespace rules {
namespace {

constexpr std::array<std::string_view, 5> kAnswerTypes{"none", "choice", "scale", "when", "free"};
constexpr std::array<std::string_view, 26> kActNames{
    "set",  "clear",  "risk",     "timer",   "cancel",  "gate",  "episode", "point",   "consent",
    "mute", "unmute", "discreet", "mask",    "pause",   "erase", "export",  "alarm",   "tried",
    "mark", "record", "recalled", "checkin", "picture", "quiet", "drop",    "handover"};

Act act_of(std::string_view name, const YamlNode* value, const YamlNode& place, Problems& problems) {
  int kind = index_of(kActNames, name);
  if (kind < 0)
    problems.push_back(problem_at(place.place, "nothing called '" + std::string(name) + "' can be done",
                                  suggest(name, list_of(kActNames))));
  Act act{static_cast<Act::Kind>(std::max(kind, 0)), {}, {}};
  if (value == nullptr) return act;
  if (value->kind == YamlNode::Kind::map && !value->entries.empty()) {
    act.name = value->entries[0].key;
    act.value = value->entries[0].value.scalar;
  } else {
    act.value = value->scalar;
  }
  return act;
}

std::string absolute(const std::string& guide, std::string target) {
  if (target.empty() || is_way(target) || target.find('.') != std::string::npos) return target;
  return guide + "." + target;
}

void load_branches(const YamlNode& next, const std::string& guide, Step& step, Problems& problems) {
  if (next.kind == YamlNode::Kind::scalar) {
    step.next.push_back({{}, {}, absolute(guide, next.scalar), {}, {}});
    return;
  }
  for (const auto& item : next.items) {
    if (item.kind == YamlNode::Kind::scalar) {
      step.next.push_back({{}, {}, absolute(guide, item.scalar), {}, {}});
      continue;
    }
    Form form(item, "a branch", problems);
    Branch branch;
    branch.answers = form.words("if");
    branch.when = load_condition(form, "when", problems);
    form.require("go");
    branch.go = absolute(guide, form.text("go"));
    branch.say = load_wordings(form.any("say"), step.name + ">" + std::to_string(step.next.size()), problems);
    branch.acts = load_acts(form, problems);
    step.next.push_back(std::move(branch));
  }
}

Step load_step(const std::string& guide, const std::string& name, const YamlNode& node, Problems& problems) {
  Step step;
  step.name = guide + "." + name;
  step.place = node.place;
  Form form(node, step.name, problems);
  step.say = load_wordings(form.any("say"), step.name, problems);
  step.again = load_wordings(form.any("again"), step.name + "~", problems);
  if (const YamlNode* taps = form.map("taps"))
    for (const auto& [value, label] : taps->entries) {
      Tap tap{value, label.scalar, {}};
      if (label.kind == YamlNode::Kind::map) {
        Form inner(label, "a tap", problems);
        tap.label = inner.text("label");
        tap.when = load_condition(inner, "when", problems);
      }
      step.taps.push_back(std::move(tap));
    }
  if (const YamlNode* hears = form.map("hears"))
    for (const auto& [value, patterns] : hears->entries) {
      auto& list = step.hears[value];
      if (patterns.kind == YamlNode::Kind::scalar) list.push_back(patterns.scalar);
      for (const auto& p : patterns.items) list.push_back(p.scalar);
    }
  bool asks = std::any_of(step.taps.begin(), step.taps.end(),
                          [](const Tap& t) { return t.value.find('.') == std::string::npos; });
  std::string type = form.text("answer", asks ? "choice" : "none");  // taps that lead elsewhere wait for nothing
  int t = index_of(kAnswerTypes, type);
  if (t < 0)
    problems.push_back(
        problem_at(node.place, "no answer type is called '" + type + "'", suggest(type, list_of(kAnswerTypes))));
  step.type = static_cast<AnswerType>(std::max(t, 0));
  step.saves = form.text("saves");
  step.asks_anew = form.flag("asks_anew", false);
  step.any_time = form.flag("any_time", false);
  step.skippable = form.flag("skip", true);
  step.yes_side = form.flag("careful", false);
  step.once_more = form.flag("once_more", false);
  step.fixed = form.flag("fixed", false);
  step.keeps_words = form.flag("keeps_words", false);
  step.own = form.text("own");
  step.pick = form.number("pick", 0);
  step.acts = load_acts(form, problems);
  if (const YamlNode* next = form.any("next")) load_branches(*next, guide, step, problems);
  if (step.next.empty()) step.next.push_back({{}, {}, "end", {}, {}});
  return step;
}

}  // namespace

Condition load_condition(Form& form, std::string_view key, Problems& problems) {
  const YamlNode* node = form.any(key);
  if (node == nullptr) return {};
  auto parsed = parse_condition(node->scalar);
  if (parsed) return std::move(*parsed);
  Place place = node->place;
  place.column += static_cast<int>(parsed.error().at);
  problems.push_back(problem_at(place, parsed.error().what, parsed.error().instead));
  return {};
}

Wordings load_wordings(const YamlNode* node, const std::string& id, Problems& problems) {
  Wordings out;
  if (node == nullptr) return out;
  Wording plain;
  plain.id = id;
  if (node->kind == YamlNode::Kind::scalar) plain.variants.push_back(node->scalar);
  for (const auto& item : node->items) {
    if (item.kind == YamlNode::Kind::scalar) {
      plain.variants.push_back(item.scalar);
      continue;
    }
    Form form(item, "a wording", problems);
    Wording wording;
    wording.when = load_condition(form, "when", problems);
    wording.variants = form.words("say");
    wording.id = id + "#" + std::to_string(out.size() + 1);
    if (wording.variants.empty()) form.wrong(item, "a wording says nothing", "say: [\"...\"]");
    out.push_back(std::move(wording));
  }
  if (!plain.variants.empty()) out.push_back(std::move(plain));
  return out;
}

std::vector<Act> load_acts(Form& form, Problems& problems) {
  std::vector<Act> out;
  if (const YamlNode* set = form.map("set"))
    for (const auto& [name, value] : set->entries) out.push_back({Act::Kind::set, name, value.scalar});
  for (auto& name : form.words("clear")) out.push_back({Act::Kind::clear, std::move(name), {}});
  if (const YamlNode* acts = form.any("do")) {
    if (acts->kind == YamlNode::Kind::scalar) out.push_back(act_of(acts->scalar, nullptr, *acts, problems));
    for (const auto& item : acts->items) {
      if (item.kind == YamlNode::Kind::scalar) out.push_back(act_of(item.scalar, nullptr, item, problems));
      for (const auto& [name, value] : item.entries) out.push_back(act_of(name, &value, item, problems));
    }
  }
  return out;
}

namespace {

void load_steps(Form& file, Guide& guide, Problems& problems) {
  const YamlNode* steps = file.map("steps");
  if (steps == nullptr) return;
  for (const auto& [step, node] : steps->entries) {
    if (is_way(step))
      problems.push_back(problem_at(node.place,
                                    "a step cannot be called '" + step + "', which is a way on from any step",
                                    "give it another name"));
    if (!guide.index.emplace(guide.name + "." + step, guide.steps.size()).second)
      problems.push_back(
          problem_at(node.place, "a second step called '" + step + "' in " + guide.name, "give it another name"));
    guide.steps.push_back(load_step(guide.name, step, node, problems));
  }
}

}  // namespace

void load_guide(Form& file, const YamlNode& root, const std::string& name, Sources& out) {
  if (auto known = out.pack.guides.find(name);
      known != out.pack.guides.end()) {  // further steps, in a file of their own
    load_steps(file, known->second, out.problems);
    return;
  }
  Guide guide;
  guide.name = name;
  guide.place = root.place;
  guide.parks = std::chrono::hours(file.number("parks_hours", 48));
  guide.safety = file.flag("safety", false);
  guide.calm = file.flag("calm", true);
  guide.asks_what = file.flag("asks_what", false);
  if (const YamlNode* closed = file.map("closed")) {
    Form form(*closed, "closed", out.problems);
    guide.closed = load_condition(form, "when", out.problems);
    guide.closed_go = absolute(name, form.text("go"));
  }
  if (const YamlNode* timers = file.map("timers"))
    for (const auto& [timer, step] : timers->entries) guide.timers[timer] = absolute(name, step.scalar);
  load_steps(file, guide, out.problems);
  if (guide.steps.empty())
    out.problems.push_back(problem_at(root.place, "the guide has no steps", "steps: with at least one step"));
  out.pack.guides.emplace(name, std::move(guide));
}

void load_lines(Form& file, Sources& out) {
  auto openings = [&](std::string_view key, std::vector<Opening>& list) {
    const YamlNode* node = file.any(key);
    if (node == nullptr) return;
    for (const auto& item : node->items) {
      Form form(item, "an opening", out.problems);
      Opening o;
      o.place = item.place;
      o.hears = form.words("hears");
      o.when = load_condition(form, "when", out.problems);
      o.go = form.text("go");
      o.acts = load_acts(form, out.problems);
      o.first = form.flag("first", false);
      list.push_back(std::move(o));
    }
  };
  openings("openings", out.pack.openings);
  openings("asides", out.pack.asides);
  openings("safety_entries", out.pack.safety);
  if (const YamlNode* controls = file.map("controls"))
    for (const auto& [signal, step] : controls->entries) out.pack.controls.emplace_back(signal, step.scalar);
  if (const YamlNode* notes = file.any("notes"))
    for (const auto& item : notes->items) {
      Form form(item, "a note", out.problems);
      Note n;
      n.place = item.place;
      n.hears = form.words("hears");
      n.when = load_condition(form, "when", out.problems);
      n.acts = load_acts(form, out.problems);
      out.pack.notes.push_back(std::move(n));
    }
  if (const YamlNode* heard = file.any("heard"))
    for (const auto& item : heard->items) {
      Form form(item, "a heard-line", out.problems);
      Pack::HeardLine line;
      line.hears = form.words("hears");
      line.when = load_condition(form, "when", out.problems);
      line.say.variants = form.words("say");
      line.say.id = "heard#" + std::to_string(out.pack.heard_lines.size());
      out.pack.heard_lines.push_back(std::move(line));
    }
  if (const YamlNode* lines = file.map("lines"))
    for (const auto& [name, node] : lines->entries)
      out.pack.lines[name] = load_wordings(&node, "line." + name, out.problems);
  if (const YamlNode* words = file.map("words"))
    for (const auto& [name, node] : words->entries) out.pack.words[name] = node.scalar;
  for (auto& fact : file.words("facts"))
    for (std::size_t at = 0; at < fact.size();) {
      std::size_t end = std::min(fact.find(' ', at), fact.size());
      if (end > at) out.pack.facts.push_back(fact.substr(at, end - at));
      at = end + 1;
    }
}

}  // namespace rules
