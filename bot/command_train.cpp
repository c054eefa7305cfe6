#include "bot/command_train.hpp"

#include <linear.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <thread>

#include "bot/command_rules.hpp"
#include "bot/corpus.hpp"
#include "rules/classifier.hpp"
#include "rules/pack.hpp"

namespace bot {
namespace {

constexpr double kEpsilon = 0.01;
constexpr std::size_t kFewestRows = 20;  // of a label that gets a head
// Of messages in which nobody is in danger, so many may be answered as if, or as a crisis, by both readers together.
constexpr double kAlarms = 0.065, kAlarmsCrisis = 0.020;

struct Data {
  std::vector<LabelledMessage> rows;
  std::vector<rules::Reading> readings;  // by the rules alone
  std::vector<std::vector<feature_node>> features;
  std::vector<int> part;    // 0..3, by hash of id
  std::vector<int> eighth;  // 0..7, by hash of id: for the learning curve
};
constexpr int kAllRows = 8;  // eighths

struct Question {
  std::string name;
  std::function<bool(const LabelledMessage&)> yes;
  double cost = 1;    // of an error (liblinear's C)
  double weight = 1;  // of a yes, against a no
};

struct Trained {
  std::vector<double> weights;  // by bucket
  double bias = 0;
};

struct Answer {  // to a question
  rules::Classifier::Head head;
  std::vector<double> weights;                           // by bucket
  std::vector<double> chances;                           // by row, of a model that was not trained on it
  std::size_t yes = 0, found = 0, calm = 0, alarms = 0;  // at the head's threshold
};

// On so many eighths of the rows, but for those of the part `without`.
Trained train(const Data& data, const Question& question, int without, int eighths) {
  std::vector<double> labels;
  std::vector<feature_node*> rows;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    if (data.part[i] == without || data.eighth[i] >= eighths) continue;
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

Answer answer(const Data& data, const Question& question, int eighths) {
  Answer out;
  std::vector<double> values(data.rows.size());
  std::vector<bool> yes(data.rows.size());
  for (int part = 0; part < static_cast<int>(kParts) - 1; ++part) {
    Trained t = train(data, question, part, eighths);
    for (std::size_t i = 0; i < data.rows.size(); ++i)
      if (data.part[i] == part) values[i] = decide(t, data.features[i]);
  }
  for (std::size_t i = 0; i < data.rows.size(); ++i) yes[i] = question.yes(data.rows[i]);
  Trained t = train(data, question, -1, eighths);
  out.head.name = question.name;
  out.head.bias = t.bias;
  calibrate(out.head, values, yes);
  for (double v : values) out.chances.push_back(rules::chance(v, out.head.slope, out.head.offset));
  out.head.threshold = best_threshold(out.chances, yes);
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
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

rules::Classifier classifier_of(const std::vector<Answer>& answers, rules::Classifier::Limits limits) {
  std::vector<rules::Classifier::Head> heads;
  heads.reserve(answers.size());
  std::vector<std::int8_t> weights(rules::kMaxHeads * std::size_t{rules::kBuckets});
  for (std::size_t h = 0; h < answers.size(); ++h) {
    heads.push_back(answers[h].head);
    for (std::uint32_t b = 0; b < rules::kBuckets; ++b)
      weights[std::size_t{b} * rules::kMaxHeads + h] =
          static_cast<std::int8_t>(std::lround(answers[h].weights[b] / answers[h].head.scale));
  }
  return {std::move(heads), std::move(weights), limits};
}

// Above which value so few of the calm messages lie that, with the `already` alarms of the rules, the share holds.
double limit(std::vector<double> values, std::size_t already, double share, std::size_t calm) {
  std::sort(values.begin(), values.end(), std::greater<>());
  auto most = static_cast<std::size_t>(share * static_cast<double>(calm));
  std::size_t may = most > already ? most - already : 0;
  return may < values.size() ? values[may] : 0;
}

std::vector<double> chances_of(const std::vector<Answer>& answers, std::size_t row) {
  std::vector<double> out;
  out.reserve(answers.size());
  for (const auto& a : answers) out.push_back(a.chances[row]);
  return out;
}

// Rows written while tuning are near misses on purpose: how many of them alarm says nothing of other people's messages.
bool is_own(const LabelledMessage& row) { return row.id.starts_with("own-"); }

rules::Classifier::Limits limits_of(const Data& data, const std::vector<Answer>& answers) {
  constexpr double kNever = 1e9;
  rules::SecondReader second(classifier_of(answers, {kNever, 0}));  // crisis wherever the words allow it
  std::vector<double> alarms, crises;
  std::size_t calm = 0, already = 0, already_crisis = 0;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    if (data.rows[i].level != rules::Level::none || is_own(data.rows[i])) continue;
    auto chances = chances_of(answers, i);
    auto level = data.readings[i].level();
    ++calm;
    if (level > rules::Level::none) ++already;
    if (level >= rules::Level::crisis) ++already_crisis;
    if (level == rules::Level::none) alarms.push_back(second.alarm(chances));
    if (level >= rules::Level::crisis) continue;
    auto reading = data.readings[i];
    second.add_to(reading, chances);
    if (reading.level() >= rules::Level::crisis) crises.push_back(second.crisis(chances));
  }
  return {limit(std::move(alarms), already, kAlarms, calm),
          limit(std::move(crises), already_crisis, kAlarmsCrisis, calm)};
}

constexpr const char* kCurveHead =
    "\n## What more rows bring\n\nAny reaction of both readers at the same share of alarms, on rows that others wrote "
    "and "
    "that the models at hand were not\ntrained on; in brackets the 95 % interval (Wilson).\n\n"
    "| rows | danger | crisis | concern | support |\n|---|---|---|---|---|\n";

// One line of the learning curve.
std::string curve_row(const Data& data, const std::vector<Answer>& answers, rules::Classifier::Limits limits,
                      int eighths) {
  rules::SecondReader second(classifier_of(answers, limits));
  std::map<rules::Level, std::pair<std::size_t, std::size_t>, std::greater<>> found;  // of all
  std::size_t rows = 0;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    if (data.eighth[i] < eighths) ++rows;
    auto level = data.rows[i].level;
    if (level == rules::Level::none || is_own(data.rows[i])) continue;
    auto& [hits, all] = found[level];
    ++all;
    if (data.readings[i].level() > rules::Level::none || second.alarm(chances_of(answers, i)) > limits.alarm) ++hits;
  }
  std::ostringstream out;
  out << "| " << rows << std::fixed << std::setprecision(1);
  for (const auto& [level, n] : found) {
    auto [low, high] = wilson(n.first, n.second);
    out << " | " << 100 * static_cast<double>(n.first) / static_cast<double>(n.second) << " % [" << 100 * low << ", "
        << 100 * high << "]";
  }
  out << " |\n";
  return out.str();
}

// What the model is, in words: beside the weights, made with them.
std::string card(const std::string& language, const Data& data, const std::vector<Answer>& answers,
                 rules::Classifier::Limits limits) {
  std::uint64_t of_rows = 0;
  for (const auto& row : data.rows) of_rows = of_rows * 31 + hash_of_id(row.id + "\n" + row.text);
  std::ostringstream out;
  out << "# The second reader of " << language << "\n\n"
      << "Made by `steady rules train`; the same rows give the same bytes. A linear model over words, pairs of words "
         "and pieces of\n"
         "words, in "
      << rules::kBuckets
      << " buckets. It only adds to what the rules find: alone concern or support, with a sign of the same need in\n"
         "words crisis, danger never. It lowers nothing and writes nothing (rules/second_reader.hpp). It speaks beyond "
      << limits.alarm << " of doubt, of\ncrisis beyond " << limits.crisis << ": both readers together then take "
      << 100 * kAlarms << " % of calm messages for more, " << 100 * kAlarmsCrisis << " % for a crisis.\n\n"
      << "Trained on " << data.rows.size() << " labelled messages (hash of ids and texts " << std::hex << of_rows
      << std::dec
      << "), none of them from a person, none reviewed by a\nclinician. A fifth of the corpus is never trained on: "
         "`steady rules "
         "measure --part held-out` tells how both readers do there.\n\n"
      << "Found and alarms are counted on messages that the model at hand was not trained on (three parts of four "
         "train,\n"
         "the fourth tells). Alarms: beyond the head's threshold though the level is none.\n\n"
      << "| head | messages | found | alarms | threshold |\n|---|---|---|---|---|\n";
  for (const auto& v : answers) {
    auto percent = [&](std::size_t part, std::size_t all) {
      out << std::fixed << std::setprecision(1)
          << (all == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(all)) << " %";
    };
    out << "| " << v.head.name << " | " << v.yes << " | ";
    percent(v.found, v.yes);
    out << " | ";
    percent(v.alarms, v.calm);
    out << " | " << std::setprecision(3) << v.head.threshold << " |\n";
  }
  return out.str();
}

std::vector<Question> questions(const std::vector<LabelledMessage>& rows) {
  std::map<std::string, std::size_t> needs, pulls, asks;
  for (const auto& r : rows) {
    for (const auto& n : r.needs) ++needs[n];
    if (r.pull != "none") ++pulls[r.pull];
    if (r.ask != "none" && !r.ask.starts_with("control:")) ++asks[r.ask];
  }
  std::vector<Question> out;
  for (auto level : {rules::Level::support, rules::Level::concern, rules::Level::crisis, rules::Level::danger})
    out.push_back({"level." + std::string(rules::kLevelNames[static_cast<std::size_t>(level)]),
                   [level](const auto& r) { return r.level >= level; }, 0.5, 1});
  for (const auto& [name, n] : needs)
    if (n >= kFewestRows)
      out.push_back(
          {"need." + name,
           [name = name](const auto& r) { return std::find(r.needs.begin(), r.needs.end(), name) != r.needs.end(); }, 1,
           3});
  for (const auto& [name, n] : pulls)
    if (n >= kFewestRows)
      out.push_back({"pull." + name, [name = name](const auto& r) { return r.pull == name; }, 1, 1});
  for (const auto& [name, n] : asks)
    if (n >= kFewestRows) out.push_back({"ask." + name, [name = name](const auto& r) { return r.ask == name; }, 1, 1});
  return out;
}

Data data_of(const rules::Detector& detector, const std::string& language, const std::vector<std::string>& corpora) {
  Data data;
  for (auto& row : read_corpus(corpora)) {
    if (row.language != language || held_out(row.id)) continue;
    auto reading = detector.read(row.text);
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
  if (data.rows.empty()) throw std::runtime_error("no rows of the language " + language + " to train on");
  return data;
}

std::vector<Answer> answer_all(const Data& data, const std::vector<Question>& asked, int eighths) {
  std::vector<Answer> answers(asked.size());
  std::atomic<std::size_t> next{0};
  auto work = [&] {
    for (std::size_t q = next++; q < asked.size(); q = next++) answers[q] = answer(data, asked[q], eighths);
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) workers.emplace_back(work);
  for (auto& w : workers) w.join();
  return answers;
}

}  // namespace

int rules_train(const std::filesystem::path& folder, const std::string& language,
                const std::vector<std::string>& corpora) {
  auto pack = load_or_print(folder);
  if (pack == nullptr) return 1;
  auto detector = pack->detectors.find(language);
  if (detector == pack->detectors.end())
    throw std::runtime_error("no pack of the language " + language + " in " + folder.string());
  set_print_string_function([](const char*) {});
  Data data = data_of(*detector->second, language, corpora);
  auto asked = questions(data.rows);
  if (asked.size() > rules::kMaxHeads)
    throw std::runtime_error("more than " + std::to_string(rules::kMaxHeads) + " labels: a reader holds no more");
  std::string curve;
  for (int eighths : {1, 2, 4}) {
    auto fewer = answer_all(data, asked, eighths);
    curve += curve_row(data, fewer, limits_of(data, fewer), eighths);
  }
  auto answers = answer_all(data, asked, kAllRows);
  auto limits = limits_of(data, answers);
  curve += curve_row(data, answers, limits, kAllRows);
  auto file = folder / "packs" / language / "reader.bin";
  std::string bytes = classifier_of(answers, limits).bytes();
  std::ofstream(file, std::ios::binary) << bytes;
  std::ofstream(folder / "packs" / language / "reader.md")
      << card(language, data, answers, limits) << kCurveHead << curve;
  std::cout << file.string() << ": " << data.rows.size() << " rows, " << asked.size() << " heads, " << bytes.size()
            << " bytes\n";
  return 0;
}

}  // namespace bot
