// hash: FNV-1a, 64 bits, folded: the same on every machine and in every release, for what is kept or compared later
// (the buckets of the second reader, which rows are held out). Not for what an attacker chooses.
// Source: http://www.isthe.com/chongo/tech/comp/fnv/, read 2026-11-24.
#pragma once
#include <cstdint>
#include <string_view>

namespace rules {

class Hash {
 public:
  void eat(char c) { h_ = (h_ ^ static_cast<unsigned char>(c)) * 1099511628211ULL; }
  void eat(std::string_view s) {
    for (char c : s) eat(c);
  }
  [[nodiscard]] std::uint64_t folded() const { return h_ ^ h_ >> 32; }

 private:
  std::uint64_t h_ = 14695981039346656037ULL;
};

}  // namespace rules
