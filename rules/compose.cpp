#include "rules/compose.hpp"

#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>

#include "rules/check.hpp"

namespace rules {
namespace {

constexpr std::chrono::hours kSafetyRest{72};  // a crisis line is not repeated within

bool ascii(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
}

icu::BreakIterator& breaker() {
  thread_local const std::unique_ptr<icu::BreakIterator> it = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> made(
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    CHECK(U_SUCCESS(status));
    return made;
  }();
  return *it;
}

}  // namespace

int graphemes(std::string_view utf8) {
  if (ascii(utf8)) return static_cast<int>(utf8.size());
  icu::UnicodeString text = icu::UnicodeString::fromUTF8({utf8.data(), static_cast<std::int32_t>(utf8.size())});
  breaker().setText(text);
  int n = 0;
  while (breaker().next() != icu::BreakIterator::DONE) ++n;
  return n;
}

std::string cut_graphemes(std::string_view utf8, int most) {
  if (ascii(utf8)) return std::string(utf8.substr(0, static_cast<std::size_t>(most)));
  icu::UnicodeString text = icu::UnicodeString::fromUTF8({utf8.data(), static_cast<std::int32_t>(utf8.size())});
  breaker().setText(text);
  std::int32_t end = 0;
  for (int n = 0; n < most; ++n) {
    std::int32_t next = breaker().next();
    if (next == icu::BreakIterator::DONE) break;
    end = next;
  }
  std::string out;
  text.tempSubString(0, end).toUTF8String(out);
  return out;
}

std::string capitalised(std::string_view words) {
  icu::UnicodeString text = icu::UnicodeString::fromUTF8({words.data(), static_cast<std::int32_t>(words.size())});
  if (text.isEmpty()) return "";
  std::int32_t second = text.moveIndex32(0, 1);
  std::string out;
  (icu::UnicodeString(text, 0, second).toUpper(icu::Locale::getRoot()) + text.tempSubString(second)).toUTF8String(out);
  return out;
}

std::vector<std::string> placeholders(std::string_view text) {
  std::vector<std::string> out;
  fill(text, [&](std::string_view name) {
    out.emplace_back(name);
    return std::string();
  });
  return out;
}

std::string fill(std::string_view text, const std::function<std::string(std::string_view)>& value) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t open = text.find('{', at), close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) {
      out += text.substr(at);
      break;
    }
    out += text.substr(at, open - at);
    std::string name(text.substr(open + 1, close - open - 1));
    bool capital = !name.empty() && name[0] >= 'A' && name[0] <= 'Z';
    if (capital) name[0] = static_cast<char>(name[0] + 32);
    std::string words = value(name);
    out += capital ? capitalised(words) : words;
    at = close + 1;
    if (words.empty() && (out.empty() || out.back() == '\n'))  // what is not known takes its punctuation with it
      at = std::min(text.find_first_not_of(".,:; ", at), text.size());
  }
  return out;
}

std::string opening_of(std::string_view text) {
  std::size_t first = text.find(' ');
  std::size_t second = first == std::string_view::npos ? first : text.find(' ', first + 1);
  return std::string(text.substr(0, second));
}

const std::string& choose_variant(const std::vector<std::string>& variants, const std::string& id, Person& person,
                                  Time now, bool safety) {
  CHECK(!variants.empty());
  Use& use = person.uses[id];
  auto n = static_cast<std::uint32_t>(variants.size());
  std::uint32_t pick = (person.seed + static_cast<std::uint32_t>(use.count)) % n;
  bool rested = safety ? now - use.at > kSafetyRest : use.at < person.sitting_since;
  for (std::uint32_t tried = 0; tried < n; ++tried, pick = (pick + 1) % n) {
    bool repeats = static_cast<int>(pick) == use.last_variant && !rested;
    bool same_start = opening_of(variants[pick]) == person.last_opening;
    if (n == 1 || (!repeats && !same_start)) break;
  }
  ++use.count;
  use.last_variant = static_cast<int>(pick);
  use.at = now;
  return variants[pick];
}

}  // namespace rules
