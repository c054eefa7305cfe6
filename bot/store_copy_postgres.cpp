#include <nlohmann/json.hpp>

#include "bot/store_copy.hpp"
#include "bot/store_parts.hpp"
#include "bot/store_postgres.hpp"

namespace bot {
namespace {

using json = nlohmann::json;

class PostgresSide final : public Side {
 public:
  PostgresSide(const std::string& url, Vault vault, std::string audit_key)
      : Side(std::move(vault), std::move(audit_key)), db_(url, std::chrono::minutes(5)) {
    migrate_postgres(db_);
  }

  void begin(bool writes) override {
    static constexpr PgStatement kBegin{"begin", "BEGIN"}, kNodes{"nodes", "SELECT 1 FROM node WHERE until>now()"},
        kAny{"any", "SELECT 1 FROM person LIMIT 1"};
    if (db_.one(kNodes).size() > 0) throw std::runtime_error("a node of Steady runs on it: stop it first");
    db_.one(kBegin);
    if (writes && db_.one(kAny).size() > 0) throw std::runtime_error("people are kept there already");
    if (!opens_with(db_, vault_))
      throw std::runtime_error(
          "the database was made with another master key: put that into keys/master of the folder");
  }
  void end() override {
    static constexpr PgStatement kNext{"next",
                                       "SELECT setval('outbox_id', greatest((SELECT coalesce(max(id), 0) FROM outbox), "
                                       "(SELECT coalesce(max(id), 0) FROM dead), (SELECT last_value FROM outbox_id)) + "
                                       "1024)"},
        kCommit{"commit", "COMMIT"};
    db_.add(kNext).one(kCommit);
  }

  void each(const TakeWhole& take) override {
    static constexpr PgStatement kPeople{
        "people", "SELECT id, channel, contact, state, key FROM person WHERE id>$1 ORDER BY id LIMIT 500"},
        kEvents{"events", "SELECT id, at FROM event WHERE person=$1 ORDER BY id COLLATE \"C\""},
        kTimers{"timers", "SELECT name, at FROM timer WHERE person=$1 ORDER BY name COLLATE \"C\""},
        kOutbox{"outbox", "SELECT id, body, created, due, attempts FROM outbox WHERE person=$1 ORDER BY id"},
        kAlarms{"alarms",
                "SELECT level, at, next, step, token, seen FROM alarm WHERE person=$1 ORDER BY token COLLATE \"C\""},
        kDead{"dead_of", "SELECT id, at, code FROM dead WHERE person=$1 ORDER BY id"};
    for (std::int64_t after = -1;;) {
      PgRows people = db_.one(kPeople, {after});
      if (people.size() == 0) return;
      for (int p = 0; p < people.size(); ++p) {
        std::int64_t id = after = people.number(p, 0);
        if (people.null(p, 4)) continue;  // a turn was begun and never committed: nothing is kept
        DataKey key = key_of(people.bytes(p, 4), id);
        json kept{{"channel", people.text(p, 1)}, {"contact", people.text(p, 2)}};
        kept["state"] = opened(key, people.bytes(p, 3), "person", id);
        auto rows = [&](const char* name, const PgStatement& statement, auto&& row) {
          kept[name] = json::array();
          PgRows r = db_.one(statement, {id});
          for (int i = 0; i < r.size(); ++i) kept[name].push_back(row(r, i));
        };
        auto pair = [](const PgRows& r, int i) { return json{r.text(i, 0), r.number(i, 1)}; };
        rows("events", kEvents, pair);
        rows("timers", kTimers, pair);
        rows("outbox", kOutbox, [&](const PgRows& r, int i) {
          return json{r.number(i, 0), opened(key, r.bytes(i, 1), "outbox", r.number(i, 0)), r.number(i, 2),
                      r.number(i, 3), r.number(i, 4)};
        });
        rows("alarms", kAlarms, [](const PgRows& r, int i) {
          return json{r.number(i, 0), r.number(i, 1), number_or_null(r.null(i, 2), r.number(i, 2)),
                      r.number(i, 3), r.text(i, 4),   number_or_null(r.null(i, 5), r.number(i, 5))};
        });
        rows("dead", kDead, [](const PgRows& r, int i) { return json{r.number(i, 0), r.number(i, 1), r.text(i, 2)}; });
        take(id, kept);
      }
    }
  }

