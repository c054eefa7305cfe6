#include "bot/sqlite.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace bot {
namespace {

constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS person(id INTEGER PRIMARY KEY, channel TEXT NOT NULL, contact TEXT NOT NULL, state BLOB NOT NULL, key BLOB, UNIQUE(channel, contact));
CREATE TABLE IF NOT EXISTS event(person INTEGER NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(person, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS timer(person INTEGER NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(person, name)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS timer_at ON timer(at);
CREATE TABLE IF NOT EXISTS outbox(id INTEGER PRIMARY KEY, person INTEGER NOT NULL, channel TEXT NOT NULL, contact TEXT NOT NULL, body BLOB NOT NULL, created INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS outbox_person ON outbox(person);
CREATE TABLE IF NOT EXISTS alarm(id INTEGER PRIMARY KEY, person INTEGER NOT NULL, level INTEGER NOT NULL, at INTEGER NOT NULL, next INTEGER, step INTEGER NOT NULL DEFAULT 0, token TEXT NOT NULL UNIQUE, seen INTEGER);
CREATE INDEX IF NOT EXISTS alarm_next ON alarm(next) WHERE next IS NOT NULL;
CREATE TABLE IF NOT EXISTS audit(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL, person INTEGER NOT NULL, detail TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS audit_head(one INTEGER PRIMARY KEY CHECK(one=1), seq INTEGER NOT NULL, hash TEXT NOT NULL, signature TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dead(id INTEGER PRIMARY KEY, person INTEGER NOT NULL, channel TEXT NOT NULL, at INTEGER NOT NULL, code TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS document(name TEXT PRIMARY KEY, revision INTEGER NOT NULL, key BLOB NOT NULL, body BLOB NOT NULL);
)";

void execute(sqlite3* db, const char* sql) {
  char* message = nullptr;
  if (sqlite3_exec(db, sql, nullptr, nullptr, &message) == SQLITE_OK) return;
  std::string what = message == nullptr ? "sqlite error" : message;
  sqlite3_free(message);
  throw std::runtime_error(what);
}

}  // namespace

SqliteStatement::SqliteStatement(sqlite3* db, const char* sql) : db_(db) {
  if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(db));
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }

SqliteStatement& SqliteStatement::check(int rc) {
  if (rc != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db_));
  return *this;
}

SqliteStatement& SqliteStatement::bind(std::int64_t value) {
  return check(sqlite3_bind_int64(statement_, ++at_, value));
}

SqliteStatement& SqliteStatement::bind(const std::string& value) {
  return check(sqlite3_bind_text(statement_, ++at_, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT));
}

SqliteStatement& SqliteStatement::bind_bytes(const std::string& value) {
  return check(sqlite3_bind_blob(statement_, ++at_, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT));
}

bool SqliteStatement::step() {
  int rc = sqlite3_step(statement_);
  at_ = 0;
  if (rc == SQLITE_ROW) return true;
  reset();
  if (rc != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db_));
  return false;
}

void SqliteStatement::run() {
  while (step()) {
  }
}

void SqliteStatement::reset() {
  sqlite3_reset(statement_);
  at_ = 0;
}

std::int64_t SqliteStatement::number(int column) const { return sqlite3_column_int64(statement_, column); }

std::string SqliteStatement::text(int column) const {
  const auto* t = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));  // NOLINT: SQLite's type
  return t == nullptr ? "" : std::string(t, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

void SqliteDatabase::Closer::operator()(sqlite3* db) const { sqlite3_close_v2(db); }
int SqliteDatabase::changes() const { return sqlite3_changes(handle.get()); }
std::optional<std::pair<std::int64_t, std::string>> SqliteDatabase::a_wrapped_key() const {
  SqliteStatement any(handle.get(), "SELECT id, key FROM person WHERE key IS NOT NULL LIMIT 1");
  if (!any.step()) return std::nullopt;
  return std::pair(any.number(0), any.text(1));
}
bool SqliteDatabase::changed_elsewhere() {
  data_version->step();
  std::int64_t before = std::exchange(version, data_version->number(0));
  data_version->reset();
  return before != version;
}
std::int64_t SqliteDatabase::last_id() const { return sqlite3_last_insert_rowid(handle.get()); }

SqliteDatabase::SqliteDatabase(const std::string& path) {
  sqlite3* db = nullptr;
  int rc =
      sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle.reset(db);
  if (rc != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db));
  sqlite3_busy_timeout(db, 2000);
  for (const char* sql : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=16000",
                          "PRAGMA cache_size=-65536", "PRAGMA foreign_keys=ON", "PRAGMA secure_delete=ON"})
    execute(db, sql);
  SqliteStatement synchronous(db, "PRAGMA synchronous");
  if (!synchronous.step() || synchronous.number(0) != 2) throw std::runtime_error("synchronous=FULL was not accepted");
  execute(db, kSchema);
  SqliteStatement sealed(db, "SELECT count(*) FROM pragma_table_info('person') WHERE name='key'");
  if (sealed.step() && sealed.number(0) == 0) execute(db, "ALTER TABLE person ADD COLUMN key BLOB");
  // A row that was delivered is gone, so the clock keeps its number from coming again; AUTOINCREMENT would cost a
  // write.
  SqliteStatement highest(db,
                          "SELECT max((SELECT ifnull(max(id), 0) FROM outbox), (SELECT ifnull(max(id), 0) FROM dead))");
  highest.step();
  using namespace std::chrono;
  next_outbox_id =
      std::max(highest.number(0) + 1, duration_cast<microseconds>(system_clock::now().time_since_epoch()).count());
  auto make = [db](const char* sql) { return std::make_unique<SqliteStatement>(db, sql); };
  begin = make("BEGIN IMMEDIATE");
  commit = make("COMMIT");
  find = make("SELECT id, state, key FROM person WHERE channel=? AND contact=?");
  create = make("INSERT INTO person(channel, contact, state) VALUES(?,?,x'')");
  save = make("UPDATE person SET state=?, key=? WHERE id=?");
  event = make("INSERT INTO event(person, id, at) VALUES(?,?,?) ON CONFLICT DO NOTHING");
  timer_set =
      make("INSERT INTO timer(person, name, at) VALUES(?,?,?) ON CONFLICT(person, name) DO UPDATE SET at=excluded.at");
  timer_cancel = make("DELETE FROM timer WHERE person=? AND name=?");
  timer_due = make(
      "SELECT t.person, p.channel, p.contact, t.name, t.at FROM timer t JOIN person p ON p.id=t.person WHERE t.at<=? "
      "ORDER BY t.at LIMIT ?");
  timer_next =
      make("SELECT min(t.at), count(*) FROM timer t JOIN person p ON p.id=t.person WHERE p.channel=? AND p.contact=?");
  out_add = make("INSERT INTO outbox(id, person, channel, contact, body, created, due) VALUES(?,?,?,?,?,?,?)");
  out_delete = make("DELETE FROM outbox WHERE id=?");
  out_retry = make("UPDATE outbox SET due=?, attempts=attempts+1 WHERE id=?");
  const std::string waiting =
      "SELECT o.id, o.person, o.channel, o.contact, o.body, o.created, o.due, o.attempts, p.key FROM outbox o LEFT "
      "JOIN "
      "person p ON p.id=o.person ";
  out_all = make((waiting + "WHERE o.id>? ORDER BY o.id LIMIT ?").c_str());
  out_person = make((waiting + "WHERE p.channel=? AND p.contact=? ORDER BY o.id LIMIT ?").c_str());
  dead_add =
      make("INSERT INTO dead(id, person, channel, at, code) SELECT id, person, channel, ?, ? FROM outbox WHERE id=?");
  sweep = make("DELETE FROM event WHERE at<?");
  erase_timers = make("DELETE FROM timer WHERE person=? AND name NOT LIKE 'crisis.%'");
  alarm_add = make("INSERT INTO alarm(person, level, at, next, token) VALUES(?,?,?,?,?)");
  const std::string alarms =
      "SELECT a.id, a.person, p.channel, p.contact, a.level, a.at, a.step, a.token, ifnull(a.seen, 0) FROM alarm a "
      "JOIN "
      "person p ON p.id=a.person ";
  alarm_due = make((alarms + "WHERE a.next<=? ORDER BY a.next LIMIT ?").c_str());
  alarm_find = make((alarms + "WHERE a.token=?").c_str());
  alarm_step = make("UPDATE alarm SET step=?, next=nullif(?, 0) WHERE id=? AND seen IS NULL");
  alarm_seen = make("UPDATE alarm SET seen=?, next=NULL WHERE token=? AND seen IS NULL");
  alarm_list = make((alarms + "WHERE a.at>=? ORDER BY a.id DESC LIMIT ?").c_str());
  standing = make(
      "SELECT channel, sum(n), sum(d), ifnull(min(oldest), 0) FROM (SELECT channel, 1 n, 0 d, created oldest FROM "
      "outbox "
      "UNION ALL SELECT channel, 0, 1, NULL FROM dead WHERE at>=?) GROUP BY channel");
  document_read = make("SELECT revision, key, body FROM document WHERE name=?");
  document_write = make(
      "INSERT INTO document(name, revision, key, body) SELECT ?1, ?2+1, ?3, ?4 WHERE ?2=ifnull((SELECT revision FROM "
      "document WHERE name=?1), 0) ON CONFLICT(name) DO UPDATE SET revision=excluded.revision, key=excluded.key, "
      "body=excluded.body");
  audit_add = make("INSERT INTO audit(seq, at, what, person, detail, hash) VALUES(?,?,?,?,?,?)");
  audit_read = make("SELECT seq, at, what, person, detail, hash FROM audit WHERE seq>? ORDER BY seq LIMIT ?");
  audit_head = make("SELECT seq, hash, signature FROM audit_head");
  audit_sign = make(
      "INSERT INTO audit_head(one, seq, hash, signature) VALUES(1,?,?,?) ON CONFLICT(one) DO UPDATE SET "
      "seq=excluded.seq, "
      "hash=excluded.hash, signature=excluded.signature");
  out_bodies = make("SELECT id, body FROM outbox WHERE person=?");
  out_reseal = make("UPDATE outbox SET body=? WHERE id=?");
  contacts = make("SELECT contact FROM person WHERE channel=? ORDER BY id");
  data_version = make("PRAGMA data_version");
  move = make("UPDATE OR IGNORE person SET contact=? WHERE channel=? AND contact=?");
}

}  // namespace bot
