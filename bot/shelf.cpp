#include "bot/shelf.hpp"

#include <re2/re2.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "adapters/signature.hpp"
#include "bot/store_parts.hpp"

namespace bot {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;

constexpr const char* kDocument = "packs";
constexpr std::size_t kIdLength = 12;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

PackVersion version_of(const json& j) {
  return {j["id"], time_of(j["at"]), j["by"], j["note"], j["files"].get<Files>()};
}

json shelf_in(const std::string& body) {
  return body.empty() ? json{{"current", ""}, {"versions", json::array()}} : json::parse(body);
}

}  // namespace

Shelf::Shelf(Store& store, Environment& environment, const fs::path& installed, fs::path data)
    : store_(store), environment_(environment), installed_(fs::absolute(installed)), data_(std::move(data)) {}

std::string Shelf::id_of(const Files& files) {
  return files.empty() ? "" : adapters::sha256_hex(json(files).dump()).substr(0, kIdLength);
}

bool Shelf::may_hold(const std::string& name) const {
  return RE2::FullMatch(name, "packs/[a-z]{2}/[a-z0-9_]{1,40}\\.yaml|directory/[A-Z]{2}\\.json");
}

std::vector<std::string> Shelf::names() const {
  std::vector<std::string> out;
  std::error_code ec;
  for (auto it = fs::recursive_directory_iterator(installed_, ec); !ec && it != fs::recursive_directory_iterator();
       it.increment(ec)) {
    std::string name = it->path().lexically_relative(installed_).generic_string();
    if (may_hold(name)) out.push_back(std::move(name));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string Shelf::installed(const std::string& name) const {
  return may_hold(name) ? read_file(installed_ / name) : "";
}

// Only names that may_hold() come here: none leads out of the folder.
fs::path Shelf::lay_out(const Files& files) {
  fs::path folder = data_ / "packs" / id_of(files), making = folder;
  making += "." + environment_.random_token().substr(0, 8);
  for (const char* part : {"packs", "directory"})
    for (const auto& entry : fs::recursive_directory_iterator(installed_ / part)) {
      fs::path to = making / entry.path().lexically_relative(installed_);
      fs::create_directories(entry.is_directory() ? to : to.parent_path());
      if (!entry.is_directory() && !files.contains(entry.path().lexically_relative(installed_).generic_string()))
        fs::create_symlink(entry.path(), to);
    }
  for (const auto& [name, text] : files) {
    fs::create_directories((making / name).parent_path());
    std::ofstream(making / name, std::ios::binary) << text;
  }
  return making;
}

rules::Result<std::shared_ptr<const rules::Pack>> Shelf::load(const Files& files, bool run_examples) {
  if (files.empty()) return rules::load_pack(installed_, run_examples);
  fs::path folder = lay_out(files);
  auto pack = rules::load_pack(folder, run_examples);
  std::error_code ec;
  fs::remove_all(folder, ec);
  if (!pack)
    for (auto& p : pack.error())
      if (p.file.starts_with(folder.string())) p.file = fs::path(p.file).lexically_relative(folder).generic_string();
  return pack;
}

rules::Result<std::shared_ptr<const rules::Pack>> Shelf::load(rules::Problems& problems) {
  std::string current;
  auto all = versions(current);
  {
    std::lock_guard lock(mutex_);
    loaded_ = current;
  }
  for (const auto& version : all)
    if (version.id == current) {
      auto pack = load(version.files, false);
      if (pack) return pack;
      problems = pack.error();
    }
  return rules::load_pack(installed_, true);
}

bool Shelf::changed() {
  auto document = store_.document(kDocument);
  if (!document) return false;
  std::lock_guard lock(mutex_);
  return shelf_in(document->body)["current"] != loaded_;
}

std::vector<PackVersion> Shelf::versions(std::string& current) {
  std::vector<PackVersion> out;
  auto document = store_.document(kDocument);
  if (!document) return out;
  json shelf = shelf_in(document->body);
  current = shelf["current"];
  for (const auto& j : shelf["versions"]) out.push_back(version_of(j));
  return out;
}

Files Shelf::in_force() {
  std::string current;
  for (auto& version : versions(current))
    if (version.id == current) return std::move(version.files);
  return {};
}

Files Shelf::draft(const std::string& author) {
  auto document = store_.document("draft/" + author);
  return !document || document->body.empty() ? Files{} : json::parse(document->body).get<Files>();
}

std::string Shelf::put_draft(const std::string& author, const Files& files) {
  std::size_t bytes = 0;
  for (const auto& [name, text] : files) {
    if (!may_hold(name)) return name + " is no file of packs: packs/en/NAME.yaml or directory/XX.json";
    if (text.size() > kMaxFileBytes) return name + " is larger than 192 KiB";
    bytes += text.size();
  }
  if (bytes > kMaxDraftBytes) return "a draft holds 1 MiB at most";
  std::string name = "draft/" + author;
  auto document = store_.document(name);
  if (!document) return "the database is away";
  return store_.put_document(name, {document->revision, json(files).dump()}) ? ""
                                                                             : "it was changed elsewhere meanwhile";
}

std::string Shelf::publish(const std::string& author, const std::string& note, const Files& files) {
  if (files.empty()) return "the draft is as it was installed";
  std::string id = id_of(files);
  Changed how = change_document(store_, kDocument, [&](const std::string& body) {
    json shelf = shelf_in(body), versions = json::array();
    for (const auto& v : shelf["versions"])
      if (v["id"] != id) versions.push_back(v);
    if (versions.size() >= kVersionsKept) versions.erase(versions.begin());
    versions.push_back(
        {{"id", id}, {"at", seconds(environment_.now())}, {"by", author}, {"note", note}, {"files", files}});
    return std::optional(json{{"current", id}, {"versions", std::move(versions)}}.dump());
  });
  if (how == Changed::away) return "the database is away";
  if (how != Changed::kept) return "it was changed elsewhere meanwhile";
  store_.note(environment_.now(), "publish", 0, id.append(" by ").append(author));
  return "";
}

std::string Shelf::put_in_force(const std::string& id) {
  auto document = store_.document(kDocument);
  if (!document) return "the database is away";
  json shelf = shelf_in(document->body);
  bool known = id.empty() || std::any_of(shelf["versions"].begin(), shelf["versions"].end(),
                                         [&](const json& v) { return v["id"] == id; });
  if (!known) return "there is no version " + id;
  shelf["current"] = id;
  return store_.put_document(kDocument, {document->revision, shelf.dump()}) ? "" : "it was changed elsewhere meanwhile";
}

}  // namespace bot
