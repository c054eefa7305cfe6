// Automaton: all phrases of a language as one automaton over words; phrases that begin alike share their states.
// Protocol: add() every sequence, freeze() once, then match() on any number of threads.
// A match never crosses a full stop; commas and line breaks do not hinder it. Each hit is the longest of its phrase
// at its beginning. Cost: one bit test for each word, live state and edge of it, and most states have one edge:
// performance.md 3 measures 2 us a message for 5,000 rules, where RE2::Set takes 200.
// Tested by tests/rules/phrase_test.cpp, against RE2 on every phrase of the packs.
#pragma once
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
  Automaton() : building_accepts_(2) {}
  void add(const Sequence& sequence, std::uint32_t phrase);
  void freeze(const Lexicon& lexicon);  // which is frozen, and the one of every match
  [[nodiscard]] std::vector<Hit> match(const Text& text, const Lexicon& lexicon) const;
  [[nodiscard]] std::size_t states() const { return states_.size() - 1; }

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
  struct Start {
    State to = 0;
    bool at_begin = false;  // of a clause only
  };
  struct Row {  // of a state: its edges and accepts are [first, first of the next state)
    std::uint32_t first_edge = 0, first_accept = 0;
  };
  static constexpr State kRoot = 0, kRootAtBegin = 1;
  static constexpr Symbol kGap = ~Symbol{0} - kMaxGapWords;  // labels beyond every symbol: last among a state's edges

  class Run;

  State step(State from, Symbol label);  // while building
  [[nodiscard]] std::span<const Edge> edges_of(State s) const {
    return std::span(edges_).subspan(states_[s].first_edge, states_[s + 1].first_edge - states_[s].first_edge);
  }
  [[nodiscard]] std::span<const Accept> accepts_of(State s) const {
    return std::span(accepts_).subspan(states_[s].first_accept, states_[s + 1].first_accept - states_[s].first_accept);
  }

  std::unordered_map<std::uint64_t, State> building_;
  std::vector<std::vector<Accept>> building_accepts_;  // by state
  Symbol symbols_ = 0;                                 // beyond the highest on an edge
  std::vector<Row> states_;
  std::vector<Edge> edges_;
  std::vector<Accept> accepts_;
  // The edges of the two roots, which lead on by every word, are laid out by word: [first_start_[id], of the next).
  std::vector<Start> starts_;
  std::vector<std::uint32_t> first_start_;
  std::unordered_map<Symbol, std::vector<Start>> open_starts_;  // of an unknown word, by what it satisfies
};

}  // namespace rules
