#include "bot/command_rules.hpp"

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bot/explain.hpp"
#include "rules/examples.hpp"
#include "rules/labels.hpp"
#include "rules/loader.hpp"
#include "rules/pack.hpp"
#include "rules/prover.hpp"

namespace bot {
namespace {

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
  auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  auto e = explained(*pack, text, language, now);
  auto plain = [](const nlohmann::ordered_json& j) { return j.get<std::string>(); };
  std::cout << "words    " << plain(e["words"]) << "\n";
  for (const auto& s : e["signals"]) {
    std::cout << "signal   " << plain(s["name"]) << "  “" << plain(s["said"]) << "”";
    for (const auto& context : s["contexts"]) std::cout << "  [" << plain(context) << "]";
    for (const auto& where : s["where"]) std::cout << "  " << plain(where);
    std::cout << "\n";
  }
  for (const auto& f : e["findings"])
    std::cout << "finding  " << plain(f["need"]) << " " << plain(f["level"]) << " " << plain(f["subject"])
              << (f["past"].get<bool>() ? " past" : "") << (f["denied"].get<bool>() ? " denied" : "") << "  by "
              << plain(f["rule"]) << "\n";
  for (const auto& [need, weight] : e["signs"].items()) std::cout << "signs    " << need << " " << weight << "\n";
  if (e.contains("doubt"))
    std::cout << "doubt    " << e["doubt"]["alarm"][0] << " of " << e["doubt"]["alarm"][1] << ", of crisis "
              << e["doubt"]["crisis"][0] << " of " << e["doubt"]["crisis"][1] << "\n";
  for (const auto& h : e["second"]) {
    std::cout << "second   " << plain(h["head"]) << " " << h["chance"] << " %  by";
    for (const auto& by : h["by"]) std::cout << " “" << plain(by) << "”";
    std::cout << "\n";
  }
  std::cout << "level    " << plain(e["level"]) << "\n";
  for (const auto& why : e["answers"]) std::cout << "answers  " << plain(why) << "\n";
  for (const auto& says : e["says"]) std::cout << "says     " << plain(says) << "\n";
  return 0;
}

}  // namespace bot
