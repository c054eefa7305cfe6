#include "bot/command_train.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>

#include "bot/command_rules.hpp"
#include "bot/training.hpp"
#include "rules/pack.hpp"

namespace bot {
namespace {

constexpr std::size_t kFewestRows = 20;  // of a label that gets a head
// Of messages in which nobody is in danger, so many may be answered as if, or as a crisis, by both readers together.
constexpr double kAlarms = 0.065, kAlarmsCrisis = 0.020;

rules::Classifier classifier_of(const std::vector<TrainedHead>& answers, rules::Classifier::Limits limits) {
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

std::vector<double> chances_of(const std::vector<TrainedHead>& answers, std::size_t row) {
  std::vector<double> out;
  out.reserve(answers.size());
  for (const auto& a : answers) out.push_back(a.chances[row]);
  return out;
}

rules::Classifier::Limits limits_of(const TrainingData& data, const std::vector<TrainedHead>& answers) {
  constexpr double kNever = 1e9;
  rules::SecondReader second(classifier_of(answers, {kNever, 0}));  // crisis wherever the words allow it
  std::vector<double> alarms, crises;
  std::size_t calm = 0, already = 0, already_crisis = 0;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    if (data.rows[i].level != rules::Level::none || !is_others(data.rows[i])) continue;
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
std::string curve_row(const TrainingData& data, const std::vector<TrainedHead>& answers,
                      rules::Classifier::Limits limits, int eighths) {
  rules::SecondReader second(classifier_of(answers, limits));
  std::map<rules::Level, std::pair<std::size_t, std::size_t>, std::greater<>> found;  // of all
  std::size_t rows = 0;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    if (data.eighth[i] < eighths) ++rows;
    auto level = data.rows[i].level;
    if (level == rules::Level::none || !is_others(data.rows[i])) continue;
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
std::string card(const std::string& language, const TrainingData& data, const std::vector<TrainedHead>& answers,
                 rules::Classifier::Limits limits) {
  std::uint64_t of_rows = 0;
  for (const auto& row : data.rows) of_rows = of_rows * 31 + hash_of_id(row.id + "\n" + row.text);
  auto translated = std::count_if(data.rows.begin(), data.rows.end(), is_translated);
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
      << "Trained on " << data.rows.size() << " labelled messages, " << translated
      << " of them put into the language by machine (hash of ids and texts " << std::hex << of_rows << std::dec
      << "),\nnone of them from a person, none reviewed by a clinician. A fifth of the corpus is never trained on: "
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

std::vector<TrainingQuestion> questions(const std::vector<LabelledMessage>& rows) {
  std::map<std::string, std::size_t> needs, pulls, asks;
  for (const auto& r : rows) {
    for (const auto& n : r.needs) ++needs[n];
    if (r.pull != "none") ++pulls[r.pull];
    if (r.ask != "none" && !r.ask.starts_with("control:")) ++asks[r.ask];
  }
  std::vector<TrainingQuestion> out;
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
      out.push_back({"pull." + name, [name = name](const auto& r) { return r.pull == name; }, 1, 1, false});
  for (const auto& [name, n] : asks)
    if (n >= kFewestRows)
      out.push_back({"ask." + name, [name = name](const auto& r) { return r.ask == name; }, 1, 1, false});
  return out;
}

}  // namespace

int rules_train(const std::filesystem::path& folder, const std::string& language,
                const std::vector<std::string>& corpora) {
  auto pack = load_or_print(folder);
  if (pack == nullptr) return 1;
  if (!pack->detectors.contains(language))
    throw std::runtime_error("no pack of the language " + language + " in " + folder.string());
  set_print_string_function([](const char*) {});
  TrainingData data = data_of(*pack, language, corpora);
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
