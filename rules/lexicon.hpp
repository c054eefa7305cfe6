// Lexicon: the words of one language as numbers, so that matching never compares strings.
// Protocol: intern(), add_class(), rewrite(), ... while a pack loads; freeze() once; after that it is read-only.
// A symbol is what an automaton edge carries: a word, or a class of words ({sets}, kill*, ~misspelled, #).
// Threads: after freeze(), any number. Tested by tests/rules/text_test.cpp.
#pragma once
#include <cstdint>
#include <optional>
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
    std::optional<std::vector<std::string>> rewrite;
  };
  [[nodiscard]] const Entry* entry(std::string_view word) const;  // null: an unknown word
  [[nodiscard]] Symbol find(std::string_view word) const;         // kUnknown when no phrase names it
  [[nodiscard]] const std::string& name(Symbol symbol) const { return names_[symbol]; }

  // A class matches any of its words. Equal member lists share one symbol.
  Symbol add_class(std::vector<std::string> words);
  Symbol add_prefix(std::string_view prefix);     // kill* : every word that begins so
  Symbol add_misspelling(std::string_view word);  // ~word : the word and what slips of one key make of it
  [[nodiscard]] const std::vector<std::string>& members(Symbol cls) const { return members_[cls]; }
  [[nodiscard]] const std::string& prefix(Symbol cls) const { return prefix_of_[cls]; }

  void rewrite(std::string_view word, std::vector<std::string> words);  // "im" is read as "i am"
  [[nodiscard]] const std::vector<std::string>* rewritten(std::string_view word) const;
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
  // The word that `misspelled` stands for, or empty. Only for words given to add_misspelling().
  [[nodiscard]] std::string_view corrected(std::string_view misspelled) const;

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
  Map<Symbol> prefixes_;
  std::vector<std::size_t> prefix_lengths_;
  // Which beginnings of kHeadBytes some prefix or correction has: most unknown words are neither, and are not looked
  // up.
  class Heads {
   public:
    void add(std::string_view word) {
      if (word.size() < kHeadBytes) bits_.assign(kBits, true);  // anything may begin so
      bits_[at(word)] = true;
    }
    [[nodiscard]] bool may_hold(std::string_view word) const { return bits_[at(word)]; }

   private:
    static constexpr std::size_t kBits = 1 << 15, kHeadBytes = 2;
    static std::size_t at(std::string_view word) {
      std::size_t h = 0;
      for (char c : word.substr(0, kHeadBytes)) h = h * 181 + static_cast<unsigned char>(c);
      return h & (kBits - 1);
    }
    std::vector<bool> bits_ = std::vector<bool>(kBits);
  };

  Heads prefix_heads_, correction_heads_;
  std::vector<Symbol> satisfied_;  // by freeze(): of word id, [first_satisfied_[id], first_satisfied_[id + 1])
  std::vector<std::uint32_t> first_satisfied_;
  Map<std::string> corrections_;
  std::vector<std::string> correct_later_;
  std::vector<std::string> short_pieces_;
  bool splits_at_apostrophes_ = false;
};

}  // namespace rules
