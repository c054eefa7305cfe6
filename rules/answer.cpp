#include "rules/answer.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

namespace rules {
namespace {

constexpr std::size_t kShortAnswerWords = 5;  // longer messages are not read as a label's first letters
constexpr std::size_t kMinLabelLetters = 4;
constexpr int kStrongest = 10;
constexpr int kSurelyNumber = 3;
constexpr std::size_t kBareAnswerWords = 2;  // "about two"; in more words "one" and "two" count other things
constexpr std::size_t kEnding = 2;           // letters: "s", "ed"
constexpr std::string_view kDigits = "0123456789";
constexpr int kNoEnd = std::numeric_limits<int>::max();  // "6 or more"

std::optional<int> number_of(std::string_view word) {
  int n = 0;
  auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), n);
  if (ec != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return n;
}

std::optional<int> number_word(const Texts& texts, std::string_view word, std::string_view kind = "value.") {
  if (auto n = number_of(word)) return n;
  const std::string* number = texts.word(std::string(kind) + std::string(word));
  return number == nullptr ? std::nullopt : number_of(*number);
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& w : words) out += (out.empty() ? "" : " ") + w;
  return out;
}

std::string plain(const Reading& reading) {  // the words without boundaries
  std::string out;
  for (std::size_t i = 0; i < reading.text.words.size(); ++i)
    out += (i == 0 ? "" : " ") + std::string(reading.text.word(i));
  return out;
}

const Lexicon* lexicon_of(const Pack& pack, const Reading& reading) {
  auto it = pack.detectors.find(reading.spelled_in);
  return it == pack.detectors.end() ? nullptr : &it->second->lexicon();
}

std::optional<std::string> by_label(const Pack& pack, const Texts& texts, const std::vector<Tap>& taps,
                                    const Reading& reading) {
  const Lexicon* lexicon = lexicon_of(pack, reading);
  if (lexicon == nullptr || reading.text.words.empty()) return std::nullopt;
  std::string said = plain(reading);
  std::vector<std::vector<std::string>> labels;
  labels.reserve(taps.size());
  for (const auto& tap : taps) labels.push_back(canonical_words(tap.label, *lexicon));
  for (std::size_t i = 0; i < taps.size(); ++i)
    if (said == joined(labels[i]) || said == taps[i].value) return taps[i].value;
  if (reading.text.words.size() > kShortAnswerWords) return std::nullopt;
  std::set<std::string> hit;
  for (std::size_t i = 0; i < taps.size(); ++i) {
    // "not deep" is no "Not sure", and "it helped" no "It's worse"
    std::size_t letters = reading.text.words.size() == 1 ? 2 : kMinLabelLetters;
    if (!labels[i].empty() && labels[i][0].size() >= letters && reading.text.word(0) == labels[i][0] &&
        reading.text.words.size() <= 2)
      hit.insert(taps[i].value);
    for (std::size_t w = 0; w < reading.text.words.size(); ++w) {
      std::string_view word = reading.text.word(w);
      if (word.size() < kMinLabelLetters || one_of(texts, "unspecific", word)) continue;
      // "stom" is stomach and "shoulder" is shoulders, but a word of its own is no beginning: "should" is neither.
      bool own = lexicon->known(word);
      bool begins = std::any_of(labels[i].begin(), labels[i].end(), [&](const auto& l) {
        return l.size() >= kMinLabelLetters && l.starts_with(word) && (!own || l.size() - word.size() <= kEnding);
      });
      auto negates = [&](std::size_t back) {
        return w >= back && one_of(texts, "negations", reading.text.word(w - back));
      };
      bool negated = negates(1) || negates(2);
      if (begins && !negated) hit.insert(taps[i].value);
    }
  }
  return hit.size() == 1 ? std::optional(*hit.begin()) : std::nullopt;
}

