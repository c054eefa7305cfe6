#include "rules/condition.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace rules {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  tl::expected<Condition, PhraseError> run() {
    out_.source = std::string(text_);
    any();
    space();
    if (error_.what.empty() && at_ < text_.size()) fail("unexpected '" + std::string(text_.substr(at_, 8)) + "'");
    if (!error_.what.empty()) return tl::unexpected(error_);
    return std::move(out_);
  }

 private:
  void space() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  void fail(std::string what) {
    if (error_.what.empty()) error_ = {at_, std::move(what), "for example: strength >= 8 and not heard(acted.*)"};
    at_ = text_.size();
  }
  bool take(std::string_view token) {
    space();
    if (!text_.substr(at_).starts_with(token)) return false;
    bool word = std::isalpha(static_cast<unsigned char>(token.back())) != 0;
    std::size_t after = at_ + token.size();
    if (word && after < text_.size() &&
        (std::isalnum(static_cast<unsigned char>(text_[after])) != 0 || text_[after] == '_'))
      return false;
    at_ = after;
    return true;
  }
  std::string name(std::string_view more = "._*:") {
    space();
    std::size_t from = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 ||
                                  more.find(text_[at_]) != std::string_view::npos))
      ++at_;
    auto found = text_.substr(from, at_ - from);
    if (found.empty() || found == "and" || found == "or" || found == "in") fail("a name is missing");
    return std::string(found);
  }
  std::size_t add(Condition::Node node) {
    out_.nodes.push_back(std::move(node));
    return out_.nodes.size() - 1;
  }
  std::size_t chain(std::string_view word, Condition::Op op, std::size_t (Parser::*part)()) {
    std::vector<std::size_t> children{(this->*part)()};
    while (take(word)) children.push_back((this->*part)());
    return children.size() == 1 ? children[0] : add({op, {}, {}, std::move(children)});
  }
  std::size_t any() { return chain("or", Condition::Op::any, &Parser::all); }
  std::size_t all() { return chain("and", Condition::Op::all, &Parser::negation); }
  std::size_t negation() {
    if (take("not")) {
      std::size_t child = negation();
      return add({Condition::Op::none, {}, {}, {child}});
    }
    if (take("(")) {
      std::size_t inner = any();
      if (!take(")")) fail("')' is missing");
      return inner;
    }
    return test();
  }
  std::size_t test() {
    std::string left = name();
    if (left == "heard" && take("(")) {
      std::string pattern = name();
      if (!take(")")) fail("')' is missing");
      return add({Condition::Op::heard, std::move(pattern), {}, {}});
    }
    if (take("in")) {
      std::vector<std::string> values;
      if (!take("[")) fail("'[' is missing");
      do values.push_back(name());
      while (take(","));
      if (!take("]")) fail("']' is missing");
      return add({Condition::Op::in, std::move(left), std::move(values), {}});
    }
    using Op = Condition::Op;
    constexpr std::array<std::pair<std::string_view, Op>, 6> kOps{{{"==", Op::equal},
                                                                   {"!=", Op::unequal},
                                                                   {"<=", Op::at_most},
                                                                   {">=", Op::at_least},
                                                                   {"<", Op::less},
                                                                   {">", Op::more}}};
    for (const auto& [token, op] : kOps)
      if (take(token)) {
        std::string of = take("$") ? "$" : "";
        return add({op, std::move(left), {of + name()}, {}});
      }
    return add({Op::known, std::move(left), {}, {}});
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Condition out_;
  PhraseError error_;
};

// Ordered words compare by their place; everything else by its number.
int rank(std::string_view value) {
  constexpr std::array<std::string_view, 5> kRisk{"none", "watch", "low", "high", "immediate"};
  constexpr std::array<std::string_view, 5> kLevel{"none", "support", "concern", "crisis", "danger"};
  for (const auto& order : {kRisk, kLevel})
    for (std::size_t i = 0; i < order.size(); ++i)
      if (order[i] == value) return static_cast<int>(i);
  int number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  return number;
}

bool test(const Condition& condition, std::size_t index, const Lookup& lookup) {
  const auto& node = condition.nodes[index];
  using Op = Condition::Op;
  auto child = [&](std::size_t c) { return test(condition, c, lookup); };
  switch (node.op) {
    case Op::all: return std::all_of(node.children.begin(), node.children.end(), child);
    case Op::any: return std::any_of(node.children.begin(), node.children.end(), child);
    case Op::none: return !child(node.children[0]);
    case Op::heard: return lookup("heard:" + node.name) == "yes";
    default: break;
  }
  std::string value = lookup(node.name);
  std::string other = node.values.empty() ? "" : node.values[0];
  if (other.starts_with('$')) other = lookup(std::string_view(other).substr(1));  // another name's value
  switch (node.op) {
    case Op::known: return !value.empty() && value != "no" && value != "0";
    case Op::equal: return value == other;
    case Op::unequal: return value != other;
    case Op::in: return std::find(node.values.begin(), node.values.end(), value) != node.values.end();
    case Op::less: return !value.empty() && rank(value) < rank(other);
    case Op::at_most: return !value.empty() && rank(value) <= rank(other);
    case Op::more: return !value.empty() && rank(value) > rank(other);
    case Op::at_least: return !value.empty() && rank(value) >= rank(other);
    default: return false;
  }
}

}  // namespace

tl::expected<Condition, PhraseError> parse_condition(std::string_view text) { return Parser(text).run(); }

bool holds(const Condition& condition, const Lookup& lookup) {
  return condition.nodes.empty() || test(condition, condition.nodes.size() - 1, lookup);
}

}  // namespace rules
