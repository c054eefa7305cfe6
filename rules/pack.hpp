// Pack: everything the packs and the directory say, compiled and immutable. Shared as shared_ptr<const Pack>; a reload
// swaps the whole.
// Protocol: load_pack(folder) reads folder/packs/LANG/*.yaml and folder/directory/*.json, and checks in the order of
// rule-language.md: form, names, phrases, examples, guides, texts.
// Failure: every problem, each with file:line:column and what to write instead. A pack that fails is not used.
// Threads: load on any; afterwards any number read. Tested by tests/rules/pack_test.cpp and tests/rules/load_errors/.
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rules/detector.hpp"
#include "rules/directory.hpp"
#include "rules/guide.hpp"
#include "rules/reading.hpp"
#include "rules/result.hpp"
#include "rules/second_reader.hpp"
#include "rules/translation.hpp"

namespace rules {

struct Pack {
  std::map<std::string, std::unique_ptr<const Detector>, std::less<>> detectors;  // by language
  std::map<std::string, SecondReader, std::less<>> readers;                       // by language; may be missing
  std::vector<std::string> warnings;                                              // of what works without: to be logged
  std::map<std::string, Guide, std::less<>> guides;
  std::vector<Opening> openings, asides;
  std::vector<Opening> safety;  // findings -> the step that meets them; the first that holds
  std::vector<std::pair<std::string, std::string>> controls;  // signal -> step; obeyed when it is the whole message
  std::vector<Note> notes;
  struct HeardLine {
    std::vector<std::string> hears;
    Condition when;
    Wording say;
  };
  std::vector<HeardLine> heard_lines;
  std::map<std::string, Wordings, std::less<>> lines;            // named lines: disclosure, missed, ...
  std::map<std::string, std::string, std::less<>> words;         // named words: the label Skip, number words, ...
  std::map<std::string, Translation, std::less<>> translations;  // of all but kSourceLanguage, by language
  std::vector<std::string> facts;                         // every name that conditions may test and steps may save
  std::map<std::string, std::string, std::less<>> jumps;  // guide.step that a tap leads to from anywhere
  Directory directory;
  std::string version;  // of the files' content

  [[nodiscard]] const Step* step(std::string_view guide_dot_step) const;
  [[nodiscard]] const Guide* guide(std::string_view name) const;
};

Result<std::shared_ptr<const Pack>> load_pack(const std::filesystem::path& folder, bool run_examples = true);
// One author's files, checked as part of the packs in `folder`.
Problems check_files(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& files);

// What the message says, in the person's language; findings and controls of every installed language. A language in
// which only safety is said is read beside the one in which the rest is. The second reader is that of the person's
// language and, where most words are unknown to it, that of the language the message is written in.
enum class Readers : std::uint8_t { rules, both };
Reading read(const Pack& pack, std::string_view message, std::string_view language, Readers readers = Readers::both);

}  // namespace rules
