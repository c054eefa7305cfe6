// Tests of rules/phrase and rules/automaton: the language, its errors, and that the fast matcher says what RE2 says.
#include "rules/phrase.hpp"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <random>

#include "rules/automaton.hpp"
#include "rules/detector.hpp"

namespace rules {
namespace {

struct Machine {
  Lexicon lexicon;
  Sets sets;
  Automaton automaton;
  std::vector<std::unique_ptr<RE2>> oracles;

  void set(const std::string& name, std::vector<std::string> members) {
    Sequences all;
    for (const auto& m : members) {
      auto parsed = parse_phrase(m, sets, lexicon);
      all.insert(all.end(), parsed->begin(), parsed->end());
    }
    sets[name] = fold_set(std::move(all), lexicon);
  }
  void add(const std::string& phrase) {
    auto parsed = parse_phrase(phrase, sets, lexicon);
    ASSERT_TRUE(parsed) << phrase << ": " << parsed.error().what;
    for (const auto& s : *parsed) automaton.add(s, static_cast<std::uint32_t>(oracles.size()));
    RE2::Options options(RE2::Quiet);
    options.set_max_mem(64 << 20);
    oracles.push_back(std::make_unique<RE2>(regex(*parsed, lexicon), options));
    ASSERT_TRUE(oracles.back()->ok()) << oracles.back()->error();
  }
  void freeze() {
    lexicon.add_short_piece("to");
    lexicon.freeze();
    automaton.freeze(lexicon);
  }
  bool matches(std::string_view message) {
    Text text = Text::read(message, lexicon, {});
    auto hits = automaton.match(text, lexicon);
    bool any = false;
    for (std::uint32_t p = 0; p < oracles.size(); ++p) {
      bool fast = std::any_of(hits.begin(), hits.end(), [p](const Hit& h) { return h.phrase == p; });
      EXPECT_EQ(fast, RE2::PartialMatch(text.normal, *oracles[p]))
          << "phrase " << p << ": " << oracles[p]->pattern() << "\n on: " << text.normal;
      any = any || fast;
    }
    return any;
  }
};

struct Row {
  const char* phrase;
  const char* message;
  bool matches;
};
class PhraseTable : public testing::TestWithParam<Row> {};

TEST_P(PhraseTable, Matches) {
  Machine m;
  m.set("they", {"he", "she", "my (boyfriend|girlfriend)"});
  m.add(GetParam().phrase);
  m.freeze();
  EXPECT_EQ(m.matches(GetParam().message), GetParam().matches) << GetParam().phrase << " / " << GetParam().message;
}

INSTANTIATE_TEST_SUITE_P(
    Table, PhraseTable,
    testing::Values(Row{"text him", "i will text him now", true}, Row{"text him", "texthim", true},
                    Row{"text him", "text to him", false}, Row{"text {they}", "text my girlfriend", true},
                    Row{"text {they}", "text my dog", false}, Row{"(double|triple) text", "a triple text", true},
                    Row{"text [him] again", "text again", true}, Row{"text [him] again", "text him again", true},
                    Row{"(a)? b c", "b c", true}, Row{"want .. die", "want so badly to die", true},
                    Row{"want .. die", "want to really truly honestly die", false},
                    Row{"want ..6 die", "want to really truly honestly die", true},
                    Row{"want .. die", "want this. die that", false}, Row{"want to die", "want to, die", true},
                    Row{"kill*", "killing", true}, Row{"kill*", "skill", false}, Row{"# minutes", "20 minutes", true},
                    Row{"# minutes", "twenty minutes", false}, Row{"< stop >", "stop", true},
                    Row{"< stop >", "please stop", false}, Row{"< stop >", "well, stop, now", true},
                    Row{"< stop", "stop that", true}, Row{"stop >", "do stop", true}, Row{"stop >", "stop it", false},
                    Row{"~suicide", "sucide", true}, Row{"~suicide", "suicides", true},
                    Row{"a (b|c d) e", "a c d e", true}, Row{"a (b|c d) e", "a c e", false}));

struct Bad {
  const char* phrase;
  std::size_t at;
  const char* what;
};
class PhraseErrors : public testing::TestWithParam<Bad> {};
TEST_P(PhraseErrors, SayWhereAndWhat) {
  Lexicon l;
  auto parsed = parse_phrase(GetParam().phrase, {}, l);
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().what.find(GetParam().what), std::string::npos) << parsed.error().what;
  EXPECT_EQ(parsed.error().at, GetParam().at);
}
INSTANTIATE_TEST_SUITE_P(Table, PhraseErrors,
                         testing::Values(Bad{"text {thye}", 5, "no set"}, Bad{"(a|b", 4, "missing"},
                                         Bad{"a ] b", 2, "unexpected"}, Bad{"[a]", 0, "nothing at all"},
                                         Bad{"a ..9 b", 5, "more than 8"}, Bad{"", 0, "nothing at all"},
                                         Bad{"{a", 0, "missing"}));

// Phrases and messages from a small alphabet, so that overlaps and near misses are many: both matchers must agree on
// every pair.
TEST(Automaton, AgreesWithRe2OnGeneratedPhrases) {
  std::mt19937 random(20261124);
  const std::vector<std::string> words{"a", "b", "c", "d", "aa", "ab", "7", "12"};
  auto pick = [&](std::size_t n) { return random() % n; };
  for (int round = 0; round < 60; ++round) {
    Machine m;
    m.set("s", {"a", "b c", "d"});
    for (int p = 0; p < 8; ++p) {
      std::string phrase = pick(5) == 0 ? "< " : "";
      auto items = 1 + pick(4);
      for (std::size_t i = 0; i < items; ++i) {
        if (i > 0 && pick(4) == 0) phrase += ".." + std::to_string(1 + pick(4)) + " ";
        switch (pick(7)) {
          case 0: phrase += "(" + words[pick(6)] + "|" + words[pick(6)] + " " + words[pick(6)] + ") "; break;
          case 1: phrase += items > 1 ? "[" + words[pick(6)] + "] " : "a "; break;
          case 2: phrase += "{s} "; break;
          case 3: phrase += "a* "; break;
          case 4: phrase += "# "; break;
          default: phrase += words[pick(6)] + " "; break;
        }
      }
      if (pick(5) == 0) phrase += ">";
      if (parse_phrase(phrase, m.sets, m.lexicon)) m.add(phrase);
    }
    m.freeze();
    for (int t = 0; t < 80; ++t) {
      std::string message;
      for (std::size_t i = 0, n = pick(14); i < n; ++i)
        message += words[pick(words.size())] + (pick(6) == 0 ? ", " : pick(9) == 0 ? ". " : " ");
      m.matches(message);
    }
    m.matches(std::string(400, 'a') + " a a a a a a a b");
    std::string flood;
    for (int i = 0; i < 2'000; ++i) flood += "a ";
    m.matches(flood);
  }
}

// Found by tests/fuzz/formats.cpp: choices of choices are counted before they are multiplied out, and what stands twice
// is found without comparing each with each.
TEST(Phrase, OfTooManyChoicesIsRefusedBeforeItIsMadeAndManyAreMadeInTime) {
  Lexicon lexicon;
  std::string one;
  for (int i = 0; i < 13; ++i) one += "(a b|c d)";
  auto whole = parse_phrase("(" + one + "|x y)", {}, lexicon);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->size(), (std::size_t{1} << 13) + 1);
  auto refused = parse_phrase("(" + one + ") (" + one + ")", {}, lexicon);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "too many choices in one phrase");
  EXPECT_FALSE(parse_phrase("a ..99999999999 b", {}, lexicon));
}

// An exception undoes what stands beside it, not what is said further on without a full stop between.
TEST(Unless, ReachesTwoWords) {
  SignalRule rule;
  rule.name = "risk.suicide.taken";
  rule.finding = FindingRule{Need::suicide, Level::danger, 0, Subject::self};
  rule.phrases = {{"took .. pills", {}}};
  rule.unless = {{"for my head", {}}};
  LanguageSource source;
  source.language = "en";
  source.signals = {rule};
  auto detector = Detector::build(source).value();
  EXPECT_TRUE(detector->read("took two pills for my head").findings.empty());
  EXPECT_TRUE(detector->read("took two pills this morning for my head").findings.empty());
  EXPECT_FALSE(detector->read("took two pills and then all the rest i had for my head").findings.empty());
  EXPECT_FALSE(detector->read("first one for my head and then i took all the pills").findings.empty());
  EXPECT_FALSE(detector->read("took two pills. for my head").findings.empty());
}

}  // namespace
}  // namespace rules
