#include "rules/lexicon.hpp"

#include <algorithm>
#include <bit>

namespace rules {
namespace {

constexpr std::size_t kMinMisspelledLetters = 4;  // shorter words have too many real neighbours

std::vector<std::string> one_edit(const std::string& word) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i <= word.size(); ++i) {
    if (i + 1 < word.size()) {
      std::string swapped = word;
      std::swap(swapped[i], swapped[i + 1]);
      out.push_back(swapped);
    }
    if (i < word.size()) out.push_back(word.substr(0, i) + word.substr(i + 1));
    for (char c = 'a'; c <= 'z'; ++c) {
      out.push_back(word.substr(0, i) + c + word.substr(i));
      if (i < word.size()) out.push_back(word.substr(0, i) + c + word.substr(i + 1));
    }
  }
  return out;
}

bool is_number(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Lexicon::Lexicon() : names_{"", "#"}, members_(2), prefix_of_(2) {}

Symbol Lexicon::intern(std::string_view word) {
  Entry& entry = words_[word];
  if (entry.id != kUnknown) return entry.id;
  entry.id = static_cast<Symbol>(names_.size());
  names_.emplace_back(word);
  members_.emplace_back();
  prefix_of_.emplace_back();
  return entry.id;
}

Symbol Lexicon::find(std::string_view word) const {
  const Entry* known = entry(word);
  return known == nullptr ? kUnknown : known->id;
}

bool Lexicon::named(std::string_view word) const {
  const Entry* known = entry(word);
  return known != nullptr && (known->id != kUnknown || !known->rewrite.empty());
}

Symbol Lexicon::add_class(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  std::string key;
  for (const auto& w : words) key += w + "|";
  if (auto it = classes_.find(key); it != classes_.end()) return it->second;
  for (const auto& w : words) intern(w);
  auto id = static_cast<Symbol>(names_.size());
  names_.push_back("{" + key + "}");
  members_.push_back(std::move(words));
  prefix_of_.emplace_back();
  classes_.emplace(key, id);
  return id;
}

Symbol Lexicon::add_prefix(std::string_view prefix) {
  if (const Symbol* known = prefixes_.find(prefix)) return *known;
  auto id = static_cast<Symbol>(names_.size());
  names_.push_back(std::string(prefix) + "*");
  members_.emplace_back();
  prefix_of_.emplace_back(prefix);
  prefixes_[prefix] = id;
  heads_.add(prefix);
  return id;
}

Symbol Lexicon::add_misspelling(std::string_view word) {
  correct_later_.emplace_back(word);  // which slips are real words is known only when all words are
  return intern(word);
}

void Lexicon::rewrite(std::string_view word, const std::vector<std::string>& words) {
  std::vector<Symbol> symbols;
  symbols.reserve(words.size());
  for (const auto& w : words) symbols.push_back(intern(w));
  words_[word].rewrite = std::move(symbols);
}

void Lexicon::freeze() {
  for (const auto& word : correct_later_) {
    if (word.size() < kMinMisspelledLetters) continue;
    for (const auto& slip : one_edit(word)) {
      if (known(slip)) continue;
      Symbol& correct = corrections_[slip];
      if (correct == kUnknown) correct = find(word);
    }
  }
  std::vector<std::vector<Symbol>> satisfied(names_.size());
  for (Symbol id = 0; id < names_.size(); ++id) satisfied[id].push_back(id);
  for (Symbol cls = 0; cls < members_.size(); ++cls)
    for (const auto& w : members_[cls]) satisfied[find(w)].push_back(cls);
  for (const auto& [word, known] : words_)
    if (known.id != kUnknown) open_symbols(word, satisfied[known.id]);
  for (const auto& symbols : satisfied) {
    first_satisfied_.push_back(static_cast<std::uint32_t>(satisfied_.size()));
    satisfied_.insert(satisfied_.end(), symbols.begin(), symbols.end());
  }
  first_satisfied_.push_back(static_cast<std::uint32_t>(satisfied_.size()));
}

void Lexicon::open_symbols(std::string_view unknown, std::vector<Symbol>& out) const {
  if (is_number(unknown)) out.push_back(kNumber);
  for (auto lengths = heads_.lengths(unknown); lengths != 0; lengths &= lengths - 1) {
    auto length = static_cast<std::size_t>(std::countr_zero(lengths));
    if (unknown.size() < length) return;
    if (const Symbol* prefix = prefixes_.find(unknown.substr(0, length))) out.push_back(*prefix);
  }
}

Symbol Lexicon::corrected(std::string_view misspelled, std::uint32_t hash) const {
  const Symbol* correct = corrections_.find(misspelled, hash);
  return correct == nullptr ? kUnknown : *correct;
}

}  // namespace rules