std::optional<std::string> by_number(const Texts& texts, const ShownTaps& shown, const Reading& reading) {
  const auto& words = reading.text.words;
  const std::vector<Tap>& taps = shown.taps;
  if (!shown.numbered || words.empty() || words.size() > 3) return std::nullopt;
  std::string_view last = reading.text.word(words.size() - 1);
  std::optional<int> n = number_word(texts, last);
  if (!n) n = number_word(texts, last, "place.");  // "the second one"
  if (!n && last.size() == 1 && words.size() == 1 && last[0] >= 'a' && last[0] <= 'z' && last != "n" && last != "y" &&
      last != "k")
    n = last[0] - 'a' + 1;
  if (!n || *n < 1 || *n > static_cast<int>(taps.size())) return std::nullopt;
  return taps[static_cast<std::size_t>(*n) - 1].value;
}

// A number of things, where the options are ranges of it: "4", or "like 4 times", is the option "3 to 5".
std::optional<std::string> by_range(const Texts& texts, const std::vector<Tap>& taps, const Reading& reading) {
  struct Range {
    int from, to;
    const std::string* value;
  };
  std::vector<Range> ranges;
  bool any = false;
  for (const Tap& tap : taps) {
    std::vector<int> ends;
    for (std::size_t at = tap.label.find_first_of(kDigits); at != std::string::npos;
         at = tap.label.find_first_of(kDigits, at)) {
      std::size_t end = std::min(tap.label.find_first_not_of(kDigits, at), tap.label.size());
      ends.push_back(number_of(std::string_view(tap.label).substr(at, end - at)).value_or(0));
      at = end;
    }
    bool both = ends.size() == 2 && ends[0] < ends[1];
    any = any || both;
    if (both || ends.size() == 1) ranges.push_back({ends[0], both ? ends[1] : kNoEnd, &tap.value});
  }
  if (!any || reading.text.words.size() > kShortAnswerWords) return std::nullopt;
  for (std::size_t w = 0; w < reading.text.words.size(); ++w)
    if (auto n = number_word(texts, reading.text.word(w)))
      for (const Range& r : ranges)
        if (r.from <= *n && *n <= r.to) return *r.value;
  return std::nullopt;
}

// The option whose signal is heard; of two, the one said last ("chest, no, stomach").
std::optional<std::string> by_signal(const Step& step, const std::vector<Tap>& taps, const Reading& reading) {
  std::optional<std::string> best;
  std::uint32_t at = 0, length = 0;
  auto offer = [&](const std::string& value, std::string_view pattern) {
    const Signal* s = reading.heard(pattern);
    if (s == nullptr || (best && (s->end < at || (s->end == at && s->end - s->begin <= length)))) return;
    best = value;
    at = s->end;
    length = s->end - s->begin;
  };
  for (const auto& [value, patterns] : step.hears)
    for (const auto& pattern : patterns) offer(value, pattern);
  auto has = [&](std::string_view value) {
    return std::any_of(taps.begin(), taps.end(), [&](const Tap& t) { return t.value == value; });
  };
  if (best) return best;
  for (std::string_view word : {"yes", "no", "unsure"})
    if (has(word)) offer(std::string(word), "answer." + std::string(word));
  return best;
}

std::optional<int> strength_in(const Texts& texts, const Reading& reading) {
  const auto& words = reading.text.words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto n = number_word(texts, reading.text.word(i));
    if (!n || *n < 0) continue;
    bool spelled = !number_of(reading.text.word(i));
    if (spelled && *n < kSurelyNumber && words.size() > kBareAnswerWords) continue;  // "no one", "the two of us"
    if (i + 1 < words.size() && one_of(texts, "units", reading.text.word(i + 1))) continue;
    if (i > 0 && one_of(texts, "not_before_strength", reading.text.word(i - 1))) continue;
    if (i + 1 < words.size())  // "7-8": the upper
      if (auto upper = number_of(reading.text.word(i + 1)); upper && *upper == *n + 1) n = upper;
    if (*n <= kStrongest) return n;
    if (words.size() <= 3) return kStrongest;
  }
  for (int n = kStrongest; n >= 0; --n)
    if (reading.heard("scale." + std::to_string(n)) != nullptr) return n;
  return std::nullopt;
}

std::optional<int> number_within(const Signal& s, const Reading& reading) {  // "#  minutes": it stands in the match
  for (std::uint32_t w = s.begin; w < s.end; ++w)
    if (auto n = number_of(reading.text.word(w))) return n;
  return std::nullopt;
}

