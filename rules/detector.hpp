// Detector: which signals of one language a message holds, in which context, and what findings follow.
// Protocol: build() once from the rules of all packs of the language; read() on any thread after that.
// Order inside read(): phrases (automaton) and raw patterns (RE2, behind required words) -> contexts of each match ->
// unless -> what the context does to it -> signs that add up (together).
// Failure: build() lists every phrase or pattern that does not compile, with file:line:column. read() cannot fail.
// Tested by tests/rules/pack_test.cpp.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/automaton.hpp"
#include "rules/reading.hpp"
#include "rules/result.hpp"

namespace rules {

struct SetSource {
  std::string name;
  std::vector<PhraseSource> members;
};

struct LanguageSource {  // everything the packs of one language say about words
  std::string language;
  std::vector<std::pair<std::string, std::string>> rewrites;
  std::vector<std::string> common, clause_cut, clause_join, clause_subject, clause_own, glued;
  bool splits_at_apostrophes = false;
  std::vector<SetSource> sets;
  std::vector<SignalRule> signals;
  std::vector<TogetherRule> together;
};

class Detector {
 public:
  static Result<std::unique_ptr<Detector>> build(LanguageSource source);
  ~Detector();
  Detector(const Detector&) = delete;
  Detector& operator=(const Detector&) = delete;

  // findings_only: what a language other than the person's contributes: findings, controls, names of languages.
  [[nodiscard]] Reading read(std::string_view message, bool findings_only = false) const;
  // undone: what the person's own language did not mean by these words; no other finds it in them either.
  [[nodiscard]] Reading read(const Tokens& tokens, bool findings_only = false,
                             std::span<const Undone> undone = {}) const;
  [[nodiscard]] bool splits_at_apostrophes() const { return source_.splits_at_apostrophes; }  // for Tokens::of

  [[nodiscard]] const std::vector<SignalRule>& signals() const { return source_.signals; }
  [[nodiscard]] const std::vector<TogetherRule>& together() const { return source_.together; }
  [[nodiscard]] const Lexicon& lexicon() const { return lexicon_; }
  [[nodiscard]] std::size_t phrase_count() const { return phrases_.size(); }
  [[nodiscard]] std::size_t states() const { return automaton_.states(); }

  // For the oracle: every phrase with its meaning as an RE2 pattern, and what the automaton says of a message.
  [[nodiscard]] std::string phrase_regex(std::size_t phrase) const {
    return regex(phrases_[phrase].sequences, lexicon_);
  }
  [[nodiscard]] const PhraseSource& phrase_source(std::size_t phrase) const { return *phrases_[phrase].source; }
  [[nodiscard]] Text text(std::string_view message) const { return Text::read(message, lexicon_, clauses_); }
  [[nodiscard]] std::vector<Hit> hits(const Text& text) const { return automaton_.match(text, lexicon_); }

 private:
  enum class Role : std::uint8_t { match, unless, unless_anywhere };
  struct Phrase {
    std::uint32_t rule = 0;
    Role role = Role::match;
    const PhraseSource* source = nullptr;
    Sequences sequences;
  };
  struct Pattern;
  struct Match {
    std::uint32_t rule = 0, phrase = 0;
    std::uint32_t begin = 0, end = 0;
    bool from_pattern = false;
  };

  explicit Detector(LanguageSource source);
  void compile(Problems& problems);
  void compile_sets(Problems& problems);
  void compile_phrases(Problems& problems);
  void compile_patterns(Problems& problems);
  std::vector<Match> match(const Text& text) const;
  ContextSet contexts_of(const Text& text, const Match& match, const std::vector<Match>& contexts) const;
  void conclude(Reading& reading, const Match& match, ContextSet contexts, bool findings_only) const;
  void add_together(Reading& reading) const;
  [[nodiscard]] const SignalRule* rule_named(std::string_view name) const;

  LanguageSource source_;
  Lexicon lexicon_;
  ClauseWords clauses_;
  Sets sets_;
  Automaton automaton_;
  std::vector<Phrase> phrases_;
  std::vector<Pattern> patterns_;
};

}  // namespace rules
