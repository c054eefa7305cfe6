// loader: the parts of loading a pack, one function a kind of content. Used by pack.cpp only.
#pragma once
#include <string>
#include <vector>

#include "rules/pack.hpp"
#include "rules/yaml.hpp"

namespace rules {

struct Sources {  // what all files hold before anything is compiled
  std::map<std::string, LanguageSource> languages;
  Pack pack;
  Problems problems;
};

// sets, rewrites, signals, findings, contexts, together of one file
void load_words(Form& file, const std::string& language, Sources& out);
// lines, words, notes, openings, asides, heard
void load_lines(Form& file, Sources& out);
// guide:
void load_guide(Form& file, const YamlNode& root, const std::string& name, Sources& out);

// texts, words of a language other than the guides'
void load_translation(Form& file, const std::string& language, Sources& out);

Wordings load_wordings(const YamlNode* node, const std::string& id, Problems& problems);
std::vector<Act> load_acts(Form& form, Problems& problems);
Condition load_condition(Form& form, std::string_view key, Problems& problems);

// names that lead somewhere: targets, facts, signals, languages' texts
void check_names(const Pack& pack, Problems& problems);
// every text: length, placeholders, words to avoid
void check_texts(const Pack& pack, Problems& problems);
void check_text(const Pack& pack, const std::string& text, const Place& place, Problems& problems);
// every text of every language: with the same routes in it, and short enough
void check_translations(const Pack& pack, Problems& problems);
// that nothing is missing, out of date or said in too few ways: until it is mended, what is there is said
void check_completeness(const Pack& pack, Problems& problems);
// What a translator is asked for: every text of the guides, by the guide it stands in, in order.
struct SourceText {
  std::string guide;
  std::vector<std::string> variants;
  Place place;
  std::size_t wordings = 1;  // so many are needed, in each language that says everything
  bool label = false;
};
std::vector<SourceText> source_texts(const Pack& pack);

}  // namespace rules
