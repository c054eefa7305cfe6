#include "rules/pack.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <sstream>

#include "rules/examples.hpp"
#include "rules/hash.hpp"
#include "rules/loader.hpp"
#include "rules/second_reader.hpp"
#include "rules/translation.hpp"

namespace rules {
namespace {

// Of every file: which words were in force when something was said.
std::string fingerprint(const std::vector<std::filesystem::path>& files) {
  Hash hash;
  for (const auto& path : files) {
    std::ifstream in(path, std::ios::binary);
    for (char c; in.get(c);) hash.eat(c);
  }
  std::ostringstream out;
  out << std::hex << hash.folded();
  return out.str();
}

void load_file(const std::filesystem::path& path, Sources& out) {
  auto root = load_yaml(path.string());
  if (!root) {
    out.problems.insert(out.problems.end(), root.error().begin(), root.error().end());
    return;
  }
  Form file(*root, "the pack", out.problems);
  file.require("language");
  std::string language = file.text("language", "en");
  file.text("pack");
  file.text("about");
  load_words(file, language, out);
  if (language != kSourceLanguage) return load_translation(file, language, out);
  load_lines(file, out);
  if (std::string guide = file.text("guide"); !guide.empty()) {
    load_guide(file, *root, guide, out);
  } else {
    for (std::string_view key : {"steps", "parks_hours", "safety", "calm", "asks_what", "closed", "timers"})
      if (const YamlNode* stray = file.any(key))
        file.wrong(*stray, std::string(key) + ": outside a guide", "begin the file with guide: name");
  }
}

std::vector<std::filesystem::path> pack_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code ec;
  for (auto it = std::filesystem::recursive_directory_iterator(folder / "packs", ec);
       !ec && it != std::filesystem::recursive_directory_iterator(); it.increment(ec))
    if (it->path().extension() == ".yaml") files.push_back(it->path());
  std::sort(files.begin(), files.end());
  return files;
}

void collect_jumps(Pack& pack) {
  for (const auto& [name, guide] : pack.guides)
    for (const auto& step : guide.steps)
      for (const auto& tap : step.taps)
        if (tap.value.find('.') != std::string::npos) pack.jumps.emplace(tap.value, step.name);
}

// Without its second reader a language is read by its rules alone.
void load_readers(const std::filesystem::path& folder, Pack& pack) {
  for (const auto& [language, detector] : pack.detectors) {
    auto file = folder / "packs" / language / "reader.bin";
    std::error_code ec;
    if (!std::filesystem::exists(file, ec) && !std::filesystem::exists(folder / "packs" / language / "reader.md", ec))
      continue;  // never had one: its card is missing too
    auto classifier = Classifier::load(file);
    if (classifier) {
      pack.readers.emplace(language, SecondReader(std::move(*classifier)));
    } else {
      std::ostringstream text;
      text << file.string() << ": " << classifier.error() << ": the rules of " << language
           << " read alone\n    make it anew: steady rules train --language " << language;
      pack.warnings.push_back(std::move(text).str());
    }
  }
}

enum class Checks : std::uint8_t { none, draft, all };  // beyond form and names: examples; and translations

Result<std::shared_ptr<const Pack>> compile(const std::filesystem::path& folder,
                                            const std::vector<std::filesystem::path>& files, Checks checks) {
  Sources sources;
  for (const auto& path : files) load_file(path, sources);
  if (files.empty())
    sources.problems.push_back({(folder / "packs").string(), 0, 0, "holds no packs (*.yaml)",
                                "point packs: at the folder that holds packs/ and directory/"});
  auto directory = Directory::load(folder / "directory");
  if (!directory) sources.problems.insert(sources.problems.end(), directory.error().begin(), directory.error().end());
  if (!sources.problems.empty()) return tl::unexpected(std::move(sources.problems));  // form first
  for (auto& [language, words] : sources.languages) {
    auto detector = Detector::build(std::move(words));
    if (!detector) {
      sources.problems.insert(sources.problems.end(), detector.error().begin(), detector.error().end());
    } else {
      sources.pack.detectors.emplace(language, std::move(*detector));
    }
  }
  if (!sources.problems.empty()) return tl::unexpected(std::move(sources.problems));
  sources.pack.directory = std::move(*directory);
  sources.pack.version = fingerprint(files);
  collect_jumps(sources.pack);
  check_names(sources.pack, sources.problems);
  check_texts(sources.pack, sources.problems);
  check_translations(sources.pack, sources.problems);
  auto pack = std::make_shared<Pack>(std::move(sources.pack));
  Problems incomplete;
  check_completeness(*pack, incomplete);
  for (const auto& p : incomplete) pack->warnings.push_back(p.text());
  if (checks == Checks::all) sources.problems.insert(sources.problems.end(), incomplete.begin(), incomplete.end());
  if (checks != Checks::none) {  // examples: of the rules alone
    Problems failed = run_examples(*pack);
    sources.problems.insert(sources.problems.end(), failed.begin(), failed.end());
  }
  load_readers(folder, *pack);
  if (!sources.problems.empty()) return tl::unexpected(std::move(sources.problems));
  return pack;
}

}  // namespace