std::optional<int> minutes_in(const Reading& reading) {
  for (const auto& s : reading.signals)
    if (s.name.starts_with("when.n."))
      if (auto n = number_within(s, reading)) {
        int unit = s.name == "when.n.minutes" ? 1 : s.name == "when.n.hours" ? 60 : 1440;
        return std::min(*n, 10'000) * unit;
      }
  if (const Signal* s = reading.heard("when.m.*")) return number_of(s->name.substr(7));
  return std::nullopt;
}

}  // namespace

bool one_of(const Texts& texts, std::string_view list, std::string_view word) {
  const std::string* words = texts.word(list);
  return words != nullptr && (" " + *words + " ").find(" " + std::string(word) + " ") != std::string::npos;
}

std::optional<int> strength_beside(const Reading& reading) {
  const Signal* s = reading.heard("said.number");
  auto n = s == nullptr ? std::nullopt : number_within(*s, reading);
  return n && *n >= 0 && *n <= kStrongest ? n : std::nullopt;
}

std::optional<std::string> told_beside(const Pack& pack, const Step& step, const Reading& reading) {
  constexpr std::size_t kFewWords = 5;
  Texts texts(pack, reading.language);
  if (step.type == AnswerType::scale) {
    auto n = reading.text.words.size() <= kFewWords ? strength_in(texts, reading) : strength_beside(reading);
    return n ? std::optional(std::to_string(*n)) : std::nullopt;
  }
  if (step.type == AnswerType::when) {
    auto minutes = reading.text.words.size() <= kFewWords ? minutes_in(reading) : std::nullopt;
    return minutes ? std::optional(std::to_string(*minutes)) : std::nullopt;
  }
  constexpr std::array<std::string_view, 3> kPlain{"body.", "pull.", "acted."};
  for (const auto& [value, patterns] : step.hears)
    for (const auto& pattern : patterns)
      if (std::any_of(kPlain.begin(), kPlain.end(), [&](auto of) { return pattern.starts_with(of); }) &&
          reading.heard(pattern) != nullptr)
        return value;
  return std::nullopt;
}

std::optional<Answer> understand(const Pack& pack, const Step& step, const ShownTaps& shown, const Reading& reading,
                                 const std::string& noted) {
  Texts texts(pack, reading.language);
  const std::vector<Tap>& visible = shown.taps;
  if (step.type == AnswerType::free) {
    for (const auto& tap : visible)
      if (auto value = by_label(pack, texts, {tap}, reading); value && reading.text.words.size() <= 3)
        return Answer{*value};
    if (auto value = by_signal(step, visible, reading)) return Answer{*value};
    return Answer{"said"};
  }
  if (step.type == AnswerType::scale) {
    if (auto n = strength_in(texts, reading)) return Answer{std::to_string(*n)};
    if (auto value = by_label(pack, texts, visible, reading)) return Answer{*value, true};
    return reading.heard("control.unsure") != nullptr ? std::optional(Answer{"unsure"}) : std::nullopt;
  }
  if (step.type == AnswerType::when) {
    if (auto minutes = minutes_in(reading)) return Answer{std::to_string(*minutes)};
    if (auto value = by_number(texts, shown, reading)) return Answer{*value, true};
    if (auto value = by_label(pack, texts, visible, reading)) return Answer{*value, true};
    return reading.heard("control.unsure") != nullptr || reading.heard("when.unknown") != nullptr
               ? std::optional(Answer{"unsure"})
               : std::nullopt;
  }
  if (auto value = by_label(pack, texts, visible, reading)) return Answer{*value};
  if (auto value = by_number(texts, shown, reading)) return Answer{*value};
  if (auto value = by_range(texts, visible, reading)) return Answer{*value};
  if (auto value = by_signal(step, visible, reading)) return Answer{*value};
  if (!noted.empty()) return Answer{noted};
  if (reading.heard("control.unsure") != nullptr && reading.text.words.size() <= kShortAnswerWords)
    return Answer{"unsure"};
  return std::nullopt;
}

}  // namespace rules
