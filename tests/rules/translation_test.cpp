// Tests of rules/translation: a text in the person's language, the language told by first words, and what the check
// refuses.
#include "rules/translation.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "rules/compose.hpp"
#include "rules/engine.hpp"
#include "rules/loader.hpp"

namespace rules {
namespace {

namespace fs = std::filesystem;

const Pack& pack() {
  static const std::shared_ptr<const Pack> loaded = load_pack(STEADY_SOURCE "/rules", false).value();
  return *loaded;
}

Decision first_words(const std::string& text, const std::string& hint = "") {
  Input input;
  input.contact.language_hint = hint;
  Said said;
  said.text = text;
  said.reading = read(pack(), text, likely_language(pack(), input.contact));
  input.event = std::move(said);
  return decide(pack(), {}, input, Time(std::chrono::seconds(1'778'393'760)));
}

TEST(Language, IsFoundByItsTag) {
  EXPECT_EQ(installed_language(pack(), "es-MX"), "es");
  EXPECT_EQ(installed_language(pack(), "pt"), "pt-BR");
  EXPECT_EQ(installed_language(pack(), "pt_PT"), "pt-BR");
  EXPECT_EQ(installed_language(pack(), "en-US"), "en");
  EXPECT_EQ(installed_language(pack(), "sw"), "");
  EXPECT_EQ(installed_language(pack(), ""), "");
}

TEST(Language, OfBrokenBytesIsNotKnown) {  // found by tests/fuzz/run: CLD2 read outside its tables
  for (const char* bytes : {"nygh\x86\xf5", "\xff\xfe no quiero vivir m\xc3", "\xf4\x90\x80\x80 hola hola hola hola"})
    EXPECT_EQ(guessed_language(pack(), bytes), "") << bytes;
  EXPECT_FALSE(first_words("no quiero vivir m\xc3\xa1s \xf5\xf5").replies.empty());
}

// Who has not said yet what they speak is not heard worse: the second reader of the language it is written in reads,
// too.
TEST(Language, OfAMessageAddsItsSecondReader) {
  const std::string message = "Mi hija cumplió dieciocho ayer. Era lo que esperaba. Esta noche ya puedo irme.";
  EXPECT_EQ(read(pack(), message, "en", Readers::rules).level(), Level::none);
  EXPECT_GE(read(pack(), message, "es").level(), Level::concern);
  EXPECT_EQ(read(pack(), message, "en").level(), read(pack(), message, "es").level());
}

struct FirstWords {
  const char *text, *hint, *language;
};
class Told : public testing::TestWithParam<FirstWords> {};

TEST_P(Told, ByThePlatformOrTheFirstWords) {
  EXPECT_EQ(first_words(GetParam().text, GetParam().hint).next.language, GetParam().language);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Told,
    testing::Values(FirstWords{"hola", "es-AR", "es"},
                    FirstWords{"no me contesta desde ayer y ya no aguanto", "", "es"},
                    FirstWords{"ich will nicht mehr leben", "", "de"}, FirstWords{"quero me matar", "", "pt-BR"},
                    FirstWords{"ok", "", ""}, FirstWords{"i want to die", "", "en"},
                    FirstWords{"i want to die", "es", "es"},       // the platform knows better than three words
                    FirstWords{"he left me on read", "sw", ""}));  // nobody here speaks it

TEST(Language, EveryInstalledOneAnswersDangerInItself) {
  for (auto [text, language] : {std::pair{"quiero suicidarme esta noche", "es"},
                                {"ich bringe mich heute nacht um", "de"},
                                {"je vais me suicider ce soir", "fr"},
                                {"stanotte mi uccido", "it"},
                                {"ik maak er vannacht een eind aan", "nl"},
                                {"dzisiaj w nocy się zabiję", "pl"},
                                {"vou me matar hoje à noite", "pt-BR"}}) {
    Decision d = first_words(text);
    ASSERT_EQ(d.replies.size(), 1U) << text;
    EXPECT_TRUE(d.replies[0].urgent) << text;
    EXPECT_EQ(d.next.language, language) << text;
    const auto& program = Texts(pack(), language).text(pack().lines.at("program")[0].variants[0]);
    EXPECT_NE(d.replies[0].text.find(program), std::string::npos) << d.replies[0].text;
    EXPECT_TRUE(d.alarm) << text;
  }
}

TEST(Language, ControlsAreObeyedInEveryOne) {
  for (const char* stop : {"stop", "para", "hör auf", "arrête", "basta", "hou op", "przestań", "pare"}) {
    Decision d = first_words(stop);
    EXPECT_TRUE(d.next.muted) << stop;
  }
}

TEST(Texts, FallBackToTheGuidesOwn) {
  Wording wording{{}, {"Said nowhere else."}, "id"};
  EXPECT_EQ(Texts(pack(), "es").variants(wording), wording.variants);
  EXPECT_EQ(Texts(pack(), "es").text("Yes"), "Sí");
  EXPECT_EQ(Texts(pack(), "en").text("Yes"), "Yes");
}

TEST(Texts, ACapitalIsOneOfAnyAlphabet) {
  EXPECT_EQ(capitalised("él"), "Él");
  EXPECT_EQ(capitalised("ø"), "Ø");
  EXPECT_EQ(capitalised(""), "");
}

// The installed packs, with one more file.
Problems problems_with(const std::string& yaml) {
  fs::path folder = fs::path(testing::TempDir()) / "translated";
  fs::remove_all(folder);
  fs::create_directories(folder);
  fs::create_symlink(STEADY_SOURCE "/rules/directory", folder / "directory");
  fs::copy(STEADY_SOURCE "/rules/packs", folder / "packs", fs::copy_options::recursive);
  for (const auto& entry : fs::recursive_directory_iterator(folder / "packs"))
    if (entry.path().filename().string().starts_with("reader.")) fs::remove(entry.path());
  std::ofstream(folder / "packs" / "es" / "mine.yaml") << yaml;
  auto loaded = load_pack(folder, true);
  return loaded ? Problems{} : loaded.error();
}

struct Fault {
  const char *yaml, *said;
};
class Refused : public testing::TestWithParam<Fault> {};

TEST_P(Refused, WithWhatIsWrong) {
  Problems problems = problems_with(GetParam().yaml);
  bool found = std::any_of(problems.begin(), problems.end(),
                           [](const Problem& p) { return p.text().find(GetParam().said) != std::string::npos; });
  EXPECT_TRUE(found) << "wanted: " << GetParam().said << (problems.empty() ? "" : "\ngot: " + problems[0].text());
}

INSTANTIATE_TEST_SUITE_P(
    Table, Refused,
    testing::Values(Fault{"pack: mine\nlanguage: es\ntexts:\n  \"Nobody says this.\": \"Nadie.\"\n", "mine.yaml:4:"},
                    Fault{"pack: mine\nlanguage: es\ntexts:\n  \"Yes\": \"Sí\"\n", "translated twice: Yes"},
                    Fault{"pack: mine\nlanguage: es\nwords: {nothing: nada}\n", "no word is called 'nothing'"},
                    Fault{"guide: mine\nlanguage: es\nsteps: {a: {say: [\"Hola.\"]}}\n", "guides are written once"},
                    Fault{"pack: mine\nlanguage: sv\nwords: {skip: Hoppa}\n", "not translated: Yes"}));

TEST(Check, ARouteThatTheGuideAlwaysNamesIsNamedByEveryTranslation) {
  Problems problems;
  Pack small;
  Guide guide;
  guide.name = "crisis";
  Step step;
  step.name = "crisis.a";
  step.say = {{{}, {"{line}, now.", "Now {line}."}, "crisis.a"}};
  step.taps = {{"yes", "Yes", {}}};
  guide.steps.push_back(step);
  small.guides.emplace("crisis", guide);
  small.translations["es"].texts["{line}, now."] = {{"Ahora."}, {}};
  small.translations["es"].texts["Yes"] = {{"Por supuesto que sí, claro"}, {}};
  check_translations(small, problems);
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_NE(problems[0].what.find("longer than 20"), std::string::npos) << problems[0].what;
  EXPECT_NE(problems[1].what.find("{line} is missing"), std::string::npos) << problems[1].what;
}

// What is offered as a tap may be typed: then it is an answer, and no finding. But where it is meant as one.
TEST(Labels, AreNoFindingsWhenTheyAreTyped) {
  const std::set<std::string> meant{"Thoughts of dying", "Not breathing", "My life"};
  std::size_t read_ones = 0;
  for (const auto& source : source_texts(pack())) {
    if (!source.label || source.guide == "crisis" || source.guide == "worry" || meant.contains(source.variants[0]))
      continue;
    for (const char* language : {"en", "es"}) {
      std::string label = Texts(pack(), language).text(source.variants[0]);
      EXPECT_EQ(read(pack(), label, language).level(), Level::none) << language << " " << source.guide << ": " << label;
      ++read_ones;
    }
  }
  EXPECT_GT(read_ones, 400U);
}

}  // namespace
}  // namespace rules
