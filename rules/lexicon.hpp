// Lexicon: the words of one language as numbers, so that matching never compares strings.
// Protocol: intern(), add_class(), rewrite(), ... while a pack loads; freeze() once; after that it is read-only.
// A symbol is what an automaton edge carries: a word, or a class of words ({sets}, kill*, ~misspelled, #).
// Threads: after freeze(), any number. Tested by tests/rules/text_test.cpp.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/word_table.hpp"

namespace rules {

using Symbol = std::uint32_t;
inline constexpr Symbol kUnknown = 0;  // a word that no phrase names
inline constexpr Symbol kNumber = 1;   // class: a number

class Lexicon {
 public:
  Lexicon();

  Symbol intern(std::string_view word);
  struct Entry {  // what is known of a word
    Symbol id = kUnknown;
    bool common = false;
    std::vector<Symbol> rewrite;  // the words it is read as; none: itself
  };
  // A word's hash is the same in every lexicon: of a message it is made once.
  static std::uint32_t hash_of(std::string_view word) { return WordTable<Entry>::hash_of(word); }
  [[nodiscard]] const Entry* entry(std::string_view word, std::uint32_t hash) const { return words_.find(word, hash); }
  [[nodiscard]] const Entry* entry(std::string_view word) const { return words_.find(word); }  // null: an unknown word
  [[nodiscard]] Symbol find(std::string_view word) const;                           // kUnknown when no phrase names it
  [[nodiscard]] Symbol size() const { return static_cast<Symbol>(names_.size()); }  // symbols, classes among them
  [[nodiscard]] const std::string& name(Symbol symbol) const { return names_[symbol]; }

  // A class matches any of its words. Equal member lists share one symbol.
  Symbol add_class(std::vector<std::string> words);
  Symbol add_prefix(std::string_view prefix);     // kill* : every word that begins so
  Symbol add_misspelling(std::string_view word);  // ~word : the word and what slips of one key make of it
  [[nodiscard]] const std::vector<std::string>& members(Symbol cls) const { return members_[cls]; }
  // Whether words that no phrase names satisfy it.
  [[nodiscard]] bool open(Symbol symbol) const { return symbol == kNumber || !prefix_of_[symbol].empty(); }
  [[nodiscard]] const std::string& prefix(Symbol cls) const { return prefix_of_[cls]; }

  void rewrite(std::string_view word, const std::vector<std::string>& words);  // "im" is read as "i am"
  void add_common(std::string_view word) { words_[word].common = true; }  // a real word: never "corrected", never split
  [[nodiscard]] bool known(std::string_view word) const {
    return entry(word) != nullptr;
  }                                                       // named, rewritten or common
  [[nodiscard]] bool named(std::string_view word) const;  // named or rewritten

  // "j'ai" is two words (French, Italian); otherwise an apostrophe joins: "don't" is dont.
  void split_at_apostrophes() { splits_at_apostrophes_ = true; }
  [[nodiscard]] bool splits_at_apostrophes() const { return splits_at_apostrophes_; }

  // Short words that stand in glued ones ("iwantto"). Without any, nothing is unglued: a language of long compounds, or
  // one whose real words the pack does not list.
  void add_short_piece(std::string_view word) { short_pieces_.emplace_back(word); }
  [[nodiscard]] const std::vector<std::string>& short_pieces() const { return short_pieces_; }

  void freeze();
  // Every symbol that a word satisfies: of a word with an id, and appended for one without.
  [[nodiscard]] std::span<const Symbol> symbols(Symbol id) const {
    return std::span(satisfied_).subspan(first_satisfied_[id], first_satisfied_[id + 1] - first_satisfied_[id]);
  }
  void open_symbols(std::string_view unknown, std::vector<Symbol>& out) const;  // # and prefix*
  // The word that `misspelled` stands for, or kUnknown. Only for words given to add_misspelling().
  [[nodiscard]] Symbol corrected(std::string_view misspelled, std::uint32_t hash) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  template <class T>
  using Map = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> members_;  // by symbol; empty for plain words
  std::vector<std::string> prefix_of_;             // by symbol; empty unless a prefix class
  WordTable<Entry> words_;
  Map<Symbol> classes_;  // by joined member list
  WordTable<Symbol> prefixes_;
  // By a hash of their first bytes: how long the prefixes are that begin so. Most unknown words have none of them.
  class Heads {
   public:
    void add(std::string_view prefix) {
      for (std::size_t at = 0; at < kSlots; ++at)
        if (prefix.size() < kHeadBytes || at == slot(prefix)) lengths_[at] |= std::uint32_t{1} << (prefix.size() & 31U);
    }
    [[nodiscard]] std::uint32_t lengths(std::string_view word) const { return lengths_[slot(word)]; }

   private:
    static constexpr std::size_t kSlots = 1 << 11, kHeadBytes = 3;
    static std::size_t slot(std::string_view word) {
      std::size_t h = 0;
      for (char c : word.substr(0, kHeadBytes)) h = h * 181 + static_cast<unsigned char>(c);
      return h % kSlots;
    }
    std::vector<std::uint32_t> lengths_ = std::vector<std::uint32_t>(kSlots);
  };

  Heads heads_;
  std::vector<Symbol> satisfied_;  // by freeze(): of word id, [first_satisfied_[id], first_satisfied_[id + 1])
  std::vector<std::uint32_t> first_satisfied_;
  WordTable<Symbol> corrections_;
  std::vector<std::string> correct_later_;
  std::vector<std::string> short_pieces_;
  bool splits_at_apostrophes_ = false;
};

}  // namespace rules
