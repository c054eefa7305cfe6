#include "rules/automaton.hpp"

#include <algorithm>
#include <numeric>
#include <span>

#include "rules/check.hpp"

namespace rules {
namespace {

std::uint64_t key_of(std::uint32_t state, Symbol symbol) { return std::uint64_t{state} << 32 | symbol; }

// Which symbols the word at hand satisfies: one bit each.
class SymbolSet {
 public:
  explicit SymbolSet(std::size_t symbols) : bits_(symbols / 64 + 1) {}
  void put(Symbol s) { bits_[s / 64] |= std::uint64_t{1} << s % 64; }
  void drop(Symbol s) { bits_[s / 64] = 0; }
  [[nodiscard]] bool has(Symbol s) const { return (bits_[s / 64] >> s % 64 & 1) != 0; }

 private:
  std::vector<std::uint64_t> bits_;
};

}  // namespace

Automaton::Automaton() : accepts_(2), any_(2, kNowhere) {}

Automaton::State Automaton::step(State from, Symbol symbol) {
  State* slot = symbol == kAny ? &any_[from] : nullptr;
  if (slot != nullptr && *slot != kNowhere) return *slot;
  if (slot == nullptr)
    if (auto it = building_.find(key_of(from, symbol)); it != building_.end()) return it->second;
  auto to = static_cast<State>(accepts_.size());
  if (slot != nullptr) {
    *slot = to;
  } else {
    building_.emplace(key_of(from, symbol), to);
  }
  accepts_.emplace_back();
  any_.push_back(kNowhere);
  return to;
}

void Automaton::add(const Sequence& sequence, std::uint32_t phrase) {
  CHECK(!frozen_);
  add_from(sequence.at_begin ? kRootAtBegin : kRoot, sequence, 0, phrase);
}

void Automaton::add_from(State from, const Sequence& sequence, std::size_t at, std::uint32_t phrase) {
  if (at == sequence.elements.size()) {
    auto& accepts = accepts_[from];
    auto same = [&](const Accept& a) { return a.phrase == phrase && a.at_end == sequence.at_end; };
    if (std::none_of(accepts.begin(), accepts.end(), same)) accepts.push_back({phrase, sequence.at_end});
    return;
  }
  const Element& element = sequence.elements[at];
  if (element.gap == 0) return add_from(step(from, element.symbol), sequence, at + 1, phrase);
  add_from(from, sequence, at + 1, phrase);
  for (int i = 0; i < element.gap; ++i) {
    from = step(from, kAny);
    add_from(from, sequence, at + 1, phrase);
  }
}

void Automaton::freeze() {
  frozen_ = true;
  std::vector<std::pair<std::uint64_t, State>> all(building_.begin(), building_.end());
  std::sort(all.begin(), all.end());
  building_.clear();
  first_edge_.assign(accepts_.size() + 1, 0);
  for (const auto& [key, to] : all) {
    auto from = static_cast<State>(key >> 32);
    auto symbol = static_cast<Symbol>(key);
    symbols_ = std::max(symbols_, symbol + 1);
    if (from <= kRootAtBegin) {
      auto& root = from_root_[from];
      if (root.size() <= symbol) root.resize(symbol + 1, kNowhere);
      root[symbol] = to;
    } else {
      edges_.push_back({symbol, to});
      ++first_edge_[from + 1];
    }
  }
  std::partial_sum(first_edge_.begin(), first_edge_.end(), first_edge_.begin());
}

std::vector<Hit> Automaton::match(const Text& text) const {
  struct Thread {
    State state;
    std::uint32_t begin;
    bool operator==(const Thread&) const = default;
  };
  std::vector<Hit> hits;
  std::vector<Thread> live, moved;
  SymbolSet satisfied(symbols_);
  auto enter = [&](State to, std::uint32_t begin, std::uint32_t end) {
    Thread thread{to, begin};
    if (std::find(moved.begin(), moved.end(), thread) != moved.end()) return;
    moved.push_back(thread);
    bool last_of_clause = end == text.words.size() || text.words[end].clause != text.words[end - 1].clause;
    for (const Accept& accept : accepts_[to]) {
      if (accept.at_end && !last_of_clause) continue;
      auto known = std::find_if(hits.rbegin(), hits.rend(),
                                [&](const Hit& h) { return h.phrase == accept.phrase && h.begin == begin; });
      if (known != hits.rend()) {
        known->end = std::max(known->end, end);
      } else {
        hits.push_back({accept.phrase, begin, end});
      }
    }
  };
  for (std::uint32_t i = 0; i < text.words.size(); ++i) {
    const Word& word = text.words[i];
    if (word.before == Boundary::hard) live.clear();
    live.push_back({kRoot, i});
    if (i == 0 || word.clause != text.words[i - 1].clause) live.push_back({kRootAtBegin, i});
    moved.clear();
    auto symbols = std::span(text.symbols).subspan(word.first_symbol, word.symbols);
    for (Symbol symbol : symbols)
      if (symbol < symbols_) satisfied.put(symbol);
    for (const Thread& thread : live) {
      if (thread.state <= kRootAtBegin) {
        const auto& root = from_root_[thread.state];
        for (Symbol symbol : symbols)
          if (symbol < root.size() && root[symbol] != kNowhere) enter(root[symbol], thread.begin, i + 1);
      } else {
        for (std::uint32_t e = first_edge_[thread.state]; e < first_edge_[thread.state + 1]; ++e)
          if (satisfied.has(edges_[e].symbol)) enter(edges_[e].to, thread.begin, i + 1);
      }
      if (any_[thread.state] != kNowhere) enter(any_[thread.state], thread.begin, i + 1);
    }
    for (Symbol symbol : symbols)
      if (symbol < symbols_) satisfied.drop(symbol);
    std::swap(live, moved);
  }
  return hits;
}

}  // namespace rules
