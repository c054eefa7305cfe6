#include "bot/training.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <stdexcept>
#include <thread>

#include "rules/loader.hpp"
#include "rules/translation.hpp"

namespace bot {
namespace {

constexpr double kEpsilon = 0.01;

struct Trained {
  std::vector<double> weights;  // by bucket
  double bias = 0;
};

// On so many eighths of the rows, but for those of the part `without`.
Trained train(const TrainingData& data, const TrainingQuestion& question, int without, int eighths) {
  std::vector<double> labels;
  std::vector<feature_node*> rows;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    if (data.part[i] == without || data.eighth[i] >= eighths) continue;
    if (is_translated(data.rows[i]) && !question.translated) continue;
    labels.push_back(question.yes(data.rows[i]) ? 1 : -1);
    rows.push_back(const_cast<feature_node*>(data.features[i].data()));  // NOLINT: liblinear's type
  }
  problem p{static_cast<int>(rows.size()), static_cast<int>(rules::kBuckets) + 1, labels.data(), rows.data(), 1};
  parameter options{};
  options.solver_type = L2R_L2LOSS_SVC;
  options.C = question.cost;
  options.eps = kEpsilon;
  options.p = 0.1;
  int of_yes = 1;
  double weight = question.weight;
  options.nr_weight = 1;
  options.weight_label = &of_yes;
  options.weight = &weight;
  model* m = ::train(&p, &options);
  Trained out;
  double sign = m->label[0] == 1 ? 1 : -1;
  for (std::uint32_t b = 0; b < rules::kBuckets; ++b) out.weights.push_back(sign * m->w[b]);
  out.bias = sign * m->w[rules::kBuckets];
  free_and_destroy_model(&m);
  return out;
}

double decide(const Trained& t, const std::vector<feature_node>& features) {
  double sum = t.bias;
  for (const auto& f : features)
    if (f.index > 0 && f.index <= static_cast<int>(rules::kBuckets))
      sum += t.weights[static_cast<std::size_t>(f.index - 1)] * f.value;
  return sum;
}

// Slope and offset of the chance, by Newton's method on the likelihood of the labels.
void calibrate(rules::Classifier::Head& head, const std::vector<double>& values, const std::vector<bool>& yes) {
  constexpr int kSteps = 30;
  constexpr double kRidge = 1e-6;
  for (int step = 0; step < kSteps; ++step) {
    double slope = 0, offset = 0, ss = kRidge, so = 0, oo = kRidge;
    for (std::size_t i = 0; i < values.size(); ++i) {
      double p = rules::chance(values[i], head.slope, head.offset), error = p - (yes[i] ? 1 : 0), curve = p * (1 - p);
      slope += error * values[i];
      offset += error;
      ss += curve * values[i] * values[i];
      so += curve * values[i];
      oo += curve;
    }
    double all = ss * oo - so * so;
    head.slope -= (oo * slope - so * offset) / all;
    head.offset -= (ss * offset - so * slope) / all;
  }
}

// The chance at which yes and no are told apart best (F1).
double best_threshold(const std::vector<double>& chances, const std::vector<bool>& yes) {
  std::vector<std::pair<double, bool>> sorted;
  sorted.reserve(chances.size());
  for (std::size_t i = 0; i < chances.size(); ++i) sorted.emplace_back(chances[i], yes[i]);
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  auto all = static_cast<double>(std::count(yes.begin(), yes.end(), true));
  double best = 0, at = 1, hits = 0, seen = 0;
  for (const auto& [chance, is] : sorted) {
    ++seen;
    hits += is ? 1 : 0;
    if (double f1 = 2 * hits / (seen + all); f1 > best) {
      best = f1;
      at = chance;
    }
  }
  return at;
}

TrainedHead answer(const TrainingData& data, const TrainingQuestion& question, int eighths) {
  TrainedHead out;
  std::vector<double> values(data.rows.size()), values_here, chances_here;
  std::vector<bool> yes(data.rows.size()), yes_here;
  for (int part = 0; part < static_cast<int>(kParts) - 1; ++part) {
    Trained t = train(data, question, part, eighths);
    for (std::size_t i = 0; i < data.rows.size(); ++i)
      if (data.part[i] == part) values[i] = decide(t, data.features[i]);
  }
  for (std::size_t i = 0; i < data.rows.size(); ++i) yes[i] = question.yes(data.rows[i]);
  Trained t = train(data, question, -1, eighths);
  out.head.name = question.name;
  out.head.bias = t.bias;
  for (std::size_t i = 0; i < data.rows.size(); ++i)
    if (!is_translated(data.rows[i])) values_here.push_back(values[i]), yes_here.push_back(yes[i]);
  calibrate(out.head, values_here, yes_here);
  for (double v : values) out.chances.push_back(rules::chance(v, out.head.slope, out.head.offset));
  for (double v : values_here) chances_here.push_back(rules::chance(v, out.head.slope, out.head.offset));
  out.head.threshold = best_threshold(chances_here, yes_here);
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    if (is_translated(data.rows[i])) continue;
    bool said = out.chances[i] > out.head.threshold, calm = data.rows[i].level == rules::Level::none;
    if (yes[i]) ++out.yes;
    if (yes[i] && said) ++out.found;
    if (calm) ++out.calm;
    if (calm && said) ++out.alarms;
  }
  double most = 1e-9;
  for (double w : t.weights) most = std::max(most, std::abs(w));
  out.head.scale = most / 127;
  out.weights = std::move(t.weights);
  return out;
}

