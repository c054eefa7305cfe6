#include <nlohmann/json.hpp>

#include "bot/sqlite.hpp"
#include "bot/store_copy.hpp"
#include "bot/store_parts.hpp"

namespace bot {
namespace {

using json = nlohmann::json;

class SqliteSide final : public Side {
 public:
  SqliteSide(const std::string& folder, Vault vault, std::string audit_key)
      : Side(std::move(vault), std::move(audit_key)), db_(folder + "/steady.db") {}

  void begin(bool writes) override {
    run("BEGIN EXCLUSIVE");
    if (writes && query("SELECT 1 FROM person LIMIT 1")->step())
      throw std::runtime_error("people are kept there already");
  }
  void end() override { run("COMMIT"); }

  void each(const TakeWhole& take) override {
    auto people = query("SELECT id, channel, contact, state, key FROM person ORDER BY id");
    while (people->step()) {
      std::int64_t id = people->number(0);
      DataKey key = key_of(people->text(4), id);
      json kept{{"channel", people->text(1)}, {"contact", people->text(2)}};
      kept["state"] = opened(key, people->text(3), "person", id);
      auto rows = [&](const char* name, const char* sql, auto&& row) {
        kept[name] = json::array();
        auto s = query(sql);
        s->bind(id);
        while (s->step()) kept[name].push_back(row(*s));
      };
      rows("events", "SELECT id, at FROM event WHERE person=? ORDER BY id", [](auto& s) {
        return json{s.text(0), s.number(1)};
      });
      rows("timers", "SELECT name, at FROM timer WHERE person=? ORDER BY name", [](auto& s) {
        return json{s.text(0), s.number(1)};
      });
      rows("outbox", "SELECT id, body, created, due, attempts FROM outbox WHERE person=? ORDER BY id", [&](auto& s) {
        return json{s.number(0), opened(key, s.text(1), "outbox", s.number(0)), s.number(2), s.number(3), s.number(4)};
      });
      rows("alarms",
           "SELECT level, at, next, step, token, seen, next IS NULL, seen IS NULL FROM alarm WHERE person=? ORDER BY "
           "token",
           [](auto& s) {
             return json{s.number(0), s.number(1), number_or_null(s.number(6) != 0, s.number(2)),
                         s.number(3), s.text(4),   number_or_null(s.number(7) != 0, s.number(5))};
           });
      rows("dead", "SELECT id, at, code FROM dead WHERE person=? ORDER BY id", [](auto& s) {
        return json{s.number(0), s.number(1), s.text(2)};
      });
      take(id, kept);
    }
  }

  std::int64_t put(const json& kept) override {
    const auto channel = kept["channel"].get<std::string>(), contact = kept["contact"].get<std::string>();
    query("INSERT INTO person(channel, contact, state) VALUES(?, ?, x'')")->bind(channel).bind(contact).run();
    std::int64_t id = db_.last_id();
    DataKey key = vault_.new_key(identity_of("person", id));
    query("UPDATE person SET state=?, key=? WHERE id=?")
        ->bind_bytes(seal(key, kept["state"].get<std::string>(), identity_of("person", id)))
        .bind_bytes(key.wrapped)
        .bind(id)
        .run();
    for (const auto& e : kept["events"])
      query("INSERT INTO event(person, id, at) VALUES(?, ?, ?)")
          ->bind(id)
          .bind(text_in(e[0]))
          .bind(number_in(e[1]))
          .run();
    for (const auto& t : kept["timers"])
      query("INSERT INTO timer(person, name, at) VALUES(?, ?, ?)")
          ->bind(id)
          .bind(text_in(t[0]))
          .bind(number_in(t[1]))
          .run();
    for (const auto& o : kept["outbox"])
      query(
          "INSERT INTO outbox(person, id, channel, contact, body, created, due, attempts) VALUES(?, ?, ?, ?, ?, ?, ?, "
          "?)")
          ->bind(id)
          .bind(number_in(o[0]))
          .bind(channel)
          .bind(contact)
          .bind_bytes(seal(key, text_in(o[1]), identity_of("outbox", number_in(o[0]))))
          .bind(number_in(o[2]))
          .bind(number_in(o[3]))
          .bind(number_in(o[4]))
          .run();
    for (const auto& a : kept["alarms"])
      query(
          "INSERT INTO alarm(person, level, at, next, step, token, seen) VALUES(?, ?, ?, nullif(?, -1), ?, ?, "
          "nullif(?, -1))")
          ->bind(id)
          .bind(number_in(a[0]))
          .bind(number_in(a[1]))
          .bind(number_in(a[2]))
          .bind(number_in(a[3]))
          .bind(text_in(a[4]))
          .bind(number_in(a[5]))
          .run();
    for (const auto& d : kept["dead"])
      query("INSERT INTO dead(person, id, channel, at, code) VALUES(?, ?, ?, ?, ?)")
          ->bind(id)
          .bind(number_in(d[0]))
          .bind(channel)
          .bind(number_in(d[1]))
          .bind(text_in(d[2]))
          .run();
    return id;
  }

  std::vector<AuditEntry> audit() override {
    std::vector<AuditEntry> out;
    auto s = query("SELECT seq, at, what, person, detail, hash FROM audit ORDER BY seq");
    while (s->step())
      out.push_back({s->number(0), time_of(s->number(1)), s->text(2), s->number(3), s->text(4), s->text(5)});
    return out;
  }
  AuditHead head() override {
    auto s = query("SELECT seq, hash, signature FROM audit_head");
    return s->step() ? AuditHead{s->number(0), s->text(1), s->text(2)} : AuditHead{};
  }
  void put_audit(const std::vector<AuditEntry>& entries, const AuditHead& head) override {
    run("DELETE FROM audit");
    for (const auto& e : entries)
      query("INSERT INTO audit(seq, at, what, person, detail, hash) VALUES(?, ?, ?, ?, ?, ?)")
          ->bind(e.seq)
          .bind(seconds(e.at))
          .bind(e.what)
          .bind(e.person)
          .bind(e.detail)
          .bind(e.hash)
          .run();
    query("INSERT OR REPLACE INTO audit_head(one, seq, hash, signature) VALUES(1, ?, ?, ?)")
        ->bind(head.seq)
        .bind(head.hash)
        .bind(head.signature)
        .run();
  }

  std::vector<SealedDocument> documents() override {
    std::vector<SealedDocument> out;
    auto s = query("SELECT name, revision, key, body FROM document ORDER BY name");
    while (s->step()) out.push_back({s->text(0), s->number(1), s->text(2), s->text(3)});
    return out;
  }
  void put_document(const SealedDocument& d) override {
    query("INSERT OR REPLACE INTO document(name, revision, key, body) VALUES(?, ?, ?, ?)")
        ->bind(d.name)
        .bind(d.revision)
        .bind_bytes(d.key)
        .bind_bytes(d.body)
        .run();
  }

 private:
  // Prepared once each.
  SqliteStatement* query(const char* sql) {
    auto& s = prepared_[sql];
    if (!s) s = std::make_unique<SqliteStatement>(db_.handle.get(), sql);
    s->reset();
    return s.get();
  }
  void run(const char* sql) { query(sql)->run(); }
  SqliteDatabase db_;
  std::map<std::string, std::unique_ptr<SqliteStatement>> prepared_;
};

}  // namespace

std::unique_ptr<Side> sqlite_side(const std::string& folder, Vault vault, std::string audit_key) {
  return std::make_unique<SqliteSide>(folder, std::move(vault), std::move(audit_key));
}

}  // namespace bot