  std::int64_t put(const json& kept) override {
    static constexpr PgStatement kPerson{
        "put_person", "INSERT INTO person(id, channel, contact, state, key) VALUES($1, $2, $3, $4, $5)"},
        kEvent{"put_event", "INSERT INTO event(person, id, at) VALUES($1, $2, $3)"},
        kTimer{"put_timer", "INSERT INTO timer(person, name, at) VALUES($1, $2, $3)"},
        kOut{
            "put_out",
            "INSERT INTO outbox(person, id, channel, contact, body, created, due, attempts) VALUES($1, $2, $3, $4, $5, "
            "$6, $7, $8)"},
        kAlarm{"put_alarm",
               "INSERT INTO alarm(person, id, level, at, next, step, token, seen) VALUES($1, nextval('outbox_id'), $2, "
               "$3, nullif($4::bigint, -1), $5, $6, nullif($7::bigint, -1))"},
        kDead{"put_dead", "INSERT INTO dead(person, id, channel, at, code) VALUES($1, $2, $3, $4, $5)"};
    std::string channel = text_in(kept["channel"]), contact = text_in(kept["contact"]);
    std::int64_t id = person_number({channel, contact});
    DataKey key = vault_.new_key(identity_of("person", id));
    db_.add(kPerson,
            {id, channel, contact, PgValue::bytes(seal(key, text_in(kept["state"]), identity_of("person", id))),
             PgValue::bytes(key.wrapped)});
    for (const auto& e : kept["events"]) db_.add(kEvent, {id, text_in(e[0]), number_in(e[1])});
    for (const auto& t : kept["timers"]) db_.add(kTimer, {id, text_in(t[0]), number_in(t[1])});
    for (const auto& o : kept["outbox"])
      db_.add(kOut, {id, number_in(o[0]), channel, contact,
                     PgValue::bytes(seal(key, text_in(o[1]), identity_of("outbox", number_in(o[0])))), number_in(o[2]),
                     number_in(o[3]), number_in(o[4])});
    for (const auto& a : kept["alarms"])
      db_.add(kAlarm,
              {id, number_in(a[0]), number_in(a[1]), number_in(a[2]), number_in(a[3]), text_in(a[4]), number_in(a[5])});
    for (const auto& d : kept["dead"]) db_.add(kDead, {id, number_in(d[0]), channel, number_in(d[1]), text_in(d[2])});
    db_.run();
    return id;
  }

  std::vector<AuditEntry> audit() override {
    static constexpr PgStatement kAudit{"all_audit",
                                        "SELECT seq, at, what, person, detail, hash FROM audit ORDER BY seq"};
    return list_of(db_.one(kAudit), audit_in);
  }
  AuditHead head() override {
    static constexpr PgStatement kHead{"the_head", "SELECT seq, hash, signature FROM audit_head"};
    PgRows r = db_.one(kHead);
    return {r.number(0, 0), r.text(0, 1), r.text(0, 2)};
  }
  void put_audit(const std::vector<AuditEntry>& entries, const AuditHead& head) override {
    static constexpr PgStatement kClear{"clear_audit", "DELETE FROM audit"},
        kAdd{"put_audit", "INSERT INTO audit(seq, at, what, person, detail, hash) VALUES($1, $2, $3, $4, $5, $6)"},
        kSign{"put_head", "UPDATE audit_head SET seq=$1, hash=$2, signature=$3"};
    db_.add(kClear);
    for (const auto& e : entries) db_.add(kAdd, {e.seq, seconds(e.at), e.what, e.person, e.detail, e.hash});
    db_.one(kSign, {head.seq, head.hash, head.signature});
  }

  std::vector<SealedDocument> documents() override {
    static constexpr PgStatement kDocuments{
        "documents", "SELECT name, revision, key, body FROM document ORDER BY name COLLATE \"C\""};
    return list_of(db_.one(kDocuments), [](const PgRows& r, int i) {
      return SealedDocument{r.text(i, 0), r.number(i, 1), r.bytes(i, 2), r.bytes(i, 3)};
    });
  }
  void put_document(const SealedDocument& d) override {
    static constexpr PgStatement kPut{
        "put_document",
        "INSERT INTO document VALUES($1, $2, $3, $4) ON CONFLICT(name) DO UPDATE SET revision=$2, key=$3, body=$4"};
    db_.one(kPut, {d.name, d.revision, PgValue::bytes(d.key), PgValue::bytes(d.body)});
  }

 private:
  PgConnection db_;
};

}  // namespace

std::unique_ptr<Side> postgres_side(const std::string& url, Vault vault, std::string audit_key) {
  return std::make_unique<PostgresSide>(url, std::move(vault), std::move(audit_key));
}

}  // namespace bot
