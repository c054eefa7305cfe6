#include "bot/command_rules.hpp"

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "rules/engine.hpp"
#include "rules/examples.hpp"
#include "rules/labels.hpp"
#include "rules/loader.hpp"
#include "rules/pack.hpp"
#include "rules/prover.hpp"

namespace bot {
namespace {

constexpr std::size_t kGramsShown = 6;  // of the second reader, for each head that says yes

void print(const rules::Problems& problems) {
  for (const auto& p : problems) std::cerr << p.text() << "\n";
  std::cerr << problems.size() << (problems.size() == 1 ? " problem\n" : " problems\n");
}

// A YAML double-quoted scalar.
std::string yaml_scalar(std::string_view text) { return nlohmann::json(text).dump(); }

}  // namespace

std::filesystem::path rules_folder(const std::string& option) {
  if (!option.empty()) return option;
  if (const char* set = std::getenv("STEADY_RULES")) return set;
  std::error_code ec;
  auto binary = std::filesystem::read_symlink("/proc/self/exe", ec);
  for (auto up = binary.parent_path(); !ec && up.has_relative_path(); up = up.parent_path())
    if (std::filesystem::exists(up / "rules" / "packs")) return up / "rules";
  return "/usr/share/steady/rules";
}

std::shared_ptr<const rules::Pack> load_or_print(const std::filesystem::path& folder) {
  auto pack = rules::load_pack(folder, false);
  if (pack) return *pack;
  print(pack.error());
  return nullptr;
}

int rules_check(const std::filesystem::path& folder, const std::vector<std::string>& files) {
  if (!files.empty()) {
    auto problems = rules::check_files(folder, {files.begin(), files.end()});
    if (problems.empty()) return std::cout << "ok\n", 0;
    print(problems);
    return 1;
  }
  auto pack = rules::load_pack(folder);
  if (!pack) {
    print(pack.error());
    return 1;
  }
  std::size_t signals = 0, phrases = 0, steps = 0;
  for (const auto& [language, detector] : (*pack)->detectors) {
    signals += detector->signals().size();
    phrases += detector->phrase_count();
  }
  for (const auto& [name, guide] : (*pack)->guides) steps += guide.steps.size();
  auto proof = rules::prove(**pack);
  for (const auto& f : proof.failures)
    std::cerr << "not proved: " << rules::kProperties[static_cast<std::size_t>(f.property - 1)] << "\n    " << f.where
              << "\n    " << f.shows << "\n";
  std::cout << (proof.proved() == static_cast<int>(rules::kProperties.size()) ? "ok: " : "") << (*pack)->guides.size()
            << " guides, " << steps << " steps, " << signals << " signals, " << phrases << " phrases, "
            << (*pack)->directory.size() << " countries, version " << (*pack)->version << "\nproved " << proof.proved()
            << " of " << rules::kProperties.size() << ": " << proof.states << " states walked, " << proof.turns
            << " turns taken\n";
  return proof.proved() == static_cast<int>(rules::kProperties.size()) ? 0 : 1;
}

int rules_texts(const std::filesystem::path& folder, const std::string& language) {
  auto pack = load_or_print(folder);
  if (pack == nullptr) return 1;
  auto translation = pack->translations.find(language);
  std::string guide;
  for (const auto& text : rules::source_texts(*pack)) {
    if (translation != pack->translations.end() && translation->second.texts.contains(text.variants.front())) continue;
    if (text.guide != guide) std::cout << "  # " << (guide = text.guide) << "\n";
    for (std::size_t v = 1; v < text.variants.size(); ++v)
      std::cout << "  # or: " << yaml_scalar(text.variants[v]) << "\n";
    std::cout << "  " << yaml_scalar(text.variants.front()) << ": " << (text.label ? "\"\"" : "[\"\"]") << "\n";
  }
  return 0;
}

int rules_read(const std::filesystem::path& folder) {
  auto pack = load_or_print(folder);
  if (pack == nullptr) return 1;
  std::string line;
  for (int number = 1; std::getline(std::cin, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto row = nlohmann::json::parse(line, nullptr, false);
    if (!row.is_object() || !row.contains("text") || !row["text"].is_string()) {
      std::cerr << "line " << number << ": not {\"id\",\"lang\",\"text\"}\n";
      return 1;
    }
    std::string language = row.value("lang", "en");
    auto labels = rules::labels_of(rules::read(*pack, row["text"].get<std::string>(), language));
    nlohmann::json out{{"level", labels.level},   {"needs", labels.needs}, {"pull", labels.pull},
                       {"moment", labels.moment}, {"ask", labels.ask},     {"signals", labels.signals}};
    if (row.contains("id")) out["id"] = row["id"];
    std::cout << out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  }
  return 0;
}

int rules_explain(const std::filesystem::path& folder, const std::string& text, const std::string& language) {
  auto pack = load_or_print(folder);
  if (pack == nullptr) return 1;
  auto reading = rules::read(*pack, text, language);
  std::cout << "words    " << reading.text.normal << "\n";
  for (const auto& s : reading.signals) {
    std::cout << "signal   " << s.name << "  “" << text.substr(s.from, s.to - s.from) << "”";
    for (std::size_t c = 0; c < rules::kContexts; ++c)
      if (rules::holds(s.contexts, static_cast<rules::Context>(c)))
        std::cout << "  [" << rules::kContextNames[c] << "]";
    for (const auto& why : reading.why)
      if (why.rule == s.name) std::cout << "  " << why.file << ":" << why.line;
    std::cout << "\n";
  }
  for (const auto& f : reading.findings)
    std::cout << "finding  " << rules::kNeedNames[static_cast<std::size_t>(f.need)] << " "
              << rules::kLevelNames[static_cast<std::size_t>(f.level)] << " "
              << (f.subject == rules::Subject::self ? "self" : "other") << (f.past ? " past" : "")
              << (f.denied ? " denied" : "") << "  by " << f.rule << "\n";
  for (std::size_t n = 0; n < rules::kNeeds; ++n)
    if (reading.signs[n] > 0) std::cout << "signs    " << rules::kNeedNames[n] << " " << reading.signs[n] << "\n";
  if (auto second = pack->readers.find(language); second != pack->readers.end()) {
    const auto& classifier = second->second.classifier();
    auto chances = classifier.chances(reading);
    std::cout << "doubt    " << second->second.alarm(chances) << " of " << classifier.limits().alarm << ", of crisis "
              << second->second.crisis(chances) << " of " << classifier.limits().crisis << "\n";
    for (std::size_t h = 0; h < chances.size(); ++h) {
      const auto& head = classifier.heads()[h];
      if (chances[h] <= head.threshold) continue;
      std::cout << "second   " << head.name << " " << std::lround(100 * chances[h]) << " %  by";
      for (const auto& w : classifier.explain(reading, h, kGramsShown)) std::cout << " “" << w.what << "”";
      std::cout << "\n";
    }
  }
  std::cout << "level    " << rules::kLevelNames[static_cast<std::size_t>(reading.level())] << "\n";
  rules::Said said;
  said.text = text;
  said.reading = reading;
  auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  auto decision = rules::decide(*pack, {}, {{}, std::move(said)}, now);
  for (const auto& why : decision.why)
    if (why.starts_with("opens ") || why.starts_with("control ")) std::cout << "answers  " << why << "\n";
  for (const auto& reply : decision.replies) std::cout << "says     " << reply.text << "\n";
  return 0;
}

}  // namespace bot
