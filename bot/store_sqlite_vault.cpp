// What SQLite keeps of people, sealed and opened: vault.hpp.
#include <filesystem>
#include <stdexcept>

#include "bot/environment.hpp"
#include "bot/keys.hpp"
#include "bot/outgoing.hpp"
#include "bot/sqlite.hpp"
#include "bot/store_parts.hpp"
#include "bot/store_sqlite.hpp"

namespace bot {

void SqliteStore::take_keys() {
  auto folder = std::filesystem::path(path_).parent_path();
  SystemEnvironment environment;
  bool in_memory = folder.empty();  // nothing is to be opened by anybody later
  audit_key_ = in_memory ? environment.random_token() : own_key(folder, "audit", environment).reveal();
  if (!in_memory) settle_rotation(folder, environment, db_->a_wrapped_key());
  Vault vault(in_memory ? adapters::Secret(environment.random_token()) : master_key(folder, environment));
  if (!vault.ready() || audit_key_.empty())
    throw std::runtime_error("the keys in " + (folder / "keys").string() + " cannot be read or made");
  vault_ = std::move(vault);  // with all of them, or none
}

// The person as kept. Thrown: what is kept does not open with this key; it is not to be written over.
std::optional<SqliteStore::Known> SqliteStore::read(const Address& address) {
  if (!db_->find->bind(address.channel).bind(address.contact).step()) return std::nullopt;
  Known known;
  known.id = db_->find->number(0);
  std::string state = db_->find->text(1), wrapped = db_->find->text(2);
  db_->find->reset();
  std::string identity = identity_of("person", known.id);
  if (wrapped.empty()) {  // of a version that did not seal
    known.key = vault_.new_key(identity);
  } else {
    auto key = vault_.unwrap(std::move(wrapped), identity);
    auto opened = key ? open_sealed(*key, state, identity) : std::nullopt;
    if (!opened) throw SealedError("case " + std::to_string(known.id) + " does not open with this master key");
    known.key = std::move(*key);
    state = std::move(*opened);
  }
  auto person = rules::person_from_json(state);
  if (!person) throw SealedError("case " + std::to_string(known.id) + ": " + person.error());
  known.person = std::move(*person);
  return known;
}

// A new data key: what was sealed with the old one opens no more, in old copies of the file too. What waits to be sent
// is sealed anew.
void SqliteStore::shred(Known& known) {
  DataKey old = std::exchange(known.key, vault_.new_key(identity_of("person", known.id)));
  std::vector<std::pair<std::int64_t, std::string>> waiting;
  db_->out_bodies->bind(known.id);
  while (db_->out_bodies->step()) waiting.emplace_back(db_->out_bodies->number(0), db_->out_bodies->text(1));
  for (const auto& [id, body] : waiting) {
    std::string identity = identity_of("outbox", id);
    if (auto text = open_sealed(old, body, identity))
      db_->out_reseal->bind_bytes(seal(known.key, *text, identity)).bind(id).run();
  }
}

// None: it does not open with this key, and so cannot be sent.
std::optional<OutboxRow> SqliteStore::row_of(const SqliteStatement& s) const {
  std::int64_t id = s.number(0), person = s.number(1);
  std::string body = s.text(4), wrapped = s.text(8);
  if (!wrapped.empty()) {
    auto key = vault_.unwrap(std::move(wrapped), identity_of("person", person));
    auto text = key ? open_sealed(*key, body, identity_of("outbox", id)) : std::nullopt;
    if (text) body = std::move(*text);
  }
  if (!body.starts_with("{\"text\"")) return std::nullopt;  // of a version that did not seal, it is so already
  OutboxRow row{id,
                person,
                s.text(2),
                parse_outgoing(body, s.text(3)),
                rules::Time(std::chrono::seconds(s.number(5))),
                rules::Time(std::chrono::seconds(s.number(6))),
                static_cast<int>(s.number(7)),
                1};
  row.message.key = key_of_row(row.id);
  return row;
}

}  // namespace bot
