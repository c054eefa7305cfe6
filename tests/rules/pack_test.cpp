// Tests of the packs as installed and of their loader: examples, the oracle, load errors (one file a case), promises of
// the first safety message.
#include "rules/pack.hpp"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "rules/engine.hpp"
#include "rules/examples.hpp"

namespace rules {
namespace {

const std::filesystem::path kRules = STEADY_SOURCE "/rules";

const Pack& pack() {
  static const std::shared_ptr<const Pack> loaded = load_pack(kRules, false).value();
  return *loaded;
}

void expect_none(const Problems& problems) {
  for (const auto& p : problems) ADD_FAILURE() << p.text();
}

TEST(Packs, LoadAndTheirExamplesHold) {
  auto p = load_pack(kRules);
  if (!p) expect_none(p.error());
}

TEST(Packs, MatchersAgree) { expect_none(run_oracle(pack())); }

// Messages made of the phrases' own words, in any order: where matchers are most easily wrong.
TEST(Packs, MatchersAgreeOnMessagesOfTheirOwnWords) {
  constexpr std::size_t kEvery = 24;
  constexpr int kMessages = 60, kMostWords = 12;
  std::mt19937 random(20261129);
  const Detector& detector = *pack().detectors.at("en");
  std::vector<std::string> words;
  std::vector<std::size_t> phrases;
  for (std::size_t p = 0; p < detector.phrase_count(); p += kEvery) {
    phrases.push_back(p);
    std::string plain = detector.phrase_source(p).text;
    for (char& c : plain)
      if (std::string_view("()[]{}|?*~<>.#").find(c) != std::string_view::npos) c = ' ';
    std::istringstream in(plain);
    for (std::string word; in >> word;) words.push_back(word);
  }
  RE2::Options options(RE2::Quiet);
  options.set_max_mem(128 << 20);
  for (std::size_t p : phrases) {
    RE2 oracle(detector.phrase_regex(p), options);
    if (!oracle.ok()) continue;  // run_oracle says so
    std::istringstream own(detector.phrase_source(p).text);
    std::vector<std::string> near;
    for (std::string word; own >> word;) near.push_back(word);
    for (int m = 0; m < kMessages; ++m) {
      std::string message;
      for (std::size_t n = 1 + random() % kMostWords; n > 0; --n) {
        const auto& from = random() % 2 == 0 && !near.empty() ? near : words;
        message += from[random() % from.size()] + (random() % 9 == 0 ? ", " : random() % 12 == 0 ? ". " : " ");
      }
      Text text = detector.text(message);
      auto hits = detector.hits(text);
      bool fast = std::any_of(hits.begin(), hits.end(), [&](const Hit& h) { return h.phrase == p; });
      EXPECT_EQ(fast, RE2::PartialMatch(text.normal, oracle))
          << detector.phrase_source(p).text << "\n on: " << text.normal;
    }
  }
}

// What an exception of the person's own language undoes, a language that spells it alike does not find after all.
TEST(Packs, AnExceptionHoldsInEveryLanguage) {
  EXPECT_TRUE(read(pack(), "ese chiste me mató", "es", Readers::rules).findings.empty());
  EXPECT_EQ(read(pack(), "eu me mato hoje", "es", Readers::rules).level(), Level::danger);
  EXPECT_GE(read(pack(), "ese chiste me mató y esta noche me mato", "es", Readers::rules).level(), Level::crisis);
}

TEST(Packs, AFolderWithoutPacksSaysSo) {
  auto p = load_pack("/nonexistent");
  ASSERT_FALSE(p);
  EXPECT_NE(p.error()[0].text().find("holds no packs"), std::string::npos);
}

// tests/rules/load_errors/NAME.yaml: a faulty pack; its first line "# expect LINE:COLUMN text" (column 0: any).
class LoadErrors : public testing::TestWithParam<std::string> {};
TEST_P(LoadErrors, SayWhereWhatAndInstead) {
  auto path = std::filesystem::path(STEADY_SOURCE "/tests/rules/load_errors") / GetParam();
  std::ifstream in(path);
  std::string hash, expect, place, text;
  in >> hash >> expect >> place;
  std::getline(in, text);
  text.erase(0, 1);
  auto problems = check_files(kRules, {path});
  int line = std::stoi(place), column = std::stoi(place.substr(place.find(':') + 1));
  bool found = false;
  std::string all;
  for (const auto& p : problems) {
    all += p.text() + "\n";
    found = found ||
            (std::filesystem::path(p.file).filename() == path.filename() && p.line == line &&
             (column == 0 || p.column == column) && p.text().find(text) != std::string::npos && !p.instead.empty());
  }
  EXPECT_TRUE(found) << "wanted " << place << " " << text << ", got:\n" << all;
}

TEST(CheckFiles, AnAuthorsCopyTakesThePlaceOfItsOwnLanguageOnly) {
  auto folder = std::filesystem::temp_directory_path() / ("steady-check-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  for (const char* language : {"en", "es", "de"}) {
    auto copy = folder / "risk_suicide.yaml";
    auto installed = kRules / "packs" / language / "risk_suicide.yaml";
    if (!std::filesystem::exists(installed)) continue;
    std::filesystem::copy_file(installed, copy, std::filesystem::copy_options::overwrite_existing);
    for (const auto& p : check_files(kRules, {copy})) ADD_FAILURE() << language << ": " << p.text();
  }
  std::filesystem::remove_all(folder);
}

std::vector<std::string> error_files() {
  std::vector<std::string> out;
  for (const auto& f : std::filesystem::directory_iterator(STEADY_SOURCE "/tests/rules/load_errors"))
    out.push_back(f.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}
INSTANTIATE_TEST_SUITE_P(Files, LoadErrors, testing::ValuesIn(error_files()),
                         [](const auto& file) { return std::filesystem::path(file.param).stem().string(); });

// What a person in danger gets first, in every state of every guide: a reply whose first message holds a live route.
TEST(Safety, FromEveryStepAFindingLeadsToALiveRoute) {
  const Time now{std::chrono::seconds(1'778'000'000)};
  const std::vector<std::pair<std::string, std::string>> messages{
      {"I took all the pills", "911"},
      {"i want to kill myself", "988"},
      {"i'm going to kill myself tonight", "988"},
      {"he's breaking the door down and he has a knife", "911"}};
  int states = 0;
  for (const auto& [name, guide] : pack().guides)
    for (const auto& step : guide.steps) {
      if (step.type == AnswerType::none) continue;
      for (const auto& [text, number] : messages) {
        Person p;
        p.last_disclosed = p.last_seen = now;
        p.country = "US";
        p.muted = states % 2 == 0;
        p.adult = states % 3 == 0 ? "no" : "yes";
        p.stack.push_back({name, step.name, 1, 0, now, {{step.name, 1}}, {}});
        Said said;
        said.text = text;
        said.reading = read(pack(), text, "en");
        Decision d = decide(pack(), p, {{}, said}, now + std::chrono::seconds(30));
        ASSERT_FALSE(d.replies.empty()) << step.name << ": " << text;
        EXPECT_NE(d.replies[0].text.find(number), std::string::npos)
            << step.name << ": " << text << "\n -> " << d.replies[0].text;
        EXPECT_TRUE(d.replies[0].urgent) << step.name;
        EXPECT_GE(d.next.risk, Risk::high) << step.name << ": " << text;
        ++states;
      }
    }
  EXPECT_GT(states, 400);
}

TEST(Safety, EveryControlIsObeyedInEveryStep) {
  const Time now{std::chrono::seconds(1'778'000'000)};
  for (const auto& [name, guide] : pack().guides)
    for (const auto& step : guide.steps) {
      if (step.type == AnswerType::none) continue;
      for (const char* word : {"stop", "help", "forget me", "what do you know about me", "human"}) {
        Person p;
        p.last_disclosed = p.last_seen = now;
        p.stack.push_back({name, step.name, 1, 0, now, {{step.name, 1}}, {}});
        Said said;
        said.text = word;
        said.reading = read(pack(), word, "en");
        Decision d = decide(pack(), p, {{}, said}, now + std::chrono::seconds(30));
        bool obeyed = std::any_of(d.why.begin(), d.why.end(), [](const auto& w) { return w.starts_with("control "); });
        EXPECT_TRUE(obeyed) << step.name << ": " << word;
        EXPECT_FALSE(d.replies.empty()) << step.name << ": " << word;
        EXPECT_TRUE(d.next.muted || std::string(word) != "stop") << step.name;
      }
    }
}

// Whatever is not understood, again and again: a reply each time, and the end is reached.
TEST(Guides, DoNotTrap) {
  const Time now{std::chrono::seconds(1'778'000'000)};
  for (const auto& [name, guide] : pack().guides)
    for (const auto& step : guide.steps) {
      if (step.type == AnswerType::none) continue;
      Person p;
      p.last_disclosed = p.last_seen = now;
      p.stack.push_back({name, step.name, 1, 0, now, {{step.name, 1}}, {}});
      int turns = 0;
      for (; turns < 60 && !p.stack.empty() && p.stack.back().guide != "talk"; ++turns) {
        Said said;
        said.text = "zzz qqq";
        said.reading = read(pack(), said.text, "en");
        Decision d = decide(pack(), std::move(p), {{}, said}, now + std::chrono::seconds(30 * (turns + 1)));
        EXPECT_FALSE(d.replies.empty()) << step.name << " is silent in turn " << turns;
        p = std::move(d.next);
      }
      EXPECT_LT(turns, 60) << step.name << " does not let go";
    }
}

TEST(Guides, HostileTapsChangeNothing) {
  const Time now{std::chrono::seconds(1'778'000'000)};
  for (const char* payload :
       {"", ".", "...", "notice.body.1.", "notice.body.1.nonsense", "crisis.recheck", "control.erased", "a.b.c.d",
        "notice.nowhere.1.x", "crisis.plan.999999999999999999999.no", "\xff\xfe"}) {
    Person p;
    p.risk = Risk::high;
    Decision d = decide(pack(), p, {{}, Chose{payload}}, now);
    EXPECT_FALSE(d.erase) << payload;
    EXPECT_EQ(d.next.risk, Risk::high) << payload;
    EXPECT_FALSE(d.replies.empty()) << payload;
  }
}

}  // namespace
}  // namespace rules
