#include "bot/command_store.hpp"

#include <sodium.h>

#include <array>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "bot/environment.hpp"
#include "bot/store_copy.hpp"
#include "bot/store_open.hpp"
#include "bot/store_parts.hpp"

namespace bot {
namespace {

using nlohmann::json;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

using Digest = std::array<unsigned char, crypto_generichash_BYTES>;

// The same whatever the order: what each text adds is mixed in by itself.
void mix(Digest& digest, const std::string& text) {
  Digest one{};
  crypto_generichash(one.data(), one.size(), reinterpret_cast<const unsigned char*>(text.data()),  // NOLINT
                     text.size(), nullptr, 0);
  for (std::size_t i = 0; i < one.size(); ++i) digest[i] ^= one[i];
}

bool is_postgres(const std::string& place) { return place.starts_with(kPostgresUrl); }

// What the trail says, with addresses for numbers, so that the same deeds give the same digest in both.
void mix_audit(Digest& digest, const std::vector<AuditEntry>& entries, const std::map<std::int64_t, std::string>& who) {
  for (const auto& e : entries) {
    auto it = who.find(e.person);
    mix(digest, json{e.seq, seconds(e.at), e.what, e.detail, it == who.end() ? "" : it->second}.dump());
  }
}

struct Read {
  Digest digest{};
  std::int64_t people = 0;
  std::map<std::int64_t, std::string> who;  // number -> address
};

Read read_all(Side& side, const TakeWhole& take) {
  Read out;
  side.each([&](std::int64_t number, const json& kept) {
    mix(out.digest, kept.dump());
    out.who[number] = text_in(kept["channel"]) + "\n" + text_in(kept["contact"]);
    ++out.people;
    if (take) take(number, kept);
  });
  for (const auto& d : side.documents()) mix(out.digest, d.name + std::to_string(d.revision) + d.key + d.body);
  mix_audit(out.digest, side.audit(), out.who);
  return out;
}

void copy(Side& from, Side& to) {
  AuditCheck check(from.audit_key());
  auto entries = from.audit();
  for (const auto& e : entries) check.take(e);
  if (std::string problem = check.problem(from.head()); !problem.empty())
    fail("the trail is not as it was written: " + problem);
  std::map<std::int64_t, std::int64_t> numbers;
  Read read = read_all(from, [&](std::int64_t number, const json& kept) { numbers[number] = to.put(kept); });
  AuditHead head;
  for (auto& e : entries) {
    if (auto it = numbers.find(e.person); it != numbers.end()) e.person = it->second;
    e.hash = audit_hash(to.audit_key(), head.hash, e);
    head = {e.seq, e.hash, {}};
  }
  head.signature = audit_signature(to.audit_key(), head);
  to.put_audit(entries, head);
  for (const auto& d : from.documents()) to.put_document(d);
  Read written = read_all(to, nullptr);
  if (written.digest != read.digest || written.people != read.people)
    fail("what was written is not what was read; nothing was kept");
  to.end();
  std::cout << read.people << (read.people == 1 ? " person and " : " people and ") << entries.size()
            << " entries of the trail, read back alike\n";
}

}  // namespace

json number_or_null(bool null, std::int64_t n) { return null ? json(nullptr) : json(n); }
std::string text_in(const json& j) { return j.get<std::string>(); }
std::int64_t number_in(const json& j) { return j.is_null() ? -1 : j.get<std::int64_t>(); }

int store_copy(const StoreCopyOptions& options) {
  try {
    if (sodium_init() < 0 || is_postgres(options.from) == is_postgres(options.to))
      fail("one of FROM and TO is a data folder, the other begins with postgres://");
    const std::string& folder = is_postgres(options.from) ? options.to : options.from;
    const std::string& url = is_postgres(options.from) ? options.from : options.to;
    SystemEnvironment environment;
    if (!std::filesystem::exists(folder + "/keys/master") && std::getenv("CREDENTIALS_DIRECTORY") == nullptr)
      fail("there is no " + folder + "/keys/master, the key that what is kept opens with: put it there first");
    if (is_postgres(options.to) && !std::filesystem::exists(folder + "/steady.db"))
      fail("there is no " + folder + "/steady.db");
    Vault vault(master_key(folder, environment));
    auto from = sqlite_side(folder, vault, audit_key("", folder, environment));
    auto to = postgres_side(url, vault, audit_key(url, folder, environment));
    if (is_postgres(options.from)) from.swap(to);
    from->begin(false);
    to->begin(true);
    copy(*from, *to);
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "store copy: " << e.what() << "\n";
    return 1;
  }
}

}  // namespace bot
