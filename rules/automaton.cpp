#include "rules/automaton.hpp"

#include <algorithm>

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

Automaton::State Automaton::step(State from, Symbol label) {
  auto [it, is_new] = building_.try_emplace(key_of(from, label), static_cast<State>(building_accepts_.size()));
  if (is_new) building_accepts_.emplace_back();
  return it->second;
}

void Automaton::add(const Sequence& sequence, std::uint32_t phrase) {
  CHECK(states_.empty());
  State state = sequence.at_begin ? kRootAtBegin : kRoot;
  for (const Element& e : sequence.elements)
    state = step(state, e.gap > 0 ? kGap + static_cast<Symbol>(e.gap) : e.symbol);
  auto& accepts = building_accepts_[state];
  auto same = [&](const Accept& a) { return a.phrase == phrase && a.at_end == sequence.at_end; };
  if (std::none_of(accepts.begin(), accepts.end(), same)) accepts.push_back({phrase, sequence.at_end});
}

void Automaton::freeze(const Lexicon& lexicon) {
  std::vector<std::pair<std::uint64_t, State>> all(building_.begin(), building_.end());
  std::sort(all.begin(), all.end());
  building_.clear();
  states_.resize(building_accepts_.size() + 1);
  std::unordered_map<Symbol, std::vector<Start>> from_root;
  for (const auto& [key, to] : all) {
    auto from = static_cast<State>(key >> 32);
    auto symbol = static_cast<Symbol>(key);
    if (symbol < kGap) symbols_ = std::max(symbols_, symbol + 1);
    if (from <= kRootAtBegin) {
      from_root[symbol].push_back({to, from == kRootAtBegin});
    } else {
      edges_.push_back({symbol, to});
      ++states_[from + 1].first_edge;
    }
  }
  for (State s = 0; s < building_accepts_.size(); ++s) {
    accepts_.insert(accepts_.end(), building_accepts_[s].begin(), building_accepts_[s].end());
    states_[s + 1].first_edge += states_[s].first_edge;
    states_[s + 1].first_accept = static_cast<std::uint32_t>(accepts_.size());
  }
  building_accepts_.clear();
  first_start_.push_back(0);
  for (Symbol id = 0; id < lexicon.size(); ++id) {
    for (Symbol symbol : lexicon.symbols(id))
      if (auto starts = from_root.find(symbol); starts != from_root.end())
        starts_.insert(starts_.end(), starts->second.begin(), starts->second.end());
    first_start_.push_back(static_cast<std::uint32_t>(starts_.size()));
  }
  for (auto& [symbol, starts] : from_root)
    if (lexicon.open(symbol)) open_starts_.emplace(symbol, std::move(starts));
}

// One reading: the threads that are alive, and what they have found.
class Automaton::Run {
 public:
  Run(const Automaton& automaton, const Text& text, const Lexicon& lexicon)
      : a_(automaton), text_(text), lexicon_(lexicon), satisfied_(automaton.symbols_) {
    live_.reserve(kUsualThreads);
    moved_.reserve(kUsualThreads);
  }

  std::vector<Hit> run() {
    for (std::uint32_t i = 0; i < text_.words.size(); ++i) read(i);
    return std::move(hits_);
  }

 private:
  static constexpr std::size_t kUsualThreads = 64;
  struct Thread {
    State state;
    std::uint32_t begin, wait;  // wait: words that may still pass while it stays where it is
  };

  void read(std::uint32_t i) {
    const Word& word = text_.words[i];
    if (word.before == Boundary::hard) live_.clear();
    auto symbols = text_.symbols(word, lexicon_);
    if (live_.empty() && symbols.empty()) return;  // most words of another language
    moved_.clear();
    last_of_clause_ = i + 1 == text_.words.size() || text_.words[i + 1].clause != word.clause;
    if (!live_.empty()) go_on(symbols, i + 1);
    bool first_of_clause = i == 0 || word.clause != text_.words[i - 1].clause;
    for_starts(word, symbols, [&](const Start& start) {
      if (!start.at_begin || first_of_clause) enter(start.to, i, i + 1, 0);
    });
    std::swap(live_, moved_);
  }

  void go_on(std::span<const Symbol> symbols, std::uint32_t end) {
    for (Symbol symbol : symbols)
      if (symbol < a_.symbols_) satisfied_.put(symbol);
    for (const Thread& thread : live_) {
      for (const Edge& edge : a_.edges_of(thread.state)) {
        if (edge.symbol >= kGap) break;
        if (satisfied_.has(edge.symbol)) enter(edge.to, thread.begin, end, 0);
      }
      if (thread.wait > 0) enter(thread.state, thread.begin, end, thread.wait - 1);
    }
    for (Symbol symbol : symbols)
      if (symbol < a_.symbols_) satisfied_.drop(symbol);
  }

  template <class Visit>
  void for_starts(const Word& word, std::span<const Symbol> symbols, Visit visit) {
    if (word.id != kUnknown) {
      for (std::uint32_t s = a_.first_start_[word.id]; s < a_.first_start_[word.id + 1]; ++s) visit(a_.starts_[s]);
      return;
    }
    for (Symbol symbol : symbols)
      if (auto starts = a_.open_starts_.find(symbol); starts != a_.open_starts_.end())
        for (const Start& start : starts->second) visit(start);
  }

  void enter(State to, std::uint32_t begin, std::uint32_t end, std::uint32_t wait) {
    for (std::size_t t = moved_.size();
         t-- > 0 && moved_[t].begin == begin;) {  // those of one beginning stand together
      if (moved_[t].state != to) continue;
      moved_[t].wait = std::max(moved_[t].wait, wait);
      return;
    }
    for (const Accept& accept : a_.accepts_of(to))
      if (!accept.at_end || last_of_clause_) found(accept.phrase, begin, end);
    auto edges = a_.edges_of(to);
    if (edges.empty()) return;  // the phrase is whole
    moved_.push_back({to, begin, wait});
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
