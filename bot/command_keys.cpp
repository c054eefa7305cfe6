#include "bot/command_keys.hpp"

#include <cstdlib>
#include <iostream>

#include "bot/keys.hpp"
#include "bot/sqlite.hpp"
#include "bot/vault.hpp"

namespace bot {
namespace {

// Every person's and document's key, from one master to the other, in one transaction. Throws: nothing was changed.
std::size_t rewrap(SqliteDatabase& db, const Vault& before, const Vault& after) {
  SqliteStatement each(db.handle.get(), "SELECT id, key FROM person WHERE key IS NOT NULL"),
      set(db.handle.get(), "UPDATE person SET key=? WHERE id=?");
  std::vector<std::pair<std::int64_t, std::string>> keys;
  db.begin->run();
  while (each.step()) keys.emplace_back(each.number(0), each.text(1));
  for (auto& [id, wrapped] : keys) {
    std::string identity = identity_of("person", id);
    auto key = before.unwrap(std::move(wrapped), identity);
    if (!key) throw SealedError("case " + std::to_string(id) + " does not open with the present master key");
    set.bind_bytes(after.rewrap(*key, identity)).bind(id).run();
  }
  SqliteStatement documents(db.handle.get(), "SELECT name, key FROM document"),
      set_document(db.handle.get(), "UPDATE document SET key=? WHERE name=?");
  std::vector<std::pair<std::string, std::string>> named;
  while (documents.step()) named.emplace_back(documents.text(0), documents.text(1));
  for (auto& [name, wrapped] : named) {
    auto key = before.unwrap(std::move(wrapped), identity_of_document(name));
    if (!key) throw SealedError("the document " + name + " does not open with the present master key");
    set_document.bind_bytes(after.rewrap(*key, identity_of_document(name))).bind(name).run();
  }
  db.commit->run();
  return keys.size();
}

}  // namespace

int keys_rotate(const std::filesystem::path& data) {
  SystemEnvironment environment;
  if (std::getenv("CREDENTIALS_DIRECTORY") != nullptr || !std::filesystem::exists(data / "keys" / "master")) {
    std::cerr << "there is no master key in " << (data / "keys").string()
              << " to rotate; one that systemd lends is rotated where it is kept\n";
    return 1;
  }
  try {
    SqliteDatabase db((data / "steady.db").string());
    settle_rotation(data, environment, db.a_wrapped_key());
    Vault before(own_key(data, "master", environment)), after(own_key(data, kNextMaster, environment));
    if (!before.ready() || !after.ready()) throw std::runtime_error("the keys cannot be read or written");
    std::size_t people = rewrap(db, before, after);
    settle_rotation(data, environment, db.a_wrapped_key());
    std::cout << "a new master key; " << people << " people's keys are wrapped with it. Start the service again.\n";
    return 0;
  } catch (const std::exception& e) {  // which key counts is found out at the next start
    std::cerr << "not rotated: " << e.what() << "\n";
    return 1;
  }
}

}  // namespace bot
