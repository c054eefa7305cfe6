// What every text that is said must keep to as a whole: short, and for a reader of about eleven. Each text alone is
// checked when the packs are loaded (pack_checks.cpp). Formulas: Flesch-Kincaid grade (Kincaid et al. 1975) and
// Fernández Huerta 1959; a grade plus five is an age.
#include <gtest/gtest.h>

#include <algorithm>

#include "rules/compose.hpp"
#include "rules/pack.hpp"

namespace rules {
namespace {

const Pack& pack() {
  static const std::shared_ptr<const Pack> loaded = load_pack(STEADY_SOURCE "/rules", false).value();
  return *loaded;
}

std::vector<std::string> english() {
  std::vector<std::string> out;
  auto take = [&](const Wordings& list) {
    for (const auto& w : list) out.insert(out.end(), w.variants.begin(), w.variants.end());
  };
  for (const auto& [name, guide] : pack().guides)
    for (const auto& step : guide.steps) {
      take(step.say);
      take(step.again);
      for (const auto& branch : step.next) take(branch.say);
    }
  for (const auto& [name, lines] : pack().lines) take(lines);
  return out;
}

std::vector<std::string> spanish() {
  std::vector<std::string> out;
  for (const auto& [source, text] : pack().translations.at("es").texts)
    if (source.size() > 24) out.insert(out.end(), text.variants.begin(), text.variants.end());  // no labels
  return out;
}

struct Counted {
  double sentences = 0, words = 0, syllables = 0;
};

// Groups of vowels; in English a last silent e is none.
Counted count(const std::vector<std::string>& texts, std::string_view vowels, bool silent_e) {
  Counted out;
  for (const auto& text : texts) {
    std::string plain = fill(text, [](std::string_view) { return "word"; });
    std::string word;
    bool open = false;
    auto end_word = [&] {
      if (word.empty()) return;
      ++out.words;
      open = true;
      int groups = 0;
      bool in = false;
      for (char c : word) {
        bool vowel = vowels.find(c) != std::string_view::npos;
        groups += vowel && !in ? 1 : 0;
        in = vowel;
      }
      if (silent_e && groups > 1 && word.ends_with('e') && !word.ends_with("le")) --groups;
      out.syllables += std::max(1, groups);
      word.clear();
    };
    for (char c : plain + "\n") {
      if (std::isalpha(static_cast<unsigned char>(c)) != 0 || (static_cast<unsigned char>(c) & 0x80U) != 0) {
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        continue;
      }
      if (c != '\'') end_word();
      if (open && std::string_view(".?!:;\n").find(c) != std::string_view::npos) {
        ++out.sentences;
        open = false;
      }
    }
  }
  return out;
}

TEST(Texts, OfEnglishReadAtAboutEleven) {
  Counted c = count(english(), "aeiouy", true);
  ASSERT_GT(c.words, 5000);
  double age = 0.39 * c.words / c.sentences + 11.8 * c.syllables / c.words - 15.59 + 5;
  RecordProperty("age", std::to_string(age));
  EXPECT_LE(age, 11) << c.words / c.sentences << " words a sentence, " << c.syllables / c.words << " syllables a word";
}

TEST(Texts, OfSpanishAreEasy) {
  Counted c = count(spanish(), "aeiou\xa1\xa9\xad\xb3\xba\xbc", false);  // the second bytes of á é í ó ú ü
  ASSERT_GT(c.words, 5000);
  double ease = 206.84 - 60 * c.syllables / c.words - 1.02 * c.words / c.sentences;
  RecordProperty("ease", std::to_string(ease));
  EXPECT_GE(ease, 80) << "80 to 90: easy, the sixth grade";
}

TEST(Texts, AreShort) {
  for (const auto& texts : {english(), spanish()}) {
    std::vector<int> lengths;
    for (const auto& text : texts) lengths.push_back(graphemes(text));
    std::sort(lengths.begin(), lengths.end());
    EXPECT_LT(lengths[lengths.size() / 2], 200);
    EXPECT_LE(lengths.back(), 320);
  }
}

}  // namespace
}  // namespace rules
