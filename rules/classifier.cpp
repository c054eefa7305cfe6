#include "rules/classifier.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace rules {
namespace {

using json = nlohmann::json;

constexpr int kFormat = 1;
constexpr std::size_t kShortestPiece = 3, kLongestPiece = 5;

class Hash {  // FNV-1a, folded
 public:
  explicit Hash(char kind) { eat(kind); }
  void eat(char c) { h_ = (h_ ^ static_cast<unsigned char>(c)) * 1099511628211ULL; }
  void eat(std::string_view s) {
    for (char c : s) eat(c);
  }
  [[nodiscard]] std::uint32_t bucket() const { return static_cast<std::uint32_t>(h_ ^ h_ >> 32) & (kBuckets - 1); }

 private:
  std::uint64_t h_ = 14695981039346656037ULL;
};

Hash pair_hash(char kind, std::string_view a, std::string_view b) {
  Hash h(kind);
  h.eat(a);
  h.eat(' ');
  h.eat(b);
  return h;
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// visit(bucket, kind, first, second) for every n-gram of the message.
template <class Visit>
void each_gram(const Text& text, Visit visit) {
  constexpr std::string_view kEdge = "^";
  std::string edged;
  for (std::size_t i = 0; i <= text.words.size(); ++i) {
    std::string_view word = i < text.words.size() ? text.word(i) : kEdge;
    std::string_view before = i > 0 ? text.word(i - 1) : kEdge;
    visit(pair_hash('b', before, word).bucket(), 'b', before, word);
    if (i == text.words.size()) break;
    Hash whole('w');
    whole.eat(word);
    visit(whole.bucket(), 'w', word, std::string_view{});
    if (i > 1) visit(pair_hash('s', text.word(i - 2), word).bucket(), 's', text.word(i - 2), word);
    edged.assign("<").append(word).append(">");
    for (std::size_t from = 0; from < edged.size(); ++from) {
      if (continues(edged[from])) continue;
      Hash piece('c');
      for (std::size_t size = 1; size <= kLongestPiece && from + size <= edged.size(); ++size) {
        piece.eat(edged[from + size - 1]);
        if (size >= kShortestPiece && (from + size == edged.size() || !continues(edged[from + size])))
          visit(piece.bucket(), 'c', std::string_view(edged).substr(from, size), std::string_view{});
      }
    }
  }
}

}  // namespace

std::vector<std::uint32_t> features(const Text& text) {
  std::vector<std::uint32_t> out;
  out.reserve(8 * text.normal.size() / 2);
  std::vector<bool> seen(kBuckets);
  each_gram(text, [&](std::uint32_t bucket, char, auto, auto) {
    if (seen[bucket]) return;
    seen[bucket] = true;
    out.push_back(bucket);
  });
  return out;
}

double feature_value(std::size_t features) { return features == 0 ? 0 : 1 / std::sqrt(static_cast<double>(features)); }

Classifier::Classifier(std::vector<Head> heads, std::vector<std::int8_t> weights)
    : heads_(std::move(heads)), weights_(std::move(weights)) {}

std::string Classifier::bytes() const {
  json heads = json::array();
  for (const Head& h : heads_)
    heads.push_back({{"name", h.name}, {"bias", h.bias}, {"scale", h.scale}, {"threshold", h.threshold}});
  std::string out = json{{"format", kFormat}, {"buckets", kBuckets}, {"heads", std::move(heads)}}.dump() + "\n";
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
                       h.at("threshold").get<double>()});
    if (heads.empty() || heads.size() > kMaxHeads || bytes.size() - end - 1 != kMaxHeads * kBuckets)
      return tl::unexpected(std::string("cut off, or not all of it was written"));
    std::vector<std::int8_t> weights(bytes.size() - end - 1);
    std::transform(bytes.begin() + static_cast<std::ptrdiff_t>(end) + 1, bytes.end(), weights.begin(),
                   [](char c) { return static_cast<std::int8_t>(c); });
    return Classifier(std::move(heads), std::move(weights));
  } catch (const json::exception& e) {
    return tl::unexpected(std::string("its first line is broken: ") + e.what());
  }
}

std::vector<double> Classifier::margins(const Text& text) const {
  constexpr std::size_t kSafe = 256;  // so many int8 fit into the sum of an int16
  std::array<std::int32_t, kMaxHeads> sums{};
  std::array<std::int16_t, kMaxHeads> some{};
  auto buckets = features(text);
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
    out[h] = sums[h] * heads_[h].scale * feature_value(buckets.size()) + heads_[h].bias - heads_[h].threshold;
  return out;
}

std::vector<Weighed> Classifier::explain(const Text& text, std::size_t head, std::size_t most) const {
  std::vector<Weighed> out;
  double unit = heads_[head].scale * feature_value(features(text).size());
  each_gram(text, [&](std::uint32_t bucket, char kind, std::string_view a, std::string_view b) {
    double weight = weights_[std::size_t{bucket} * kMaxHeads + head] * unit;
    std::string gram = b.empty() ? std::string(a) : std::string(a) + (kind == 's' ? " .. " : " ") + std::string(b);
    if (weight > 0 && std::none_of(out.begin(), out.end(), [&](const auto& w) { return w.gram == gram; }))
      out.push_back({std::move(gram), weight});
  });
  std::sort(out.begin(), out.end(),
            [](const auto& x, const auto& y) { return x.weight != y.weight ? x.weight > y.weight : x.gram < y.gram; });
  out.resize(std::min(out.size(), most));
  return out;
}

}  // namespace rules
