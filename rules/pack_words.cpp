// Loads what packs say about words: sets, rewrites, signals, findings, contexts, together. README.md of rules/ is the
// reference of the form.
#include <algorithm>

#include "rules/loader.hpp"

namespace rules {
namespace {

constexpr std::array<std::string_view, 4> kScopeNames{"after", "clause", "sentence", "message"};

std::vector<Example> examples(Form& form, std::string_view key) {
  std::vector<Example> out;
  for (auto& t : form.texts(key)) out.push_back({std::move(t.text), std::move(t.place)});
  return out;
}

std::array<Effect, kContexts> usual_effects(const SignalRule& rule) {
  std::array<Effect, kContexts> in;
  if (rule.finding && rule.finding->level == Level::none) return in;  // a weak sign says nothing that could be lowered
  auto set = [&](Context c, Effect::Kind kind, Level level = Level::none) {
    in[static_cast<std::size_t>(c)] = {kind, level, {}};
  };
  if (rule.finding) set(Context::idiom, Effect::Kind::drop);  // "left on read lol" still hurts
  set(Context::quoted, Effect::Kind::drop);
  if (!rule.finding) {
    constexpr std::array<std::string_view, 7> kOnesOwn{"pull", "body", "flood", "numb", "acted", "held", "distress"};
    bool ones_own = std::find(kOnesOwn.begin(), kOnesOwn.end(), family(rule.name)) != kOnesOwn.end();
    set(Context::denied, Effect::Kind::drop);
    if (ones_own) set(Context::other, Effect::Kind::drop);
    return in;
  }
  if (rule.finding->level > Level::concern) {  // safety.md: denied, past, about another: concern, never nothing
    for (Context c : {Context::denied, Context::past, Context::other, Context::idiom, Context::quoted})
      set(c, Effect::Kind::level, Level::concern);
  } else if (rule.finding->level < Level::concern) {
    set(Context::denied, Effect::Kind::drop);
  }
  return in;
}

void load_effects(Form& form, SignalRule& rule, Problems& problems) {
  rule.in = usual_effects(rule);
  const YamlNode* in = form.map("in");
  if (in == nullptr) return;
  for (const auto& [key, value] : in->entries) {
    int context = index_of(kContextNames, key);
    if (context < 0) {
      problems.push_back(
          problem_at(value.place, "no context is called '" + key + "'", suggest(key, list_of(kContextNames))));
      continue;
    }
    Effect& effect = rule.in[static_cast<std::size_t>(context)];
    if (value.scalar == "keep") {
      effect = {};
    } else if (value.scalar == "drop") {
      effect = {Effect::Kind::drop, Level::none, {}};
    } else if (int level = index_of(kLevelNames, value.scalar); level > 0) {
      effect = {Effect::Kind::level, static_cast<Level>(level), {}};
    } else if (value.scalar.find('.') != std::string::npos) {
      effect = {Effect::Kind::become, Level::none, value.scalar};
    } else {
      problems.push_back(problem_at(value.place, "'" + value.scalar + "' is no effect",
                                    "keep, drop, a level, or the name of another signal"));
    }
  }
}

void load_finding(Form& form, SignalRule& rule, const YamlNode& node, Problems& problems) {
  FindingRule finding;
  form.require("need");
  std::string need = form.text("need", "suicide"), level = form.text("level", "none");
  int n = index_of(kNeedNames, need), l = index_of(kLevelNames, level);
  if (n < 0)
    problems.push_back(problem_at(node.place, "no need is called '" + need + "'", suggest(need, list_of(kNeedNames))));
  if (l < 0)
    problems.push_back(
        problem_at(node.place, "no level is called '" + level + "'", suggest(level, list_of(kLevelNames))));
  finding.need = static_cast<Need>(std::max(n, 0));
  finding.level = static_cast<Level>(std::max(l, 0));
  finding.sign = form.number("sign", 0);
  finding.subject = form.text("subject", "self") == "other" ? Subject::other : Subject::self;
  if (finding.level == Level::none && finding.sign == 0)
    problems.push_back(
        problem_at(node.place, rule.name + " has neither a level nor a sign", "level: concern, or sign: 2"));
  rule.finding = finding;
}

void load_context(Form& form, SignalRule& rule, const YamlNode& node, Problems& problems) {
  ContextRule context;
  std::string name = form.text("context"), scope = form.text("scope", "clause");
  int c = index_of(kContextNames, name), s = index_of(kScopeNames, scope);
  if (c < 0)
    problems.push_back(
        problem_at(node.place, "no context is called '" + name + "'", suggest(name, list_of(kContextNames))));
  if (s < 0)
    problems.push_back(
        problem_at(node.place, "no scope is called '" + scope + "'", suggest(scope, list_of(kScopeNames))));
  context.context = static_cast<Context>(std::max(c, 0));
  context.scope = static_cast<Scope>(std::max(s, 0));
  context.reach_words = form.number("reach", context.reach_words);
  rule.context = context;
}

enum class Kind : std::uint8_t { signal, finding, context };

void load_signal(const std::string& name, const YamlNode& node, Kind kind, LanguageSource& out, Problems& problems) {
  SignalRule rule;
  rule.name = name;
  rule.place = node.place;
  if (node.kind == YamlNode::Kind::list || node.kind == YamlNode::Kind::scalar) {  // phrases and nothing else
    if (node.kind == YamlNode::Kind::scalar) rule.phrases.push_back({node.scalar, node.place});
    for (const auto& item : node.items) rule.phrases.push_back({item.scalar, item.place});
    rule.in = usual_effects(rule);
    out.signals.push_back(std::move(rule));
    return;
  }
  Form form(node, name, problems);
  rule.phrases = form.texts("phrases");
  rule.unless = form.texts("unless");
  rule.unless_anywhere = form.texts("unless_anywhere");
  if (const YamlNode* patterns = form.any("patterns"))
    for (const auto& item : patterns->items) {
      Form pattern(item, "a pattern", problems);
      rule.patterns.push_back({pattern.text("re"), pattern.words("words"), item.place});
    }
  rule.yes = examples(form, "yes");
  rule.no = examples(form, "no");
  rule.miss = examples(form, "miss");
  if (kind == Kind::finding) load_finding(form, rule, node, problems);
  if (kind == Kind::context) load_context(form, rule, node, problems);
  if (kind != Kind::context) load_effects(form, rule, problems);
  if (rule.phrases.empty() && rule.patterns.empty())
    problems.push_back(
        problem_at(node.place, name + " has no phrases", "phrases: [...], each with examples under yes: and no:"));
  if (kind == Kind::finding && (rule.yes.empty() || rule.no.empty()))
    problems.push_back(problem_at(node.place, name + " lacks examples",
                                  "a finding shows under yes: and no: what it must and must not find"));
  out.signals.push_back(std::move(rule));
}

void load_together(const YamlNode& list, LanguageSource& out, Problems& problems) {
  for (const auto& item : list.items) {
    Form form(item, "together", problems);
    TogetherRule rule;
    rule.place = item.place;
    rule.all = form.words("all");
    rule.signs = form.number("signs", 0);
    rule.within_hours = form.number("within_hours", 0);
    std::string need = form.text("need"), gives = form.text("gives");
    int n = index_of(kNeedNames, need), l = index_of(kLevelNames, gives);
    if (n < 0) form.wrong(item, "no need is called '" + need + "'", suggest(need, list_of(kNeedNames)));
    if (l < 1) form.wrong(item, "gives: is not a level", suggest(gives, list_of(kLevelNames)));
    if (rule.all.empty() == (rule.signs == 0))
      form.wrong(item, "together needs all: or signs:", "all: [risk.a, risk.b], or signs: 3");
    rule.need = static_cast<Need>(std::max(n, 0));
    rule.gives = static_cast<Level>(std::max(l, 0));
    rule.yes = examples(form, "yes");
    rule.no = examples(form, "no");
    out.together.push_back(std::move(rule));
  }
}

}  // namespace

void load_words(Form& file, const std::string& language, Sources& all) {
  LanguageSource& out = all.languages[language];
  out.language = language;
  if (const YamlNode* rewrites = file.map("rewrites"))
    for (const auto& [word, meaning] : rewrites->entries) out.rewrites.emplace_back(word, meaning.scalar);
  for (auto& line : file.words("common"))
    for (std::size_t at = 0; at < line.size();) {
      std::size_t end = std::min(line.find(' ', at), line.size());
      if (end > at) out.common.push_back(line.substr(at, end - at));
      at = end + 1;
    }
  if (const YamlNode* clauses = file.map("clauses")) {
    Form form(*clauses, "clauses", all.problems);
    out.clause_cut = form.words("cut");
    out.clause_join = form.words("join");
    out.clause_subject = form.words("subject");
    out.clause_own = form.words("own");
    out.glued = form.words("glued");
    for (const auto& word : form.words("apostrophe")) {
      if (word != "splits") form.wrong(*clauses, "apostrophe: " + word, "apostrophe: splits, or no such line");
      out.splits_at_apostrophes = true;
    }
  }
  if (const YamlNode* sets = file.map("sets"))
    for (const auto& [name, members] : sets->entries) {
      SetSource set{name, {}};
      for (const auto& m : members.items) set.members.push_back({m.scalar, m.place});
      if (set.members.empty())
        all.problems.push_back(problem_at(members.place, "the set {" + name + "} is empty", "name: [word, two words]"));
      out.sets.push_back(std::move(set));
    }
  constexpr std::array<std::pair<std::string_view, Kind>, 3> kKinds{
      {{"signals", Kind::signal}, {"findings", Kind::finding}, {"contexts", Kind::context}}};
  for (const auto& [key, kind] : kKinds)
    if (const YamlNode* signals = file.map(key))
      for (const auto& [name, node] : signals->entries) load_signal(name, node, kind, out, all.problems);
  if (const YamlNode* together = file.any("together")) load_together(*together, out, all.problems);
}

}  // namespace rules
