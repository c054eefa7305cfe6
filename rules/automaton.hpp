// Automaton: all phrases of a language as one automaton over words; phrases that begin alike share their states.
// Protocol: add() every sequence, freeze() once, then match() on any number of threads.
// A match never crosses a full stop; commas and line breaks do not hinder it. Each hit is the longest of its phrase
// at its beginning. Cost: one bit test for each word, live state and edge of it, and most states have one edge:
// performance.md 3 measures 2 us a message for 5,000 rules, where RE2::Set takes 200.
// Tested by tests/rules/phrase_test.cpp, against RE2 on every phrase of the packs.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "rules/phrase.hpp"
#include "rules/text.hpp"

namespace rules {

struct Hit {
  std::uint32_t phrase = 0;
  std::uint32_t begin = 0, end = 0;  // words [begin, end)
};

class Automaton {
 public:
  Automaton();
  void add(const Sequence& sequence, std::uint32_t phrase);
  void freeze();
  [[nodiscard]] std::vector<Hit> match(const Text& text, const Lexicon& lexicon) const;
  [[nodiscard]] std::size_t states() const { return accepts_.size(); }

 private:
  using State = std::uint32_t;
  struct Accept {
    std::uint32_t phrase = 0;
    bool at_end = false;
  };
  struct Edge {
    Symbol symbol = 0;  // or kGap + n: n words of any kind may pass before what follows
    State to = 0;
  };
  static constexpr State kRoot = 0, kRootAtBegin = 1, kNowhere = ~State{0};
  static constexpr Symbol kGap = ~Symbol{0} - kMaxGapWords;  // labels beyond every symbol: last among a state's edges

  class Run;

  State step(State from, Symbol label);  // while building
  [[nodiscard]] std::span<const Edge> edges_of(State s) const {
    return std::span(edges_).subspan(first_edge_[s], first_edge_[s + 1] - first_edge_[s]);
  }

  std::unordered_map<std::uint64_t, State> building_;
  bool frozen_ = false;
  Symbol symbols_ = 0;                     // beyond the highest on an edge
  std::vector<Edge> edges_;                // of all states but the roots, one state after the other
  std::vector<std::uint32_t> first_edge_;  // by state, and one more: its edges are [first_edge_[s], first_edge_[s + 1])
  std::array<std::vector<State>, 2>
      from_root_;  // of the two roots, which lead on by every word: by symbol, or kNowhere
  std::vector<std::vector<Accept>> accepts_;
};

}  // namespace rules
