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

constexpr double kCost = 1.0, kEpsilon = 0.01;
constexpr std::size_t kFewestRows = 20;  // of a label that gets a head
// Of messages in which nobody is in danger, this share may be beyond the threshold of a level. The crisis head speaks
// only beside a sign in words.
constexpr double kAlarmsSupport = 0.015, kAlarmsConcern = 0.015, kAlarmsCrisis = 0.005;

struct Data {
  std::vector<LabelledMessage> rows;
  std::vector<std::vector<feature_node>> features;
  std::vector<int> part;  // 0..3, by hash of id
};

struct Question {
  std::string name;
  std::function<bool(const LabelledMessage&)> yes;
  double alarms = 0;  // 0: where the threshold is best for both kinds of error
};

struct Trained {
  std::vector<double> weights;  // by bucket
  double bias = 0;
};

Trained train(const Data& data, const Question& question, int without) {
  std::vector<double> labels;
  std::vector<feature_node*> rows;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    if (data.part[i] == without) continue;
    labels.push_back(question.yes(data.rows[i]) ? 1 : -1);
    rows.push_back(const_cast<feature_node*>(data.features[i].data()));  // NOLINT: liblinear's type
  }
  problem p{static_cast<int>(rows.size()), static_cast<int>(rules::kBuckets) + 1, labels.data(), rows.data(), 1};
  parameter options{};
  options.solver_type = L2R_L2LOSS_SVC;
  options.C = kCost;
  options.eps = kEpsilon;
  options.p = 0.1;
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

// Of (decision value, is a yes, is a message of level none), by which value to say yes.
struct Judged {
  double value = 0;
  bool yes = false, calm = false;
};
struct Verdict {
  double threshold = 0;
  std::size_t yes = 0, found = 0, calm = 0, alarms = 0;  // at that threshold
};
double threshold(std::vector<Judged> all, double alarms) {
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.value > b.value; });
  auto calm = static_cast<double>(std::count_if(all.begin(), all.end(), [](const auto& j) { return j.calm; }));
  auto yes = static_cast<double>(std::count_if(all.begin(), all.end(), [](const auto& j) { return j.yes; }));
  double best = 0, at = 0, hits = 0, false_alarms = 0, seen = 0;
  for (const auto& j : all) {
    ++seen;
    hits += j.yes ? 1 : 0;
    false_alarms += j.calm ? 1 : 0;
    if (alarms > 0) {
      if (false_alarms > alarms * calm) return j.value;
      at = j.value;
    } else if (double f1 = 2 * hits / (seen + yes); f1 > best) {
      best = f1;
      at = j.value;
    }
  }
  return at;
}

Verdict judge(const std::vector<Judged>& all, double alarms) {
  Verdict out;
  out.threshold = threshold(all, alarms);
  for (const auto& j : all) {
    bool said = j.value > out.threshold;
    out.yes += j.yes ? 1 : 0;
    out.found += j.yes && said ? 1 : 0;
    out.calm += j.calm ? 1 : 0;
    out.alarms += j.calm && said ? 1 : 0;
  }
  return out;
}

// What the model is, in words: beside the weights, made with them.
std::string card(const std::string& language, const Data& data, const std::vector<rules::Classifier::Head>& heads,
                 const std::vector<Verdict>& verdicts) {
  std::uint64_t of_rows = 0;
  for (const auto& row : data.rows) of_rows = of_rows * 31 + hash_of_id(row.id + "\n" + row.text);
  std::ostringstream out;
  out << "# The second reader of " << language << "\n\n"
      << "Made by `steady rules train`; the same rows give the same bytes. A linear model over words, pairs of words "
         "and pieces of\n"
         "words, in "
      << rules::kBuckets
      << " buckets. It only adds to what the rules find: alone concern or support, with a sign of the same need in\n"
         "words crisis, danger never. It lowers nothing and writes nothing (rules/second_reader.hpp).\n\n"
      << "Trained on " << data.rows.size() << " labelled messages (hash of ids and texts " << std::hex << of_rows
      << std::dec
      << "), none of them from a person, none reviewed by a\nclinician. A fifth of the corpus is never trained on: "
         "`steady rules "
         "measure --part held-out` tells how both readers do there.\n\n"
      << "Found and alarms are counted on messages that the model at hand was not trained on (three parts of four "
         "train,\n"
         "the fourth tells). Alarms: beyond the threshold though the level is none.\n\n"
      << "| head | messages | found | alarms | threshold |\n|---|---|---|---|---|\n";
  for (std::size_t h = 0; h < heads.size(); ++h) {
    const Verdict& v = verdicts[h];
    auto percent = [&](std::size_t part, std::size_t all) {
      out << std::fixed << std::setprecision(1)
          << (all == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(all)) << " %";
    };
    out << "| " << heads[h].name << " | " << v.yes << " | ";
    percent(v.found, v.yes);
    out << " | ";
    percent(v.alarms, v.calm);
    out << " | " << std::setprecision(3) << v.threshold << " |\n";
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
  for (auto [level, alarms] : {std::pair{rules::Level::support, kAlarmsSupport},
                               {rules::Level::concern, kAlarmsConcern},
                               {rules::Level::crisis, kAlarmsCrisis}})
    out.push_back({"level." + std::string(rules::kLevelNames[static_cast<std::size_t>(level)]),
                   [level = level](const auto& r) { return r.level >= level; }, alarms});
  for (const auto& [name, n] : needs)
    if (n >= kFewestRows)
      out.push_back(
          {"need." + name,
           [name = name](const auto& r) { return std::find(r.needs.begin(), r.needs.end(), name) != r.needs.end(); },
           0});
  for (const auto& [name, n] : pulls)
    if (n >= kFewestRows) out.push_back({"pull." + name, [name = name](const auto& r) { return r.pull == name; }, 0});
  for (const auto& [name, n] : asks)
    if (n >= kFewestRows) out.push_back({"ask." + name, [name = name](const auto& r) { return r.ask == name; }, 0});
  return out;
}

}  // namespace

