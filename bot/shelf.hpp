// shelf: what authors changed of the installed packs and directory, as versions in the store, so that every node reads
// the same. A version holds the files that differ (path below the rules folder, text); the rest is as installed. A
// draft is its author's alone until it is published; what does not load is not published. To be loaded, a version is
// laid out in DATA/packs as links to the installed files and its own. Failure: problems as the loader says them, with
// paths below the rules folder; a version that no longer loads (a new release changed what it builds on) is said by
// load(), and the installed packs alone go on. Threads: any. Tested by tests/bot/desk_test.cpp.
#pragma once
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "bot/environment.hpp"
#include "bot/store.hpp"
#include "rules/pack.hpp"

namespace bot {

inline constexpr std::size_t kVersionsKept = 20, kMaxFileBytes = 192 << 10, kMaxDraftBytes = 1 << 20;

using Files = std::map<std::string, std::string>;  // "packs/en/notice.yaml" -> text

struct PackVersion {
  std::string id;  // of its files' content
  rules::Time at{};
  std::string by, note;
  Files files;
};

class Shelf {
 public:
  Shelf(Store& store, Environment& environment, const std::filesystem::path& installed, std::filesystem::path data);
  // What is in force; in `problems`, why the published version is not.
  rules::Result<std::shared_ptr<const rules::Pack>> load(rules::Problems& problems);
  [[nodiscard]] bool changed();  // another version is in force than load() gave last

  [[nodiscard]] std::vector<std::string> names() const;                   // of the installed files
  [[nodiscard]] std::string installed(const std::string& name) const;     // its text; empty: there is none
  [[nodiscard]] std::vector<PackVersion> versions(std::string& current);  // the latest last; current: empty = installed
  Files in_force();                                                       // of the version that is; empty: as installed
  Files draft(const std::string& author);
  // Empty: done; else why not.
  std::string put_draft(const std::string& author, const Files& files);
  rules::Result<std::shared_ptr<const rules::Pack>> load(const Files& files, bool run_examples);
  std::string publish(const std::string& author, const std::string& note, const Files& files);
  std::string put_in_force(const std::string& id);  // empty id: what is installed
  [[nodiscard]] static std::string id_of(const Files& files);
  [[nodiscard]] bool may_hold(const std::string& name) const;  // packs/LANG/NAME.yaml, directory/XX.json

 private:
  std::filesystem::path lay_out(const Files& files);

  Store& store_;
  Environment& environment_;
  std::filesystem::path installed_, data_;
  std::mutex mutex_;
  std::string loaded_;  // version
};

}  // namespace bot
