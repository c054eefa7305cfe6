#include "rules/phrase.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "rules/text.hpp"

namespace rules {
namespace {

Sequences product(const Sequences& left, const Sequences& right) {
  Sequences out;
  out.reserve(left.size() * right.size());
  for (const auto& l : left)
    for (const auto& r : right) {
      Sequence s = l;
      s.elements.insert(s.elements.end(), r.elements.begin(), r.elements.end());
      s.at_begin = l.at_begin || r.at_begin;
      s.at_end = r.at_end || l.at_end;
      out.push_back(std::move(s));
    }
  return out;
}

struct Before {  // any order: to find what stands twice
  bool operator()(const Sequence& a, const Sequence& b) const {
    if (std::tie(a.at_begin, a.at_end) != std::tie(b.at_begin, b.at_end))
      return std::tie(a.at_begin, a.at_end) < std::tie(b.at_begin, b.at_end);
    return std::lexicographical_compare(
        a.elements.begin(), a.elements.end(), b.elements.begin(), b.elements.end(),
        [](const Element& x, const Element& y) { return std::tie(x.symbol, x.gap) < std::tie(y.symbol, y.gap); });
  }
};

class Parser {
 public:
  Parser(std::string_view text, const Sets& sets, Lexicon& lexicon) : text_(text), sets_(sets), lexicon_(lexicon) {}

  tl::expected<Sequences, PhraseError> run() {
    Sequences out = alternatives('\0');
    if (!error_.what.empty()) return tl::unexpected(error_);
    for (auto& s : out) {  // a gap at an edge, left by an optional word, means nothing
      while (!s.elements.empty() && s.elements.back().gap > 0) s.elements.pop_back();
      while (!s.elements.empty() && s.elements.front().gap > 0) s.elements.erase(s.elements.begin());
      if (s.elements.empty())
        return fail(0, "the phrase can match nothing at all", "leave one word that must be there");
    }
    return out;
  }

 private:
  tl::unexpected<PhraseError> fail(std::size_t at, std::string what, std::string instead) {
    return tl::unexpected(PhraseError{at, std::move(what), std::move(instead)});
  }
  void error(std::string what, std::string instead) {
    if (error_.what.empty()) error_ = {at_, std::move(what), std::move(instead)};
    at_ = text_.size();
  }
  [[nodiscard]] bool done() const { return at_ >= text_.size(); }

  Sequences alternatives(char close) {
    Sequences out, current{Sequence{}};
    while (!done() && text_[at_] != close) {
      if (text_[at_] == '|' && close != '\0') {
        ++at_;
        out.insert(out.end(), current.begin(), current.end());
        current = {Sequence{}};
        continue;
      }
      Sequences next = item();
      if (current.size() * std::max<std::size_t>(next.size(), 1) + out.size() > kMaxSequences) {
        error("too many choices in one phrase", "split it into two phrases");
        break;
      }
      if (!next.empty()) current = product(current, next);
    }
    out.insert(out.end(), current.begin(), current.end());
    if (close != '\0') {
      if (done()) error(std::string("'") + close + "' is missing", "close every ( and [");
      else ++at_;
    }
    return out;
  }

  Sequences item() {
    char c = text_[at_];
    if (c == ' ' || c == ',') return ++at_, Sequences{};
    if (c == '(') {
      ++at_;
      return perhaps(merge_words(alternatives(')')));
    }
    if (c == '[') {
      ++at_;
      Sequences inner = merge_words(alternatives(']'));
      inner.emplace_back();
      if (!done() && text_[at_] == '?') ++at_;
      return inner;
    }
    if (c == '{') return set();
    if (c == '<') return ++at_, Sequences{Sequence{{}, true, false}};
    if (c == '>') return ++at_, Sequences{Sequence{{}, false, true}};
    if (c == '#') return ++at_, one(kNumber);
    if (text_.substr(at_).starts_with("..")) return gap();
    if (c == ')' || c == ']' || c == '}' || c == '|') {
      error(std::string("unexpected '") + c + "'", "a choice is written (a|b)");
      return {};
    }
    return perhaps(word());
  }

  Sequences perhaps(Sequences inner) {  // (a)? and a? are the same as [a]
    if (done() || text_[at_] != '?') return inner;
    ++at_;
    inner.emplace_back();
    return inner;
  }

  Sequences merge_words(Sequences sequences) { return fold_set(std::move(sequences), lexicon_); }
  static Sequences one(Symbol symbol) { return {Sequence{{Element{symbol, 0}}, false, false}}; }

