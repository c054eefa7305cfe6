// What PostgreSQL keeps for the people who run it: alarms, the trail of audit.hpp, what waits, documents.
#include "bot/store_parts.hpp"
#include "bot/store_postgres.hpp"

namespace bot {
namespace {

constexpr std::int64_t kClaimFor = 15;  // seconds that an alarm is one node's

constexpr PgStatement kAlarmDue{
    "alarm_due",
    "UPDATE alarm a SET next=$1+$3 FROM (SELECT person, id FROM alarm WHERE next<=$1 ORDER BY next LIMIT $2 "
    "FOR UPDATE SKIP LOCKED) c, person p WHERE a.person=c.person AND a.id=c.id AND p.id=a.person RETURNING "
    "a.id, a.person, p.channel, p.contact, a.level, a.at, a.step, a.token, coalesce(a.seen, 0)"},
    kAlarmOf{"alarm_of",
             "SELECT a.id, a.person, p.channel, p.contact, a.level, a.at, a.step, a.token, coalesce(a.seen, 0) FROM "
             "alarm a JOIN person p ON p.id=a.person WHERE a.token=$1"},
    kAlarmStep{"alarm_step", "UPDATE alarm SET step=$2, next=nullif($3::bigint, 0) WHERE id=$1 AND seen IS NULL"},
    kAlarmSeen{"alarm_seen", "UPDATE alarm SET seen=$2, next=NULL WHERE token=$1 AND seen IS NULL RETURNING person"},
    kAudit{"audit", "SELECT seq, at, what, person, detail, hash FROM audit WHERE seq>$1 ORDER BY seq LIMIT $2"},
    kAuditHead{"audit_head", "SELECT seq, hash, signature FROM audit_head"}, kBegin{"begin", "BEGIN"},
    kCommit{"commit", "COMMIT"},
    kAlarmList{"alarm_list",
               "SELECT a.id, a.person, p.channel, p.contact, a.level, a.at, a.step, a.token, coalesce(a.seen, 0) FROM "
               "alarm a JOIN person p ON p.id=a.person WHERE a.at>=$1 ORDER BY a.at DESC, a.id DESC LIMIT $2"},
    kStanding{"standing",
              "SELECT channel, sum(n), sum(d), coalesce(min(oldest), 0) FROM (SELECT channel, 1 n, 0 d, created oldest "
              "FROM outbox UNION ALL SELECT channel, 0, 1, NULL FROM dead WHERE at>=$1) x GROUP BY channel"},
    kDocument{"document", "SELECT revision, key, body FROM document WHERE name=$1"},
    kDocumentPut{"document_put",
                 "INSERT INTO document(name, revision, key, body) SELECT $1, $2+1, $3, $4 WHERE $2=coalesce((SELECT "
                 "revision FROM document WHERE name=$1), 0) ON CONFLICT(name) DO UPDATE SET "
                 "revision=excluded.revision, key=excluded.key, body=excluded.body WHERE document.revision=$2"};

AlarmRow alarm_in(const PgRows& r, int i) {
  return {r.number(i, 0),
          r.number(i, 1),
          {r.text(i, 2), r.text(i, 3)},
          static_cast<rules::Level>(r.number(i, 4)),
          time_of(r.number(i, 5)),
          static_cast<int>(r.number(i, 6)),
          r.text(i, 7),
          r.number(i, 8) == 0 ? std::nullopt : std::optional(time_of(r.number(i, 8))),
          {}};
}

}  // namespace

std::vector<AlarmRow> PostgresStore::alarms_due(rules::Time now, std::size_t limit) {
  return ask<std::vector<AlarmRow>>([&](PgConnection& db) {
    PgRows rows = db.one(kAlarmDue, {seconds(now), static_cast<std::int64_t>(limit), kClaimFor});
    return list_of(rows, alarm_in);
  });
}

void PostgresStore::alarm_next(std::int64_t id, int step, rules::Time next) {
  ask<bool>([&](PgConnection& db) {
    return db.one(kAlarmStep, {id, std::int64_t{step}, seconds(next)}).changed() > 0;
  });
}

std::optional<AlarmRow> PostgresStore::alarm(const std::string& token) {
  return ask<std::optional<AlarmRow>>([&](PgConnection& db) -> std::optional<AlarmRow> {
    PgRows rows = db.one(kAlarmOf, {token});
    return rows.size() == 0 ? std::nullopt : std::optional(alarm_in(rows, 0));
  });
}

bool PostgresStore::acknowledge(const std::string& token, rules::Time now) {
  return ask<bool>([&](PgConnection& db) {
    db.add(kBegin);
    PgRows seen = db.one(kAlarmSeen, {token, seconds(now)});
    std::vector<AuditEntry> entries;
    if (seen.size() > 0) entries.push_back({0, now, "acknowledge", seen.number(0, 0), "", {}});
    if (!entries.empty()) trail(db, entries);
    db.one(kCommit);
    return !entries.empty();
  });
}

std::vector<AuditEntry> PostgresStore::audit(std::int64_t after, std::size_t limit) {
  return ask<std::vector<AuditEntry>>([&](PgConnection& db) {
    PgRows rows = db.one(kAudit, {after, static_cast<std::int64_t>(limit)});
    return list_of(rows, audit_in);
  });
}

AuditHead PostgresStore::audit_head() {
  return ask<AuditHead>([&](PgConnection& db) {
    PgRows rows = db.one(kAuditHead);
    return AuditHead{rows.number(0, 0), rows.text(0, 1), rows.text(0, 2)};
  });
}

std::vector<AlarmRow> PostgresStore::alarms(rules::Time since, std::size_t limit) {
  return ask<std::vector<AlarmRow>>([&](PgConnection& db) {
    PgRows rows = db.one(kAlarmList, {seconds(since), static_cast<std::int64_t>(limit)});
    return list_of(rows, alarm_in);
  });
}

std::vector<Standing> PostgresStore::standing(rules::Time dead_since) {
  return ask<std::vector<Standing>>([&](PgConnection& db) {
    PgRows rows = db.one(kStanding, {seconds(dead_since)});
    return list_of(rows, [](const PgRows& r, int i) {
      return Standing{r.text(i, 0), r.number(i, 1), r.number(i, 2), time_of(r.number(i, 3))};
    });
  });
}

std::optional<Document> PostgresStore::document(const std::string& name) {
  return ask<std::optional<Document>>([&](PgConnection& db) -> std::optional<Document> {
    PgRows rows = db.one(kDocument, {name});
    if (rows.size() == 0) return Document{};
    std::string identity = identity_of_document(name);
    auto key = vault_.unwrap(rows.bytes(0, 1), identity);
    auto opened = key ? open_sealed(*key, rows.bytes(0, 2), identity) : std::nullopt;
    return opened ? std::optional(Document{rows.number(0, 0), std::move(*opened)}) : std::nullopt;
  });
}

bool PostgresStore::put_document(const std::string& name, const Document& next) {
  return ask<bool>([&](PgConnection& db) {
    std::string identity = identity_of_document(name);
    DataKey key = vault_.new_key(identity);
    return db.one(kDocumentPut,
                  {name, next.revision, PgValue::bytes(key.wrapped), PgValue::bytes(seal(key, next.body, identity))})
               .changed() > 0;
  });
}

}  // namespace bot
