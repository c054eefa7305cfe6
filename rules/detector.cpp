#include "rules/detector.hpp"

#include <re2/re2.h>

#include <algorithm>

namespace rules {
namespace {

constexpr std::int64_t kPatternMemoryBytes = 1 << 20;
constexpr std::uint32_t kUnlessReach = 3;  // an exception undoes what it touches, or what stands two words from it

bool done_by_another(Need need) {
  return need == Need::partner_violence || need == Need::family_violence || need == Need::controlling_relationship ||
         need == Need::sexual_violence || need == Need::child_abuse;
}

Problem at(const Place& place, std::size_t offset, std::string what, std::string instead) {
  return {place.file, place.line, place.column + static_cast<int>(offset), std::move(what), std::move(instead)};
}

bool overlaps(std::uint32_t begin_a, std::uint32_t end_a, std::uint32_t begin_b, std::uint32_t end_b) {
  return begin_a < end_b && begin_b < end_a;
}

}  // namespace

struct Detector::Pattern {
  std::uint32_t rule = 0;
  std::unique_ptr<RE2> regex;
  std::vector<Symbol> required;
};

Detector::Detector(LanguageSource source) : source_(std::move(source)) {}
Detector::~Detector() = default;

Result<std::unique_ptr<Detector>> Detector::build(LanguageSource source) {
  std::unique_ptr<Detector> detector(new Detector(std::move(source)));
  Problems problems;
  detector->compile(problems);
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  return detector;
}

void Detector::compile(Problems& problems) {
  Lexicon plain;  // rewrites nothing
  if (source_.splits_at_apostrophes) {
    plain.split_at_apostrophes();
    lexicon_.split_at_apostrophes();
  }
  for (const auto& [word, meaning] : source_.rewrites) lexicon_.rewrite(word, canonical_words(meaning, plain));
  for (const auto& word : source_.glued) lexicon_.add_short_piece(word);
  for (const auto& word : source_.common) lexicon_.add_common(word);
  auto clause_words = [&](const std::vector<std::string>& written, ClauseWords::Role role) {
    for (const auto& w : written)
      for (const auto& word : canonical_words(w, plain)) clauses_.add(lexicon_.intern(word), role);
  };
  clause_words(source_.clause_cut, ClauseWords::cut);
  clause_words(source_.clause_join, ClauseWords::join);
  clause_words(source_.clause_subject, ClauseWords::subject);
  clause_words(source_.clause_own, ClauseWords::own);
  compile_sets(problems);
  compile_phrases(problems);
  compile_patterns(problems);
  lexicon_.freeze();
  automaton_.freeze(lexicon_);
}

// Sets may use each other in any order: rounds, until none is left or none can be read.
void Detector::compile_sets(Problems& problems) {
  std::vector<const SetSource*> pending;
  for (const auto& set : source_.sets) pending.push_back(&set);
  Problems round;
  for (std::size_t before = pending.size() + 1; !pending.empty() && pending.size() < before;) {
    before = pending.size();
    round.clear();
    std::erase_if(pending, [&](const SetSource* set) {
      Sequences members;
      std::size_t errors = round.size();
      for (const auto& member : set->members) {
        auto parsed = parse_phrase(member.text, sets_, lexicon_);
        if (!parsed) {
          round.push_back(at(member.place, parsed.error().at, parsed.error().what, parsed.error().instead));
          continue;
        }
        members.insert(members.end(), parsed->begin(), parsed->end());
      }
      if (round.size() > errors) return false;
      sets_[set->name] = fold_set(std::move(members), lexicon_);
      return true;
    });
  }
  problems.insert(problems.end(), round.begin(), round.end());
}

void Detector::compile_phrases(Problems& problems) {
  for (std::uint32_t r = 0; r < source_.signals.size(); ++r) {
    const SignalRule& rule = source_.signals[r];
    auto add = [&](const std::vector<PhraseSource>& sources, Role role) {
      for (const auto& source : sources) {
        auto parsed = parse_phrase(source.text, sets_, lexicon_);
        if (!parsed) {
          problems.push_back(at(source.place, parsed.error().at, parsed.error().what, parsed.error().instead));
          continue;
        }
        for (const auto& sequence : *parsed) automaton_.add(sequence, static_cast<std::uint32_t>(phrases_.size()));
        phrases_.push_back({r, role, &source, std::move(*parsed)});
      }
    };
    add(rule.phrases, Role::match);
    add(rule.unless, Role::unless);
    add(rule.unless_anywhere, Role::unless_anywhere);
  }
}

void Detector::compile_patterns(Problems& problems) {
  RE2::Options options(RE2::Quiet);
  options.set_max_mem(kPatternMemoryBytes);
  for (std::uint32_t r = 0; r < source_.signals.size(); ++r)
    for (const auto& source : source_.signals[r].patterns) {
      Pattern pattern{r, std::make_unique<RE2>("(" + source.regex + ")", options), {}};
      if (!pattern.regex->ok())
        problems.push_back(at(source.place, 0, "the pattern does not compile: " + pattern.regex->error(),
                              "patterns: takes RE2 syntax over lower-case words with one space between"));
      for (const auto& word : source.words) pattern.required.push_back(lexicon_.intern(word));
      if (pattern.required.empty())
        problems.push_back(at(source.place, 0, "a pattern without words", "name words: [..] one of which it needs"));
      patterns_.push_back(std::move(pattern));
    }
}

std::vector<Detector::Match> Detector::match(const Text& text) const {
  std::vector<Match> out;
  for (const Hit& hit : automaton_.match(text, lexicon_))
    out.push_back({phrases_[hit.phrase].rule, hit.phrase, hit.begin, hit.end, false});
  for (const Pattern& pattern : patterns_) {
    bool possible = std::any_of(text.words.begin(), text.words.end(), [&](const Word& w) {
      return std::find(pattern.required.begin(), pattern.required.end(), w.id) != pattern.required.end();
    });
    re2::StringPiece found;
    if (!possible || !RE2::PartialMatch(text.normal, *pattern.regex, &found)) continue;
    auto from = static_cast<std::uint32_t>(found.data() - text.normal.data());
    auto to = from + static_cast<std::uint32_t>(found.size());
    Match m{pattern.rule, 0, 0, 0, true};
    for (std::uint32_t i = 0; i < text.words.size(); ++i) {
      if (text.words[i].begin + text.words[i].size <= from) m.begin = i + 1;
      if (text.words[i].begin < to) m.end = i + 1;
    }
    if (m.begin < m.end) out.push_back(m);
  }
  return out;
}

ContextSet Detector::contexts_of(const Text& text, const Match& m, const std::vector<Match>& contexts) const {
  const Word& first = text.words[m.begin];
  const Word& last = text.words[m.end - 1];
  ContextSet out = 0;
  if (first.quoted && last.quoted) out |= bit(Context::quoted);
  for (const Match& c : contexts) {
    const ContextRule& rule = *source_.signals[c.rule].context;
    if (c.begin >= m.begin && c.end <= m.end) continue;  // part of what was matched
    bool reaches = false;
    switch (rule.scope) {
      case Scope::after:
        reaches = c.end <= m.begin && text.words[c.end - 1].clause == first.clause &&
                  m.begin - c.end <= static_cast<std::uint32_t>(rule.reach_words);
        break;
      case Scope::clause:
        reaches = text.words[c.begin].clause >= first.clause && text.words[c.begin].clause <= last.clause;
        break;
      case Scope::sentence: reaches = text.words[c.begin].sentence == first.sentence; break;
      case Scope::message: reaches = true; break;
    }
    if (reaches) out |= bit(rule.context);
  }
  return out;
}

const SignalRule* Detector::rule_named(std::string_view name) const {
  auto it = std::find_if(source_.signals.begin(), source_.signals.end(), [&](const auto& r) { return r.name == name; });
  return it == source_.signals.end() ? nullptr : &*it;
}

void Detector::conclude(Reading& reading, const Match& m, ContextSet contexts, bool findings_only) const {
  const SignalRule* rule = &source_.signals[m.rule];
  if (rule->finding && done_by_another(rule->finding->need) && holds(contexts, Context::other) &&
      std::any_of(reading.text.words.begin() + m.begin, reading.text.words.begin() + m.end,
                  [this](const auto& word) { return clauses_.has(word.id, ClauseWords::own); }))
    contexts &= static_cast<ContextSet>(
        ~bit(Context::other));  // "my boyfriend says he'll make me pay": told of him, done to me
  Level level = rule->finding ? rule->finding->level : Level::none;
  for (std::size_t c = 0; c < kContexts; ++c) {
    if (!holds(contexts, static_cast<Context>(c))) continue;
    const Effect& effect = rule->in[c];
    if (effect.kind == Effect::Kind::drop) return;
    if (effect.kind == Effect::Kind::level) level = effect.level;
    if (effect.kind == Effect::Kind::become) {
      rule = rule_named(effect.become);
      level = rule->finding ? rule->finding->level : Level::none;
      break;
    }
  }
  auto of_every_language = [](std::string_view f) { return f == "control" || f == "tongue"; };
  if (!rule->finding && findings_only && !of_every_language(family(rule->name))) return;
  int sign = rule->finding ? rule->finding->sign : 0, before = -1;  // of this signal, elsewhere in the message
  if (rule->finding && level < rule->finding->level) sign /= 2;     // denied, past, another's: it weighs less
  for (const Signal& s : reading.signals)
    if (s.name == rule->name) before = std::max(before, s.sign);
  int denied_too = 0;  // what the same denied words have counted already: denying a thing twice over does not add up
  if (rule->finding && holds(contexts, Context::denied))
    for (const Signal& s : reading.signals)
      if (holds(s.contexts, Context::denied) && overlaps(s.begin, s.end, m.begin, m.end))
        denied_too = std::max(denied_too, s.sign);
  bool whole = m.begin == 0 && m.end == reading.text.words.size();
  std::uint32_t from = reading.text.words[m.begin].from, to = reading.text.words[m.end - 1].to;
  reading.signals.push_back({rule->name, m.begin, m.end, contexts, sign, whole, from, to});
  if (before < 0)
    reading.why.push_back(
        {rule->name, rule->place.file, m.from_pattern ? rule->place.line : phrases_[m.phrase].source->place.line});
  if (!rule->finding) return;
  reading.signs[static_cast<std::size_t>(rule->finding->need)] += std::max(0, sign - std::max({0, before, denied_too}));
  if (level == Level::none) return;
  Subject subject = holds(contexts, Context::other) ? Subject::other : rule->finding->subject;
  reading.findings.push_back({rule->finding->need, level, subject, holds(contexts, Context::past),
                              holds(contexts, Context::denied), rule->name, from, to, source_.language});
}

void Detector::add_together(Reading& reading) const {
  for (const TogetherRule& rule : source_.together) {
    if (rule.within_hours > 0) continue;  // over time: the engine's, which knows the person
    bool met = rule.all.empty() ? reading.signs[static_cast<std::size_t>(rule.need)] >= rule.signs
                                : std::all_of(rule.all.begin(), rule.all.end(),
                                              [&](const auto& name) { return reading.heard(name) != nullptr; });
    if (!met) continue;
    reading.findings.push_back(
        {rule.need, rule.gives, Subject::self, false, false, "together", 0, 0, source_.language});
    reading.why.push_back({"together", rule.place.file, rule.place.line});
  }
}

Reading Detector::read(std::string_view message, bool findings_only) const {
  return read(Tokens::of(message, splits_at_apostrophes()), findings_only);
}

Reading Detector::read(const Tokens& tokens, bool findings_only, std::span<const Undone> undone) const {
  Reading reading;
  reading.language = source_.language;
  reading.spelled_in = source_.language;
  reading.text = Text::read(tokens, lexicon_, clauses_);
  std::vector<Match> matches = match(reading.text), contexts, blockers;
  std::erase_if(matches, [&](const Match& m) {
    if (!m.from_pattern && phrases_[m.phrase].role != Role::match) return blockers.push_back(m), true;
    if (source_.signals[m.rule].context) return contexts.push_back(m), true;
    return false;
  });
  auto blocked = [&](const Match& m) {
    bool context = source_.signals[m.rule].context.has_value();  // "not" is one word: only what holds it undoes it
    return std::any_of(blockers.begin(), blockers.end(), [&](const Match& b) {
      if (b.rule != m.rule) return false;
      if (phrases_[b.phrase].role == Role::unless_anywhere || overlaps(b.begin, b.end, m.begin, m.end)) return true;
      return !context && reading.text.words[b.begin].clause == reading.text.words[m.begin].clause &&
             overlaps(b.begin, b.end + kUnlessReach, m.begin, m.end + kUnlessReach);
    });
  };
  std::erase_if(contexts, blocked);
  for (const Match& m : matches) {
    const auto& finding = source_.signals[m.rule].finding;
    std::uint32_t from = reading.text.words[m.begin].from, to = reading.text.words[m.end - 1].to;
    bool elsewhere = finding && std::any_of(undone.begin(), undone.end(), [&](const Undone& u) {
                       return u.need == finding->need && u.begin <= from && to <= u.end;
                     });
    if (elsewhere) continue;
    if (!blocked(m)) conclude(reading, m, contexts_of(reading.text, m, contexts), findings_only);
    else if (finding) reading.undone.push_back({finding->need, from, to});
  }
  add_together(reading);
  return reading;
}

}  // namespace rules
