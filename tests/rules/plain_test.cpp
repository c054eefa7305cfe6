// What is said straight out is heard, for every need and in every language (tests/corpora/plain.tsv); the corpora are
// oblique on purpose, and say nothing of it. Beside it the near misses, which stay calm. By the rules alone, without
// the second reader: what holds here does not move when it is trained afresh.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "rules/pack.hpp"

namespace rules {
namespace {

struct Line {
  std::string language, level, text;
};

std::vector<Line> lines() {
  std::ifstream file(STEADY_SOURCE "/tests/corpora/plain.tsv");
  std::vector<Line> out;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    auto first = line.find('\t'), second = line.find('\t', first + 1);
    out.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1), line.substr(second + 1)});
  }
  return out;
}

TEST(Plain, WhatIsSaidStraightOutIsHeard) {
  auto pack = load_pack(STEADY_SOURCE "/rules", false).value();
  auto all = lines();
  std::map<std::string, int> of;
  for (const Line& line : all) ++of[line.language];
  ASSERT_EQ(of.size(), pack->detectors.size()) << "every language has its lines";
  for (const Line& line : all) {
    auto least = std::find(kLevelNames.begin(), kLevelNames.end(), line.level);
    ASSERT_NE(least, kLevelNames.end()) << line.text;
    auto level = read(*pack, line.text, line.language, Readers::rules).level();
    if (line.level == "none") EXPECT_EQ(level, Level::none) << line.language << ": " << line.text;
    else EXPECT_GE(level, static_cast<Level>(least - kLevelNames.begin())) << line.language << ": " << line.text;
  }
}

}  // namespace
}  // namespace rules