int rules_train(const std::filesystem::path& folder, const std::string& language,
                const std::vector<std::string>& corpora) {
  auto pack = load_or_print(folder);
  if (pack == nullptr) return 1;
  auto detector = pack->detectors.find(language);
  if (detector == pack->detectors.end()) {
    std::cerr << "no pack of the language " << language << " in " << folder << "\n";
    return 1;
  }
  Data data;
  for (auto& row : read_corpus(corpora)) {
    if (row.language != language || held_out(row.id)) continue;
    auto buckets = rules::features(detector->second->text(row.text));
    std::sort(buckets.begin(), buckets.end());
    std::vector<feature_node> nodes;
    nodes.reserve(buckets.size() + 2);
    double value = rules::feature_value(buckets.size());
    for (auto b : buckets) nodes.push_back({static_cast<int>(b) + 1, value});
    nodes.push_back({static_cast<int>(rules::kBuckets) + 1, 1.0});
    nodes.push_back({-1, 0});
    data.features.push_back(std::move(nodes));
    data.part.push_back(static_cast<int>(hash_of_id(row.id) / kParts % (kParts - 1)));
    data.rows.push_back(std::move(row));
  }
  if (data.rows.empty()) {
    std::cerr << "no rows of the language " << language << " to train on\n";
    return 1;
  }
  set_print_string_function([](const char*) {});
  auto asked = questions(data.rows);
  if (asked.size() > rules::kMaxHeads) {
    std::cerr << "more than " << rules::kMaxHeads << " labels: a reader holds no more\n";
    return 1;
  }
  std::vector<rules::Classifier::Head> heads(asked.size());
  std::vector<Verdict> verdicts(asked.size());
  std::vector<std::int8_t> weights(rules::kMaxHeads * std::size_t{rules::kBuckets});
  std::atomic<std::size_t> next{0};
  auto work = [&] {
    for (std::size_t q = next++; q < asked.size(); q = next++) {
      std::vector<Judged> judged;
      for (int part = 0; part < static_cast<int>(kParts) - 1; ++part) {
        Trained t = train(data, asked[q], part);
        for (std::size_t i = 0; i < data.rows.size(); ++i)
          if (data.part[i] == part)
            judged.push_back(
                {decide(t, data.features[i]), asked[q].yes(data.rows[i]), data.rows[i].level == rules::Level::none});
      }
      Trained t = train(data, asked[q], -1);
      double most = 0;
      for (double w : t.weights) most = std::max(most, std::abs(w));
      verdicts[q] = judge(judged, asked[q].alarms);
      heads[q] = {asked[q].name, t.bias, most / 127, verdicts[q].threshold};
      for (std::uint32_t b = 0; b < rules::kBuckets; ++b)
        weights[std::size_t{b} * rules::kMaxHeads + q] =
            static_cast<std::int8_t>(std::lround(t.weights[b] / heads[q].scale));
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) workers.emplace_back(work);
  for (auto& w : workers) w.join();
  auto file = folder / "packs" / language / "reader.bin";
  std::string bytes = rules::Classifier(heads, weights).bytes();
  std::ofstream(file, std::ios::binary) << bytes;
  std::ofstream(folder / "packs" / language / "reader.md") << card(language, data, heads, verdicts);
  std::cout << file.string() << ": " << data.rows.size() << " rows, " << heads.size() << " heads, " << bytes.size()
            << " bytes\n";
  return 0;
}

}  // namespace bot
