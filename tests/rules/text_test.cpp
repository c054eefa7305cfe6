// Tests of rules/text, spelling, letters, lexicon: what a message looks like to the matcher, and the way back to its
// bytes.
#include "rules/text.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace rules {
namespace {

Lexicon lexicon() {
  Lexicon l;
  for (auto [word, meaning] : {std::pair{"im", "i am"},
                               {"dont", "do not"},
                               {"cant", "can not"},
                               {"kms", "kill myself"},
                               {"wanna", "want to"},
                               {"u", "you"}}) {
    l.rewrite(word, canonical_words(meaning, Lexicon{}));
  }
  for (const char* w : {"i", "want", "to", "die", "kill", "myself", "suicide", "so", "tired", "but", "and", "he",
                        "tonight", "doing", "it", "breathe", "7", "text"})
    l.intern(w);
  l.add_misspelling("suicide");
  for (const char* w : {"i", "to", "it", "so"}) l.add_short_piece(w);
  for (const char* w : {"together", "pleased", "class"}) l.add_common(w);
  l.freeze();
  return l;
}

std::string read(std::string_view message) {
  static const Lexicon l = lexicon();
  static const ClauseWords clauses = [] {
    ClauseWords c;
    c.add(l.find("but"), ClauseWords::cut);
    c.add(l.find("and"), ClauseWords::join);
    for (const char* subject : {"i", "he"}) c.add(l.find(subject), ClauseWords::subject);
    return c;
  }();
  return Text::read(message, l, clauses).normal;
}

struct Row {
  const char* written;
  const char* read;
};

class Spelling : public testing::TestWithParam<Row> {};

TEST_P(Spelling, IsUndone) { EXPECT_EQ(read(GetParam().written), GetParam().read); }

INSTANTIATE_TEST_SUITE_P(
    Table, Spelling,
    testing::Values(Row{"I WANT TO DIE", "i want to die"}, Row{"i'm tired", "i am tired"},
                    Row{"i’m tired", "i am tired"}, Row{"im tired", "i am tired"}, Row{"sooooo tiredddd", "so tired"},
                    Row{"k1ll mys3lf", "kill myself"}, Row{"su!c1de", "suicide"}, Row{"k*ll myself", "kill myself"},
                    Row{"k i l l  m y s e l f", "kill myself"}, Row{"k.i.l.l myself", "kill myself"},
                    Row{"x x k i l l", "x x kill"}, Row{"k i l l, d i e", "kill , d i e"},
                    Row{"iwanttodie", "i want to die"}, Row{"#killmyself", "kill myself"},
                    Row{"ｋｉｌｌ ｍｙｓｅｌｆ", "kill myself"}, Row{"кill mуself", "kill myself"},
                    Row{"k\u200bill my\u00adself", "kill myself"}, Row{"\u202ekill myself\u202c", "kill myself"},
                    Row{"𝓴𝓲𝓵𝓵 myself", "kill myself"}, Row{"suicíde", "suicide"}, Row{"suiicde", "suicide"},
                    Row{"kms", "kill myself"}, Row{"wanna die", "want to die"}, Row{"together", "together"},
                    Row{"i want to. die", "i want to | die"}, Row{"i want to, die", "i want to , die"},
                    Row{"i want to\ndie", "i want to , die"},
                    Row{"tired but i want to die", "tired , but i want to die"},
                    Row{"tired and i want", "tired , and i want"}, Row{"want and tired", "want and tired"},
                    Row{"7/10", "7 of 10"}, Row{"20min", "20 min"}, Row{"can't breathe", "can not breathe"},
                    Row{"", ""}, Row{"   ", ""}, Row{"😭 text", "😭 text"}));

TEST(Text, KnowsTheWayBack) {
  Lexicon l = lexicon();
  std::string message = "ok, I’m so TIRED";
  Text text = Text::read(message, l, {});
  ASSERT_EQ(text.words.size(), 5U);
  EXPECT_EQ(message.substr(text.words[1].from, text.words[1].to - text.words[1].from), "I’m");
  EXPECT_EQ(message.substr(text.words[2].from, text.words[2].to - text.words[2].from), "I’m");
  EXPECT_EQ(message.substr(text.words[4].from, text.words[4].to - text.words[4].from), "TIRED");
}

TEST(Text, MarksQuotations) {
  Lexicon l = lexicon();
  Text text = Text::read("he said \"i want to die\" in it", l, {});
  EXPECT_FALSE(text.words[0].quoted);
  EXPECT_TRUE(text.words[3].quoted);
  EXPECT_FALSE(text.words.back().quoted);
  EXPECT_FALSE(Text::read("so \"tired\" tonight", l, {}).words[1].quoted);  // one word is emphasis
  EXPECT_FALSE(Text::read("\"never closed i want to die", l, {}).words.back().quoted);
}

TEST(Text, IsBounded) {
  Lexicon l = lexicon();
  std::string marks = "a";
  for (int i = 0; i < 10'000; ++i) marks += "\u0301";
  std::vector<std::string> inputs{marks, std::string(65'536, 'a'), std::string(300'000, ' '), "\xff\xfe\x80 kill \xc3",
                                  std::string("kill\0myself", 11)};
  std::string many;
  for (int i = 0; i < 65'536; ++i) many += "\U0001F62D";
  inputs.push_back(many);
  std::string spaced;
  for (int i = 0; i < 40'000; ++i) spaced += "x ";
  inputs.push_back(spaced);
  for (const auto& input : inputs) {
    auto start = std::chrono::steady_clock::now();
    Text text = Text::read(input, l, {});
    EXPECT_LE(text.words.size(), kMaxWords);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5)) << input.size();
  }
  EXPECT_EQ(Text::read("\xff\xfe kill", l, {}).normal, "kill");
}

TEST(Spelling, OfFrenchAndOfCompounds) {
  Lexicon french;
  french.split_at_apostrophes();
  for (const char* w : {"j", "ai", "mal", "uccido", "no"}) french.intern(w);
  french.freeze();
  EXPECT_EQ(Text::read("J’ai mal, j'AI mal", french, {}).normal, "j ai mal , j ai mal");
  EXPECT_EQ(Text::read("uccidono", french, {}).normal, "uccidono");  // no short pieces: nothing is unglued
}

TEST(Lexicon, ClassesAreShared) {
  Lexicon l;
  Symbol a = l.add_class({"he", "she"}), b = l.add_class({"she", "he"});
  EXPECT_EQ(a, b);
  Symbol prefix = l.add_prefix("kill");
  Symbol named = l.intern("killer");
  l.freeze();
  std::vector<Symbol> symbols;
  l.open_symbols("killing", symbols);
  EXPECT_EQ(symbols, std::vector<Symbol>{prefix});
  auto known = l.symbols(named);
  EXPECT_EQ(std::vector<Symbol>(known.begin(), known.end()), (std::vector<Symbol>{named, prefix}));
}

TEST(WordTable, FindsWhatWasPutAndNothingElse) {
  WordTable<int> table;
  for (int i = 0; i < 5000; ++i) table[std::to_string(i)] = i;
  for (int i = 0; i < 5000; ++i) {
    ASSERT_NE(table.find(std::to_string(i)), nullptr);
    EXPECT_EQ(*table.find(std::to_string(i)), i);
    EXPECT_EQ(table.find("x" + std::to_string(i)), nullptr);
  }
  table["7"] = 70;
  EXPECT_EQ(*table.find("7"), 70);
  EXPECT_EQ(std::distance(table.begin(), table.end()), 5000);
}

}  // namespace
}  // namespace rules