void add(TrainingData& data, LabelledMessage row, rules::Reading reading) {
  auto buckets = rules::features(reading);
  std::sort(buckets.begin(), buckets.end());
  std::vector<feature_node> nodes;
  nodes.reserve(buckets.size() + 2);
  double value = rules::feature_value(buckets.size());
  for (auto b : buckets) nodes.push_back({static_cast<int>(b) + 1, value});
  nodes.push_back({static_cast<int>(rules::kBuckets) + 1, 1.0});
  nodes.push_back({-1, 0});
  data.features.push_back(std::move(nodes));
  data.readings.push_back(std::move(reading));
  std::uint64_t hash = hash_of_id(row.id) / kParts;
  data.part.push_back(static_cast<int>(hash % (kParts - 1)));
  data.eighth.push_back(static_cast<int>(hash / (kParts - 1) % kAllRows));
  data.rows.push_back(std::move(row));
}

}  // namespace

TrainingData data_of(const rules::Pack& pack, const std::string& language, const std::vector<std::string>& corpora) {
  const rules::Detector& detector = *pack.detectors.at(language);
  TrainingData data;
  for (auto& row : read_corpus(corpora)) {
    if (row.language != language || held_out(row.id)) continue;
    auto reading = detector.read(row.text);
    add(data, std::move(row), std::move(reading));
  }
  if (data.rows.empty()) throw std::runtime_error("no rows of the language " + language + " to train on");
  rules::Texts texts(pack, language);
  for (const auto& source : rules::source_texts(pack)) {
    if (!source.label) continue;
    LabelledMessage row;
    row.text = texts.text(source.variants[0]);
    row.id = std::string(kTap) + row.text;
    row.language = language;
    auto reading = detector.read(row.text);
    if (reading.level() == rules::Level::none) add(data, std::move(row), std::move(reading));
  }
  return data;
}

std::vector<TrainedHead> answer_all(const TrainingData& data, const std::vector<TrainingQuestion>& asked, int eighths) {
  std::vector<TrainedHead> answers(asked.size());
  std::atomic<std::size_t> next{0};
  auto work = [&] {
    for (std::size_t q = next++; q < asked.size(); q = next++) answers[q] = answer(data, asked[q], eighths);
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) workers.emplace_back(work);
  for (auto& w : workers) w.join();
  return answers;
}

}  // namespace bot
