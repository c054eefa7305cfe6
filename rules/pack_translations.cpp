// Translations: loading, and whether they say all that the guides say, with the same routes in it.
#include <algorithm>
#include <set>

#include "rules/compose.hpp"
#include "rules/loader.hpp"
#include "rules/turn.hpp"

namespace rules {
namespace {

// What every language says; "" is what the engine and the directory say in a text of the packs.
constexpr std::array<std::string_view, 6> kSafety{"", "lines", "crisis", "worry", "support", "handover"};
constexpr int kMaxLabelGraphemes = 20;
// conversation.md 11.1: what is said again is said in other words. Short forms and what is `fixed` have one.
constexpr std::size_t kWordings = 3, kSafetyWordings = 4;

// A help line that the guide's text always names is named by every translation of it: {line}, {line_full}, {Line_text}.
constexpr std::array<std::string_view, 8> kRoutes{"emerg", "program", "line", "dv", "sv", "ed", "child", "substance"};

std::set<std::string> routes_in(std::string_view text) {
  std::set<std::string> out;
  for (auto& name : placeholders(text)) {
    std::string plain = name;
    if (plain[0] >= 'A' && plain[0] <= 'Z') plain[0] = static_cast<char>(plain[0] + 32);
    plain.resize(std::min(plain.size(), plain.find('_')));
    if (std::find(kRoutes.begin(), kRoutes.end(), plain) != kRoutes.end()) out.insert(std::move(plain));
  }
  return out;
}

std::set<std::string> routes_in_all(const std::vector<std::string>& variants) {
  std::set<std::string> all = routes_in(variants.front());
  for (const auto& v : variants) {
    std::set<std::string> here = routes_in(v), both;
    std::set_intersection(all.begin(), all.end(), here.begin(), here.end(), std::inserter(both, both.end()));
    all = std::move(both);
  }
  return all;
}

class Collector {
 public:
  explicit Collector(std::string guide) : guide_(std::move(guide)) {}
  void add(const Wordings& wordings, const Place& place, std::size_t needed) {
    for (const auto& w : wordings) add({guide_, w.variants, place, needed});
  }
  void add(const std::string& text, bool label) { add({guide_, {text}, {}, 1, label}); }
  std::vector<SourceText> texts;