  Sequences gap() {
    at_ += 2;
    int words = 0;
    for (; !done() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_)
      words = std::min(words * 10 + (text_[at_] - '0'), kMaxGapWords + 1);
    if (words == 0) words = kDefaultGapWords;
    if (words > kMaxGapWords) error("a gap of more than 8 words", "..8 is the widest");
    return {Sequence{{Element{kUnknown, words}}, false, false}};
  }

  Sequences set() {
    std::size_t end = text_.find('}', at_);
    if (end == std::string_view::npos) return error("'}' is missing", "a set is written {name}"), Sequences{};
    auto name = text_.substr(at_ + 1, end - at_ - 1);
    auto it = sets_.find(name);
    if (it == sets_.end()) {
      error("no set is called {" + std::string(name) + "}", "define it under sets: in a pack of this language");
      return {};
    }
    at_ = end + 1;
    return it->second;
  }

  Sequences word() {
    std::size_t end = text_.find_first_of(" ,()[]{}<>|#?", at_);
    if (end == std::string_view::npos) end = text_.size();
    std::string_view written = text_.substr(at_, end - at_);
    if (auto dots = written.find(".."); dots != std::string_view::npos) {
      end = at_ + dots;
      written = written.substr(0, dots);
    }
    bool misspelt = written.starts_with('~'), prefix = written.ends_with('*');
    if (misspelt) written.remove_prefix(1);
    if (prefix) written.remove_suffix(1);
    auto words = canonical_words(written, lexicon_);
    if (words.empty()) return error("a word is missing here", "write the word in plain letters"), Sequences{};
    if ((misspelt || prefix) && words.size() != 1) {
      error("~ and * go with one word", "'" + std::string(written) + "' is read as several words");
      return {};
    }
    at_ = end;
    if (prefix) return one(lexicon_.add_prefix(words[0]));
    if (misspelt) return one(lexicon_.add_misspelling(words[0]));
    Sequence s;
    for (const auto& w : words) s.elements.push_back({lexicon_.intern(w), 0});
    return {std::move(s)};
  }

  std::string_view text_;
  const Sets& sets_;
  Lexicon& lexicon_;
  std::size_t at_ = 0;
  PhraseError error_;
};

std::string symbol_regex(Symbol symbol, const Lexicon& lexicon) {
  if (symbol == kNumber) return "[0-9]+";
  if (!lexicon.prefix(symbol).empty()) return lexicon.prefix(symbol) + "[^ ]*";
  const auto& members = lexicon.members(symbol);
  if (members.empty()) return lexicon.name(symbol);
  std::string out = "(?:";
  for (const auto& m : members) out += (out.size() > 3 ? "|" : "") + m;
  return out + ")";
}

}  // namespace

tl::expected<Sequences, PhraseError> parse_phrase(std::string_view phrase, const Sets& sets, Lexicon& lexicon) {
  return Parser(phrase, sets, lexicon).run();
}

Sequences fold_set(Sequences members, Lexicon& lexicon) {
  std::vector<std::string> singles;
  Sequences out;
  std::set<Sequence, Before> seen;
  for (auto& s : members) {
    bool plain = s.elements.size() == 1 && !s.at_begin && !s.at_end && s.elements[0].gap == 0;
    Symbol symbol = plain ? s.elements[0].symbol : kUnknown;
    if (plain && symbol > kNumber && lexicon.prefix(symbol).empty()) {
      const auto& inner = lexicon.members(symbol);
      if (inner.empty()) {
        singles.push_back(lexicon.name(symbol));
      } else {
        singles.insert(singles.end(), inner.begin(), inner.end());
      }
    } else if (seen.insert(s).second) {
      out.push_back(std::move(s));
    }
  }
  if (singles.size() == 1) out.push_back(Sequence{{Element{lexicon.intern(singles[0]), 0}}, false, false});
  if (singles.size() > 1) out.push_back(Sequence{{Element{lexicon.add_class(std::move(singles)), 0}}, false, false});
  return out;
}

std::string regex(const Sequences& sequences, const Lexicon& lexicon) {
  constexpr std::string_view kBetween = " (?:, )?";
  std::string out;
  for (const auto& s : sequences) {
    if (!out.empty()) out += "|";
    out += s.at_begin ? "(?:^|[,|] )" : "(?:^| )";
    bool first = true;
    for (const auto& e : s.elements) {
      if (e.gap > 0) {
        out += "(?: (?:, )?[^ ,|][^ ]*){0," + std::to_string(e.gap) + "}";
        continue;
      }
      if (!first) out += kBetween;
      out += symbol_regex(e.symbol, lexicon);
      first = false;
    }
    out += s.at_end ? "(?:$| [,|] )" : "(?:$| )";
  }
  return out;
}

}  // namespace rules
