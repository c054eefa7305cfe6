#include "rules/automaton.hpp"

#include <algorithm>
#include <numeric>

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

Automaton::Automaton() : accepts_(2) {}

Automaton::State Automaton::step(State from, Symbol label) {
  auto [it, is_new] = building_.try_emplace(key_of(from, label), static_cast<State>(accepts_.size()));
  if (is_new) accepts_.emplace_back();
  return it->second;
}

void Automaton::add(const Sequence& sequence, std::uint32_t phrase) {
  CHECK(!frozen_);
  State state = sequence.at_begin ? kRootAtBegin : kRoot;
  for (const Element& e : sequence.elements)
    state = step(state, e.gap > 0 ? kGap + static_cast<Symbol>(e.gap) : e.symbol);
  auto& accepts = accepts_[state];
  auto same = [&](const Accept& a) { return a.phrase == phrase && a.at_end == sequence.at_end; };
  if (std::none_of(accepts.begin(), accepts.end(), same)) accepts.push_back({phrase, sequence.at_end});
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
    if (symbol < kGap) symbols_ = std::max(symbols_, symbol + 1);
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

// One reading: the threads that are alive, and what they have found.
class Automaton::Run {
 public:
  Run(const Automaton& automaton, const Text& text, const Lexicon& lexicon)
      : a_(automaton), text_(text), lexicon_(lexicon), satisfied_(automaton.symbols_) {}

  std::vector<Hit> run() {
    for (std::uint32_t i = 0; i < text_.words.size(); ++i) read(i);
    return std::move(hits_);
  }

 private:
  struct Thread {
    State state;
    std::uint32_t begin, wait;  // wait: words that may still pass while it stays where it is
  };

  void read(std::uint32_t i) {
    const Word& word = text_.words[i];
    if (word.before == Boundary::hard) live_.clear();
    live_.push_back({kRoot, i, 0});
    if (i == 0 || word.clause != text_.words[i - 1].clause) live_.push_back({kRootAtBegin, i, 0});
    moved_.clear();
    auto symbols = text_.symbols(word, lexicon_);
    for (Symbol symbol : symbols)
      if (symbol < a_.symbols_) satisfied_.put(symbol);
    last_of_clause_ = i + 1 == text_.words.size() || text_.words[i + 1].clause != word.clause;
    for (const Thread& thread : live_) {
      if (thread.state <= kRootAtBegin) {
        const auto& root = a_.from_root_[thread.state];
        for (Symbol symbol : symbols)
          if (symbol < root.size() && root[symbol] != kNowhere) enter(root[symbol], thread.begin, i + 1, 0);
        continue;
      }
      for (const Edge& edge : a_.edges_of(thread.state)) {
        if (edge.symbol >= kGap) break;
        if (satisfied_.has(edge.symbol)) enter(edge.to, thread.begin, i + 1, 0);
      }
      if (thread.wait > 0) enter(thread.state, thread.begin, i + 1, thread.wait - 1);
    }
    for (Symbol symbol : symbols)
      if (symbol < a_.symbols_) satisfied_.drop(symbol);
    std::swap(live_, moved_);
  }

  void enter(State to, std::uint32_t begin, std::uint32_t end, std::uint32_t wait) {
    auto there =
        std::find_if(moved_.begin(), moved_.end(), [&](const Thread& t) { return t.state == to && t.begin == begin; });
    if (there != moved_.end()) {
      there->wait = std::max(there->wait, wait);
      return;
    }
    moved_.push_back({to, begin, wait});
    for (const Accept& accept : a_.accepts_[to])
      if (!accept.at_end || last_of_clause_) found(accept.phrase, begin, end);
    auto edges = a_.edges_of(to);
    for (auto e = edges.rbegin(); e != edges.rend() && e->symbol >= kGap; ++e)
      enter(e->to, begin, end, e->symbol - kGap);
  }

  void found(std::uint32_t phrase, std::uint32_t begin, std::uint32_t end) {
    auto known = std::find_if(hits_.rbegin(), hits_.rend(),
                              [&](const Hit& h) { return h.phrase == phrase && h.begin == begin; });
    if (known == hits_.rend()) {
      hits_.push_back({phrase, begin, end});
    } else {
      known->end = std::max(known->end, end);
    }
  }

  const Automaton& a_;
  const Text& text_;
  const Lexicon& lexicon_;
  SymbolSet satisfied_;
  std::vector<Thread> live_, moved_;
  std::vector<Hit> hits_;
  bool last_of_clause_ = false;
};

std::vector<Hit> Automaton::match(const Text& text, const Lexicon& lexicon) const {
  return Run(*this, text, lexicon).run();
}

}  // namespace rules
