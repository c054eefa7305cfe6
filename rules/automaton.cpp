#include "rules/automaton.hpp"

#include <algorithm>

#include "rules/check.hpp"

namespace rules {
namespace {

std::uint64_t key_of(std::uint32_t state, Symbol symbol) { return std::uint64_t{state} << 32 | symbol; }

std::uint64_t spread(std::uint64_t key) {
  key *= 0x9E3779B97F4A7C15ULL;
  return key ^ key >> 29;
}

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
  CHECK(table_.empty());
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
  std::size_t size = 16;
  while (size < building_.size() * 2) size *= 2;
  mask_ = size - 1;
  table_.assign(size, Slot{});
  for (const auto& [key, to] : building_) {
    std::uint64_t i = spread(key) & mask_;
    while (table_[i].key != kEmpty) i = (i + 1) & mask_;
    table_[i] = {key, to};
  }
  building_.clear();
}

Automaton::State Automaton::next(State from, Symbol symbol) const {
  std::uint64_t key = key_of(from, symbol);
  for (std::uint64_t i = spread(key) & mask_;; i = (i + 1) & mask_) {
    if (table_[i].key == key) return table_[i].to;
    if (table_[i].key == kEmpty) return kNowhere;
  }
}

std::vector<Hit> Automaton::match(const Text& text) const {
  struct Thread {
    State state;
    std::uint32_t begin;
    bool operator==(const Thread&) const = default;
  };
  std::vector<Hit> hits;
  std::vector<Thread> live, moved;
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
    for (const Thread& thread : live) {
      for (std::uint32_t s = 0; s < word.symbols; ++s)
        if (State to = next(thread.state, text.symbols[word.first_symbol + s]); to != kNowhere)
          enter(to, thread.begin, i + 1);
      if (any_[thread.state] != kNowhere) enter(any_[thread.state], thread.begin, i + 1);
    }
    std::swap(live, moved);
  }
  return hits;
}

}  // namespace rules
