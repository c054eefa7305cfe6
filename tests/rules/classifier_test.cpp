// Tests of rules/classifier and rules/second_reader: the file, the n-grams, and the promise that it only adds.
#include "rules/classifier.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "rules/pack.hpp"

namespace rules {
namespace {

Reading reading(std::string_view words) {
  Lexicon l;
  l.freeze();
  Reading out;
  out.text = Text::read(words, l, {});
  return out;
}

std::filesystem::path written(const std::string& bytes) {
  auto file = std::filesystem::temp_directory_path() / ("steady-reader-" + std::to_string(::getpid()));
  std::ofstream(file, std::ios::binary) << bytes;
  return file;
}

// A model in which each head says yes or no, whatever the message says.
Classifier says(std::vector<std::pair<std::string, bool>> answers) {
  std::vector<Classifier::Head> heads;
  for (const auto& [name, yes] : answers) heads.push_back({name, yes ? 4.0 : -4.0, 1, 1, 0, 0.5});
  return {heads, std::vector<std::int8_t>(kMaxHeads * std::size_t{kBuckets}), {1, 1}};
}

TEST(Features, AreOfTheWordsAsTheyAreSpelled) {
  EXPECT_EQ(features(reading("no no, he said no")), features(reading("NO... no! he said: no")));
  EXPECT_EQ(features(reading("he said 😭 no ❤️")), features(reading("he said no")));
  EXPECT_NE(features(reading("he said no")), features(reading("no he said")));
  EXPECT_EQ(features(reading("")).size(), 1U);  // beginning and end
}

TEST(Features, AreAlsoOfWhatTheRulesHeard) {
  Reading heard = reading("he said no");
  heard.signals.push_back({"risk.sexual.unsure", 0, 2, bit(Context::past), 0, false, 0, 0});
  EXPECT_EQ(features(heard).size(), features(reading("he said no")).size() + 2);  // the signal, and in its context
}

TEST(ClassifierFile, IsReadBackAsWritten) {
  std::vector<std::int8_t> weights(kMaxHeads * std::size_t{kBuckets});
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<std::int8_t>(i * 7 % 251 - 125);
  Classifier made({{"level.concern", 0.25, 0.01, 2, -1, 0.5}, {"need.eating", -1, 0.02, 1, 0, 0.25}}, weights,
                  {0.5, 2});
  auto loaded = Classifier::load(written(made.bytes()));
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_EQ(loaded->bytes(), made.bytes());
  EXPECT_EQ(loaded->chances(reading("some words")), made.chances(reading("some words")));
}

TEST(ClassifierFile, SaysWhatIsWrong) {
  std::string good = says({{"level.concern", true}}).bytes();
  auto error = [](const std::string& bytes) { return Classifier::load(written(bytes)).error(); };
  EXPECT_EQ(error(good.substr(0, good.size() - 1)), "cut off, or not all of it was written");
  EXPECT_EQ(error("{\"format\":99}\n"), "not a reader of this version");
  EXPECT_EQ(error("nonsense"), "not a reader of this version");
  EXPECT_EQ(error(""), "not a reader of this version");
  EXPECT_EQ(error(std::string(kMaxReaderBytes + 1, 'x')), "larger than 4 MiB");
  EXPECT_EQ(Classifier::load("/nonexistent").error(), "cannot be read");
}

TEST(SecondReader, AloneGivesConcernAndNeverMore) {
  SecondReader second(
      says({{"level.support", true}, {"level.concern", true}, {"level.crisis", true}, {"need.suicide", true}}));
  Reading message = reading("the view from up there");
  second.add_to(message);
  EXPECT_EQ(message.level(), Level::concern);
  EXPECT_EQ(message.gravest()->need, Need::suicide);
  EXPECT_EQ(message.why.back().rule, kSecondReader);
}

TEST(SecondReader, WithASignOfTheNeedGivesCrisisAndNeverDanger) {
  SecondReader second(
      says({{"level.concern", true}, {"level.crisis", true}, {"need.suicide", true}, {"need.eating", false}}));
  Reading other, same;
  other.signs[static_cast<std::size_t>(Need::eating)] = 1;
  second.add_to(other);
  EXPECT_EQ(other.level(), Level::concern);
  same.signs[static_cast<std::size_t>(Need::suicide)] = 1;
  second.add_to(same);
  EXPECT_EQ(same.level(), Level::crisis);
}

TEST(SecondReader, LowersNothing) {
  SecondReader second(
      says({{"level.support", false}, {"level.concern", false}, {"level.crisis", false}, {"need.suicide", false}}));
  Reading message;
  message.findings.push_back({Need::psychosis, Level::danger, Subject::self, false, false, "rule", 0, 1, {}});
  second.add_to(message);
  ASSERT_EQ(message.findings.size(), 1U);
  EXPECT_EQ(message.level(), Level::danger);
  Reading calm;
  second.add_to(calm);
  EXPECT_TRUE(calm.findings.empty());
}

}  // namespace
}  // namespace rules
