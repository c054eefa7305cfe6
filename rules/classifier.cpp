#include "rules/classifier.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "rules/hash.hpp"

namespace rules {
namespace {

using json = nlohmann::json;

constexpr int kFormat = 2;
constexpr std::size_t kShortestPiece = 3, kLongestPiece = 5;

std::uint32_t bucket(const Hash& h) { return static_cast<std::uint32_t>(h.folded()) & (kBuckets - 1); }

std::uint32_t bucket(char kind, std::string_view a, std::string_view b = {}) {
  Hash h;
  h.eat(kind);
  h.eat(a);
  if (!b.empty()) h.eat(' ');
  h.eat(b);
  return bucket(h);
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// An emoji says how people write, not what: a model that took it for calm would not see who cries.
std::vector<std::string_view> words_of(const Text& text) {
  std::vector<std::string_view> out;
  out.reserve(text.words.size());
  for (std::size_t i = 0; i < text.words.size(); ++i)
    if (!text.words[i].emoji) out.push_back(text.word(i));
  return out;
}

// visit(bucket, kind, first, second) for every feature of the message.
template <class Visit>
void each_feature(const Reading& reading, Visit visit) {
  constexpr std::string_view kEdge = "^";
  auto words = words_of(reading.text);
  std::string edged;
  for (std::size_t i = 0; i <= words.size(); ++i) {
    std::string_view word = i < words.size() ? words[i] : kEdge;
    std::string_view before = i > 0 ? words[i - 1] : kEdge;
    visit(bucket('b', before, word), 'b', before, word);
    if (i == words.size()) break;
    visit(bucket('w', word), 'w', word, std::string_view{});
    if (i > 1) visit(bucket('s', words[i - 2], word), 's', words[i - 2], word);
    edged.assign("<").append(word).append(">");
    for (std::size_t from = 0; from < edged.size(); ++from) {
      if (continues(edged[from])) continue;
      Hash piece;
      piece.eat('c');
      for (std::size_t size = 1; size <= kLongestPiece && from + size <= edged.size(); ++size) {
        piece.eat(edged[from + size - 1]);
        if (size >= kShortestPiece && (from + size == edged.size() || !continues(edged[from + size])))
          visit(bucket(piece), 'c', std::string_view(edged).substr(from, size), std::string_view{});
      }
    }
  }
  for (const Signal& s : reading.signals) {
    if (family(s.name) == "social") continue;  // tone again
    visit(bucket('r', s.name), 'r', s.name, std::string_view{});
    for (std::size_t c = 0; c < kContexts; ++c)
      if (holds(s.contexts, static_cast<Context>(c)))
        visit(bucket('r', s.name, kContextNames[c]), 'r', s.name, kContextNames[c]);
  }
}

}  // namespace

std::vector<std::uint32_t> features(const Reading& reading) {
  std::vector<std::uint32_t> out;
  out.reserve(4 * reading.text.normal.size() + 2 * reading.signals.size());
  std::bitset<kBuckets> seen;
  each_feature(reading, [&](std::uint32_t b, char, auto, auto) {
    if (seen[b]) return;
    seen[b] = true;
    out.push_back(b);
  });
  return out;
}

double feature_value(std::size_t features) { return features == 0 ? 0 : 1 / std::sqrt(static_cast<double>(features)); }

double chance(double value, double slope, double offset) { return 1 / (1 + std::exp(-(slope * value + offset))); }

Classifier::Classifier(std::vector<Head> heads, std::vector<std::int8_t> weights, Limits limits)
    : heads_(std::move(heads)), weights_(std::move(weights)), limits_(limits) {}

std::string Classifier::bytes() const {
  json heads = json::array();
  for (const Head& h : heads_)
    heads.push_back({{"name", h.name},
                     {"bias", h.bias},
                     {"scale", h.scale},
                     {"slope", h.slope},
                     {"offset", h.offset},
                     {"threshold", h.threshold}});
  json first{{"format", kFormat}, {"buckets", kBuckets}, {"alarm", limits_.alarm}, {"crisis", limits_.crisis}};
  first["heads"] = std::move(heads);
  std::string out = first.dump() + "\n";
  for (std::int8_t w : weights_) out.push_back(static_cast<char>(w));
  return out;
}

tl::expected<Classifier, std::string> Classifier::load(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return tl::unexpected(std::string("cannot be read"));
  std::stringstream all;
  all << in.rdbuf();
  std::string bytes = std::move(all).str();
  if (bytes.size() > kMaxReaderBytes) return tl::unexpected(std::string("larger than 4 MiB"));
  std::size_t end = bytes.find('\n');
  json head = json::parse(bytes.substr(0, end == std::string::npos ? 0 : end), nullptr, false);
  if (!head.is_object() || head.value("format", 0) != kFormat || head.value("buckets", 0U) != kBuckets)
    return tl::unexpected(std::string("not a reader of this version"));
  try {
    std::vector<Head> heads;
    for (const auto& h : head.at("heads"))
      heads.push_back({h.at("name").get<std::string>(), h.at("bias").get<double>(), h.at("scale").get<double>(),
                       h.at("slope").get<double>(), h.at("offset").get<double>(), h.at("threshold").get<double>()});
    Limits limits{head.at("alarm").get<double>(), head.at("crisis").get<double>()};
    if (heads.empty() || heads.size() > kMaxHeads || bytes.size() - end - 1 != kMaxHeads * kBuckets)
      return tl::unexpected(std::string("cut off, or not all of it was written"));
    std::vector<std::int8_t> weights(bytes.size() - end - 1);
    std::transform(bytes.begin() + static_cast<std::ptrdiff_t>(end) + 1, bytes.end(), weights.begin(),
                   [](char c) { return static_cast<std::int8_t>(c); });
    return Classifier(std::move(heads), std::move(weights), limits);
  } catch (const json::exception& e) {
    return tl::unexpected(std::string("its first line is broken: ") + e.what());
  }
}

std::vector<double> Classifier::chances(const Reading& reading) const {
  constexpr std::size_t kSafe = 256;  // so many int8 fit into the sum of an int16
  std::array<std::int32_t, kMaxHeads> sums{};
  std::array<std::int16_t, kMaxHeads> some{};
  auto buckets = features(reading);
  std::size_t n = 0;
  auto flush = [&] {
    for (std::size_t h = 0; h < kMaxHeads; ++h) sums[h] += some[h];
    some = {};
  };
  for (std::uint32_t b : buckets) {
    const std::int8_t* row = weights_.data() + std::size_t{b} * kMaxHeads;
    for (std::size_t h = 0; h < kMaxHeads; ++h) some[h] = static_cast<std::int16_t>(some[h] + row[h]);
    if (++n % kSafe == 0) flush();
  }
  flush();
  std::vector<double> out(heads_.size());
  for (std::size_t h = 0; h < out.size(); ++h)
    out[h] = chance(sums[h] * heads_[h].scale * feature_value(buckets.size()) + heads_[h].bias, heads_[h].slope,
                    heads_[h].offset);
  return out;
}

std::vector<Weighed> Classifier::explain(const Reading& reading, std::size_t head, std::size_t most) const {
  std::vector<Weighed> out;
  double unit = heads_[head].scale * feature_value(features(reading).size());
  each_feature(reading, [&](std::uint32_t bucket, char kind, std::string_view a, std::string_view b) {
    double weight = weights_[std::size_t{bucket} * kMaxHeads + head] * unit;
    std::string what(a);
    if (!b.empty()) what.append(kind == 's' ? " .. " : " ").append(b);
    if (weight > 0 && std::none_of(out.begin(), out.end(), [&](const auto& w) { return w.what == what; }))
      out.push_back({std::move(what), weight});
  });
  std::sort(out.begin(), out.end(),
            [](const auto& x, const auto& y) { return x.weight != y.weight ? x.weight > y.weight : x.what < y.what; });
  out.resize(std::min(out.size(), most));
  return out;
}

}  // namespace rules