const Guide* Pack::guide(std::string_view name) const {
  auto it = guides.find(name);
  return it == guides.end() ? nullptr : &it->second;
}

const Step* Pack::step(std::string_view name) const {
  const Guide* g = guide(name.substr(0, name.find('.')));
  if (g == nullptr) return nullptr;
  auto it = g->index.find(name);
  return it == g->index.end() ? nullptr : &g->steps[it->second];
}

Result<std::shared_ptr<const Pack>> load_pack(const std::filesystem::path& folder, bool run_them) {
  return compile(folder, pack_files(folder), run_them ? Checks::all : Checks::none);
}

namespace {

std::string declared_language(const std::filesystem::path& file) {
  constexpr std::string_view kKey = "language: ";
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(kKey)) return line.substr(kKey.size());
  return std::string(kSourceLanguage);
}

// Whether most of its words stand in no phrase of this language: then it may well be written in another.
bool looks_foreign(const Text& text, const Lexicon& own) {
  std::size_t known = 0;
  for (std::uint32_t w = 0; w < text.words.size(); ++w)
    if (own.known(text.word(w))) ++known;
  return 2 * known < text.words.size();
}

// A word of the person's own language is no control of another: "fine" does not end what Italian's "fine" ends.
void drop_false_friends(Reading& other, const Lexicon& own) {
  std::erase_if(other.signals, [&](const Signal& s) {
    if (!s.whole || !s.name.starts_with("control.")) return false;
    bool foreign = false;
    for (std::uint32_t w = s.begin; w < s.end; ++w) foreign = foreign || !own.known(other.text.word(w));
    return !foreign;
  });
}

}  // namespace

Problems check_files(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& files) {
  auto all = pack_files(folder);
  for (const auto& file : files) {  // an author's copy replaces the installed file of that name in its language
    std::string language = declared_language(file);
    auto installed = std::find_if(all.begin(), all.end(), [&](const auto& f) {
      return f.filename() == file.filename() && f.parent_path().filename() == language;
    });
    if (installed == all.end()) all.push_back(file);
    else *installed = file;  // in its place: of a guide in several files, the first one has the head
  }
  auto pack = compile(folder, all, Checks::draft);
  return pack ? Problems{} : pack.error();
}

Reading read(const Pack& pack, std::string_view message, std::string_view language, Readers readers) {
  Reading reading;
  auto translation = pack.translations.find(language);
  bool safety_only = translation != pack.translations.end() && translation->second.safety_only;
  auto own = pack.detectors.find(safety_only ? kSourceLanguage : language);
  if (own == pack.detectors.end()) own = pack.detectors.begin();
  if (own == pack.detectors.end()) return reading;
  std::array<std::optional<Tokens>, 2> cut;  // by habit of apostrophes
  auto tokens = [&](const Detector& detector) -> const Tokens& {
    auto& t = cut[detector.splits_at_apostrophes() ? 1 : 0];
    if (!t) t = Tokens::of(message, detector.splits_at_apostrophes());
    return *t;
  };
  reading = own->second->read(tokens(*own->second));
  auto second = pack.readers.find(own->first);
  if (readers == Readers::both && second != pack.readers.end()) second->second.add_to(reading);
  std::string written;  // in a language other than the one that was asked for: its second reader reads, too
  if (readers == Readers::both && message.size() >= kMinGuessedBytes &&
      looks_foreign(reading.text, own->second->lexicon()))
    written = guessed_language(pack, message);
  for (const auto& [name, detector] : pack.detectors) {
    if (name == own->first) continue;
    Reading other = detector->read(tokens(*detector), name != language, reading.undone);
    if (name != language) drop_false_friends(other, own->second->lexicon());
    if (second = pack.readers.find(name); name == written && second != pack.readers.end()) {
      Reading whole = detector->read(tokens(*detector));
      second->second.add_to(whole);
      std::copy_if(whole.findings.begin(), whole.findings.end(), std::back_inserter(other.findings),
                   [](const Finding& f) { return f.rule == kSecondReader; });
    }
    reading.add(other);
  }
  reading.language = language;
  return reading;
}

}  // namespace rules
