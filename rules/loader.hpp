// loader: the parts of loading a pack, one function a kind of content. Used by pack.cpp only.
#pragma once
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

Wordings load_wordings(const YamlNode* node, const std::string& id, Problems& problems);
std::vector<Act> load_acts(Form& form, Problems& problems);
Condition load_condition(Form& form, std::string_view key, Problems& problems);

// names that lead somewhere: targets, facts, signals, languages' texts
void check_names(const Pack& pack, Problems& problems);
// every text: length, placeholders, words to avoid
void check_texts(const Pack& pack, Problems& problems);

}  // namespace rules
