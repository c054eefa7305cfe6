// word_table: a hash table from words to T, for one job: most look-ups miss or hit at the first slot, and a miss
// touches one cache line (std::unordered_map: three). Open addressing, at most half full; nothing is ever removed.
// Protocol: insert while a pack loads; pointers to values hold until the next insert. Threads: reading, any number.
// Tested by tests/rules/text_test.cpp.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rules {

template <class T>
class WordTable {
 public:
  static std::uint32_t hash_of(std::string_view word) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(word));
  }
  [[nodiscard]] const T* find(std::string_view word) const { return find(word, hash_of(word)); }
  [[nodiscard]] const T* find(std::string_view word, std::uint32_t hash) const {  // hash: hash_of(word), made before
    for (std::size_t i = hash & mask();; i = (i + 1) & mask()) {
      if (slots_[i].at == kFree) return nullptr;
      if (slots_[i].hash == hash && words_[slots_[i].at].first == word) return &words_[slots_[i].at].second;
    }
  }
  T& operator[](std::string_view word) {                             // made when it is not there
    if (const T* there = find(word)) return const_cast<T&>(*there);  // NOLINT: ours
    if (2 * (words_.size() + 1) > slots_.size()) grow();
    put({hash_of(word), static_cast<std::uint32_t>(words_.size())});
    return words_.emplace_back(word, T{}).second;
  }
  [[nodiscard]] auto begin() const { return words_.begin(); }
  [[nodiscard]] auto end() const { return words_.end(); }

 private:
  static constexpr std::uint32_t kFree = ~std::uint32_t{0};
  struct Slot {
    std::uint32_t hash = 0, at = kFree;
  };
  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }
  void put(Slot slot) {
    std::size_t i = slot.hash & mask();
    while (slots_[i].at != kFree) i = (i + 1) & mask();
    slots_[i] = slot;
  }
  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.at != kFree) put(slot);
  }

  std::vector<std::pair<std::string, T>> words_;
  std::vector<Slot> slots_ = std::vector<Slot>(64);  // a power of two
};

}  // namespace rules