 private:
  void add(SourceText&& text) {
    if (!text.variants.front().empty()) texts.push_back(std::move(text));
  }
  std::string guide_;
};

std::map<std::string, SourceText, std::less<>> by_text(const Pack& pack) {
  std::map<std::string, SourceText, std::less<>> all;
  for (auto& text : source_texts(pack)) all.emplace(text.variants.front(), std::move(text));
  return all;
}

void check_translation(const Pack& pack, const SourceText& source, const Translation::Text& text, Problems& problems) {
  auto needed = routes_in_all(source.variants);
  for (const auto& variant : text.variants) {
    if (source.label) {
      if (graphemes(variant) > kMaxLabelGraphemes || variant.empty())
        problems.push_back(
            problem_at(text.place, "the label '" + variant + "' is empty or longer than 20 characters", "shorten it"));
      continue;
    }
    if (!source.guide.empty()) check_text(pack, variant, text.place, problems);
    for (const auto& route : needed)
      if (!routes_in(variant).contains(route))
        problems.push_back(problem_at(text.place,
                                      std::string("{").append(route).append("} is missing in: ").append(variant),
                                      "the text it translates always names it"));
  }
}

// Enough wordings, which begin differently and name the same help lines.
void check_variation(const std::vector<std::string>& variants, const SourceText& source, const Place& place,
                     Problems& problems) {
  if (variants.size() < source.wordings)
    problems.push_back(problem_at(
        place,
        std::to_string(variants.size()) + " of " + std::to_string(source.wordings) + " wordings: " + variants.front(),
        "say it in other words, or fixed: true where the words must stay"));
  std::set<std::string> openings;
  for (const auto& variant : variants) {
    if (source.wordings > 1 && !openings.insert(opening_of(variant)).second)
      problems.push_back(problem_at(place, "two wordings begin with '" + opening_of(variant) + "'",
                                    "begin this one differently: " + variant));
    if (routes_in(variant) != routes_in(variants.front()))
      problems.push_back(problem_at(place, "not the help lines of its other wordings: " + variant,
                                    "the same {line}, {emerg}, ... in each"));
  }
}

}  // namespace

std::vector<SourceText> source_texts(const Pack& pack) {
  std::vector<SourceText> out;
  std::set<std::string> seen;
  auto take = [&](Collector&& from) {
    for (auto& text : from.texts)
      if (seen.insert(text.variants.front()).second) out.push_back(std::move(text));
  };
  auto guide = [&](const Guide& g) {
    Collector c(g.name);
    for (const auto& step : g.steps) {
      std::size_t needed = step.fixed ? 1 : g.safety ? kSafetyWordings : kWordings;
      c.add(step.say, step.place, needed);
      c.add(step.again, step.place, 1);
      for (const auto& tap : step.taps) c.add(tap.label, true);
      for (const auto& branch : step.next) c.add(branch.say, step.place, needed);
    }
    take(std::move(c));
  };
  Collector phrases(""), lines("lines");
  for (const auto& phrase : Directory::phrases()) phrases.add(phrase, false);
  for (const auto& phrase : engine_phrases()) phrases.add(phrase, false);
  for (const auto& [name, wordings] : pack.lines) lines.add(wordings, Place{"line " + name, 0, 0}, kWordings);
  take(std::move(phrases));
  take(std::move(lines));
  for (std::string_view name : kSafety)
    if (const Guide* g = pack.guide(name)) guide(*g);
  for (const auto& [name, g] : pack.guides) guide(g);
  Collector heard("heard");
  for (const auto& line : pack.heard_lines) heard.add(Wordings{line.say}, Place{"heard", 0, 0}, kWordings);
  take(std::move(heard));
  return out;
}

void load_translation(Form& file, const std::string& language, Sources& out) {
  for (std::string_view key : {"guide", "lines", "openings", "asides", "notes", "heard", "controls", "safety_entries"})
    if (const YamlNode* stray = file.any(key))
      file.wrong(*stray, std::string(key) + ": in " + language, "guides are written once, in packs/en; here texts:");
  const YamlNode *texts = file.map("texts"), *words = file.map("words");
  if (texts == nullptr && words == nullptr) return;  // its words are read, and it says nothing
  Translation& translation = out.pack.translations[language];
  translation.safety_only = translation.safety_only || file.flag("safety_only", false);
  if (texts != nullptr)
    for (const auto& [source, node] : texts->entries) {
      Translation::Text text{{}, node.place};
      if (node.kind == YamlNode::Kind::scalar) text.variants.push_back(node.scalar);
      for (const auto& item : node.items) text.variants.push_back(item.scalar);
      if (text.variants.empty()) file.wrong(node, "no translation of: " + source, "\"" + source + "\": [\"...\"]");
      if (!translation.texts.emplace(source, std::move(text)).second)
        file.wrong(node, "translated twice: " + source, "keep one");
    }
  if (words != nullptr)
    for (const auto& [name, node] : words->entries) translation.words[name] = node.scalar;
}

void check_translations(const Pack& pack, Problems& problems) {
  auto all = by_text(pack);
  for (const auto& [language, translation] : pack.translations) {
    for (const auto& [source, text] : translation.texts)
      if (auto it = all.find(source); it != all.end()) check_translation(pack, it->second, text, problems);
    for (const auto& [name, word] : translation.words)
      if (!pack.words.contains(name) && !name.starts_with("value.") && !name.starts_with("place."))
        problems.push_back({"packs/" + language, 0, 0, "no word is called '" + name + "'", "see words: in packs/en"});
  }
}

void check_completeness(const Pack& pack, Problems& problems) {
  auto all = by_text(pack);
  for (const auto& [source, text] : all) check_variation(text.variants, text, text.place, problems);
  for (const auto& [language, translation] : pack.translations) {
    for (const auto& [source, text] : translation.texts)
      if (!all.contains(source))
        problems.push_back(problem_at(text.place, "no guide says: " + source, "its text was changed: translate anew"));
    for (const auto& [source, text] : all) {
      bool needed = !translation.safety_only || std::find(kSafety.begin(), kSafety.end(), text.guide) != kSafety.end();
      auto said = translation.texts.find(source);
      if (needed && said == translation.texts.end())
        problems.push_back({"packs/" + language, 0, 0, "not translated: " + source,
                            "steady rules texts --language " + language + " prints what is missing"});
      else if (needed && !translation.safety_only)
        check_variation(said->second.variants, text, said->second.place, problems);
    }
  }
}

}  // namespace rules
