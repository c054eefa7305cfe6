// Tests of rules/classifier and rules/second_reader: the file, the n-grams, and the promise that it only adds.
#include "rules/classifier.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "rules/pack.hpp"

namespace rules {
namespace {

Text text(std::string_view words) {
  Lexicon l;
  l.freeze();
  return Text::read(words, l, {});
}

std::filesystem::path written(const std::string& bytes) {
  auto file = std::filesystem::temp_directory_path() / ("steady-reader-" + std::to_string(::getpid()));
  std::ofstream(file, std::ios::binary) << bytes;
  return file;
}

// A model in which each head says yes or no, whatever the message says.
Classifier says(std::vector<std::pair<std::string, bool>> answers) {
  std::vector<Classifier::Head> heads;
  for (const auto& [name, yes] : answers) heads.push_back({name, yes ? 1.0 : -1.0, 1, 0});
  return {heads, std::vector<std::int8_t>(kMaxHeads * std::size_t{kBuckets})};
}

TEST(Features, AreOfTheWordsAsTheyAreSpelled) {
  EXPECT_EQ(features(text("no no, he said no")), features(text("NO... no! he said: no")));
  EXPECT_NE(features(text("he said no")), features(text("no he said")));
  EXPECT_EQ(features(text("")).size(), 1U);  // beginning and end
}

TEST(ClassifierFile, IsReadBackAsWritten) {
  std::vector<std::int8_t> weights(kMaxHeads * std::size_t{kBuckets});
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<std::int8_t>(i * 7 % 251 - 125);
  Classifier made({{"level.concern", 0.25, 0.01, 0.5}, {"need.eating", -1, 0.02, 0}}, weights);
  auto loaded = Classifier::load(written(made.bytes()));
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_EQ(loaded->bytes(), made.bytes());
  EXPECT_EQ(loaded->margins(text("some words")), made.margins(text("some words")));
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
  Reading reading;
  reading.text = text("the view from up there");
  second.add_to(reading);
  EXPECT_EQ(reading.level(), Level::concern);
  EXPECT_EQ(reading.gravest()->need, Need::suicide);
  EXPECT_EQ(reading.why.back().rule, kSecondReader);
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
  Reading reading;
  reading.findings.push_back({Need::psychosis, Level::danger, Subject::self, false, false, "rule", 0, 1});
  second.add_to(reading);
  ASSERT_EQ(reading.findings.size(), 1U);
  EXPECT_EQ(reading.level(), Level::danger);
  Reading calm;
  second.add_to(calm);
  EXPECT_TRUE(calm.findings.empty());
}

}  // namespace
}  // namespace rules
