#include "bot/postgres.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string_view>

namespace bot {
namespace {

using Clock = std::chrono::steady_clock;

// Each is applied once, in order; none is ever changed. Every key begins with the person's id, and no statement of a
// turn touches two people's rows: an engine that speaks this protocol can spread the tables by that column.
constexpr std::array<const char*, 2> kMigrations{R"sql(
CREATE TABLE person(id bigint PRIMARY KEY, channel text NOT NULL, contact text NOT NULL,
  state bytea NOT NULL DEFAULT '', key bytea, node bigint NOT NULL DEFAULT 0);
CREATE INDEX person_node ON person(node) WHERE node<>0;
CREATE TABLE event(person bigint NOT NULL, id text NOT NULL, at bigint NOT NULL, PRIMARY KEY(person, id));
CREATE INDEX event_at ON event USING brin(at);
CREATE TABLE timer(person bigint NOT NULL, name text NOT NULL, at bigint NOT NULL, claimed bigint NOT NULL DEFAULT 0,
  PRIMARY KEY(person, name));
CREATE INDEX timer_at ON timer(at);
CREATE TABLE outbox(person bigint NOT NULL, id bigint NOT NULL, channel text NOT NULL, contact text NOT NULL,
  body bytea NOT NULL, created bigint NOT NULL, due bigint NOT NULL, attempts integer NOT NULL DEFAULT 0,
  node bigint NOT NULL DEFAULT 0, PRIMARY KEY(person, id));
CREATE INDEX outbox_node ON outbox(node, id);
CREATE TABLE alarm(person bigint NOT NULL, id bigint NOT NULL, level integer NOT NULL, at bigint NOT NULL, next bigint,
  step integer NOT NULL DEFAULT 0, token text NOT NULL, seen bigint, PRIMARY KEY(person, id));
CREATE INDEX alarm_next ON alarm(next) WHERE next IS NOT NULL;
CREATE INDEX alarm_token ON alarm(token);
CREATE INDEX alarm_id ON alarm(id);
CREATE TABLE dead(person bigint NOT NULL, id bigint NOT NULL, channel text NOT NULL, at bigint NOT NULL,
  code text NOT NULL, PRIMARY KEY(person, id));
CREATE TABLE audit(seq bigint PRIMARY KEY, at bigint NOT NULL, what text NOT NULL, person bigint NOT NULL,
  detail text NOT NULL, hash text NOT NULL);
CREATE TABLE audit_head(one integer PRIMARY KEY CHECK(one=1), seq bigint NOT NULL, hash text NOT NULL,
  signature text NOT NULL);
INSERT INTO audit_head VALUES(1, 0, '', '');
CREATE TABLE vault(one integer PRIMARY KEY CHECK(one=1), sample bytea NOT NULL);
CREATE TABLE node(id bigint PRIMARY KEY, until timestamptz NOT NULL);
CREATE TABLE lease(name text PRIMARY KEY, node bigint NOT NULL);
CREATE SEQUENCE outbox_id INCREMENT BY 1024;
)sql",
                                                 R"sql(
CREATE TABLE document(name text PRIMARY KEY, revision bigint NOT NULL, key bytea NOT NULL, body bytea NOT NULL);
CREATE INDEX alarm_at ON alarm(at);
)sql"};
constexpr std::int64_t kMigrationLock = 0x5354454144590001;  // "STEADY" and a number

std::string setting(std::string_view keyword, std::string_view value) {  // as libpq reads them
  std::string out = std::string(keyword) + "='";
  for (char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "' ";
}

}  // namespace

std::vector<std::string> hosts_of(const std::string& url) {
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> given(PQconninfoParse(url.c_str(), nullptr),
                                                                     PQconninfoFree);
  std::map<std::string, std::vector<std::string>> lists;
  std::string rest;
  std::size_t hosts = 1;
  for (auto* o = given.get(); o != nullptr && o->keyword != nullptr; ++o) {
    std::string_view keyword = o->keyword;
    if (o->val == nullptr) continue;
    if (keyword != "host" && keyword != "hostaddr" && keyword != "port") {
      rest += setting(keyword, o->val);
      continue;
    }
    auto& list = lists[o->keyword];
    std::istringstream in(o->val);
    for (std::string one; std::getline(in, one, ',');) list.push_back(one);
    if (keyword != "port") hosts = std::max(hosts, list.size());
  }
  if (hosts == 1) return {url};  // also what cannot be read: the connection says why
  if (rest.find("target_session_attrs=") == std::string::npos) rest += setting("target_session_attrs", "read-write");
  std::vector<std::string> out;
  for (std::size_t i = 0; i < hosts; ++i) {
    out.push_back(rest);
    for (const auto& [keyword, list] : lists)
      if (list.size() == 1 || i < list.size()) out.back() += setting(keyword, list[list.size() == 1 ? 0 : i]);
  }
  return out;
}

PgRows::PgRows(pg_result* result) : result_(result) {}
void PgRows::Closer::operator()(pg_result* result) const { PQclear(result); }
int PgRows::size() const { return PQntuples(result_.get()); }
int PgRows::changed() const { return std::atoi(PQcmdTuples(result_.get())); }
bool PgRows::null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
std::int64_t PgRows::number(int row, int column) const { return std::atoll(PQgetvalue(result_.get(), row, column)); }
std::string PgRows::text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}
std::string PgRows::bytes(int row, int column) const {
  if (null(row, column)) return "";
  std::size_t size = 0;
  const char* escaped = PQgetvalue(result_.get(), row, column);
  std::unique_ptr<unsigned char, void (*)(void*)> plain(
      PQunescapeBytea(reinterpret_cast<const unsigned char*>(escaped), &size), PQfreemem);  // NOLINT: libpq's type
  return {reinterpret_cast<const char*>(plain.get()), size};                                // NOLINT
}

void PgConnection::Closer::operator()(pg_conn* connection) const { PQfinish(connection); }

void PgConnection::fail(const std::string& doing) const {
  std::string why = PQerrorMessage(handle_.get());
  while (!why.empty() && why.back() == '\n') why.pop_back();
  throw PgError("PostgreSQL, " + doing + ": " + (why.empty() ? "no answer in time" : why));
}

PgConnection::PgConnection(const std::string& url, std::chrono::milliseconds patience) : patience_(patience) {
  handle_.reset(PQconnectStart(url.c_str()));
  PQsetNoticeProcessor(
      handle_.get(), [](void*, const char*) {}, nullptr);  // "already exists, skipping"
  auto until = Clock::now() + patience_;
  for (PostgresPollingStatusType state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;
       state = PQconnectPoll(handle_.get())) {
    if (handle_ == nullptr || state == PGRES_POLLING_FAILED || PQstatus(handle_.get()) == CONNECTION_BAD)
      fail("connecting");
    wait(state == PGRES_POLLING_WRITING, until);
  }
  if (PQsetnonblocking(handle_.get(), 1) != 0 || PQenterPipelineMode(handle_.get()) != 1) fail("connecting");
}

// Until something may be read, or written too.
void PgConnection::wait(bool writes, Clock::time_point until) {
  auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  pollfd fd{PQsocket(handle_.get()), static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN), 0};
  if (left <= 0 || ::poll(&fd, 1, static_cast<int>(left)) == 0) fail("waiting");
}

PgConnection& PgConnection::add(const PgStatement& statement, std::vector<PgValue> values) {
  added_.push_back({&statement, std::move(values)});
  return *this;
}

pg_result* PgConnection::next(Clock::time_point until) {
  for (;;) {
    int unsent = PQflush(handle_.get());
    if (unsent < 0) fail("sending");
    if (PQisBusy(handle_.get()) == 0) return PQgetResult(handle_.get());
    wait(unsent > 0, until);
    if (PQconsumeInput(handle_.get()) == 0) fail("reading");
  }
}

std::vector<PgRows> PgConnection::run() {
  pg_conn* c = handle_.get();
  std::vector<const PgStatement*> sent;  // null: the preparation of the one after it
  std::vector<const char*> data;
  std::vector<int> sizes, formats;
  for (const Added& a : added_) {
    if (prepared_.insert(a.statement->name).second) {
      if (PQsendPrepare(c, a.statement->name, a.statement->sql, 0, nullptr) != 1) fail("preparing");
      sent.push_back(nullptr);
    }
    data.clear(), sizes.clear(), formats.clear();
    for (const PgValue& v : a.values) {
      data.push_back(v.data());
      sizes.push_back(v.size());
      formats.push_back(v.binary() ? 1 : 0);
    }
    if (PQsendQueryPrepared(c, a.statement->name, static_cast<int>(data.size()), data.data(), sizes.data(),
                            formats.data(), 0) != 1)
      fail("sending");
    sent.push_back(a.statement);
  }
  added_.clear();
  if (PQpipelineSync(c) != 1) fail("sending");
  auto until = Clock::now() + patience_;
  std::vector<PgRows> out;
  std::string problem, state;
  for (const PgStatement* statement : sent) {
    pg_result* raw = next(until);
    PgRows rows(raw);
    auto status = PQresultStatus(raw);
    bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    if (!good && problem.empty()) {
      const char* first = PQresultErrorField(raw, PG_DIAG_MESSAGE_PRIMARY);  // the details name rows
      problem = first == nullptr ? PQresultErrorMessage(raw) : first;
      if (const char* code = PQresultErrorField(raw, PG_DIAG_SQLSTATE)) state = code;
    }
    if (statement != nullptr) out.push_back(std::move(rows));
    PQclear(next(until));  // the null that ends a statement's results
  }
  PQclear(next(until));  // of the sync
  if (!problem.empty()) {
    while (!problem.empty() && problem.back() == '\n') problem.pop_back();
    if (PQstatus(c) != CONNECTION_OK || state.empty()) throw PgError("PostgreSQL: " + problem);
    throw PgRefused("PostgreSQL: " + problem, state);
  }
  return out;
}

PgRows PgConnection::one(const PgStatement& statement, std::vector<PgValue> values) {
  add(statement, std::move(values));
  return std::move(run().back());
}

std::vector<std::pair<std::string, std::string>> PgConnection::heard(std::chrono::milliseconds wait_for) {
  pollfd fd{PQsocket(handle_.get()), POLLIN, 0};
  if (::poll(&fd, 1, static_cast<int>(wait_for.count())) > 0 && PQconsumeInput(handle_.get()) == 0) fail("listening");
  std::vector<std::pair<std::string, std::string>> out;
  while (PGnotify* n = PQnotifies(handle_.get())) {
    out.emplace_back(n->relname, n->extra);
    PQfreemem(n);
  }
  return out;
}

AuditEntry audit_in(const PgRows& r, int i) {
  return {r.number(i, 0), rules::Time(std::chrono::seconds(r.number(i, 1))), r.text(i, 2), r.number(i, 3), r.text(i, 4),
          r.text(i, 5)};
}

void migrate_postgres(PgConnection& connection) {
  static constexpr PgStatement kLock{"lock", "SELECT pg_advisory_xact_lock($1)"}, kBegin{"m_begin", "BEGIN"},
      kCommit{"m_commit", "COMMIT"}, kTable{"schema", "CREATE TABLE IF NOT EXISTS schema(version integer NOT NULL)"},
      kVersion{"version", "SELECT coalesce(max(version), 0) FROM schema"},
      kApplied{"applied", "INSERT INTO schema VALUES($1)"};
  connection.add(kBegin).add(kLock, {kMigrationLock}).add(kTable);
  connection.run();
  auto version = connection.one(kVersion).number(0, 0);
  std::vector<std::string> statements;
  for (std::size_t n = static_cast<std::size_t>(version); n < kMigrations.size(); ++n) {
    std::string sql = kMigrations[n];
    for (std::size_t at = 0; at < sql.size();) {
      std::size_t end = std::min(sql.find(";\n", at), sql.size());
      statements.push_back(sql.substr(at, end - at));
      at = end + 2;
      if (sql.find_first_not_of(" \n", at) == std::string::npos) break;
    }
  }
  for (std::size_t i = 0; i < statements.size(); ++i) {
    std::string name = "migration" + std::to_string(i);
    connection.one(PgStatement{name.c_str(), statements[i].c_str()});
  }
  for (auto n = version; n < static_cast<std::int64_t>(kMigrations.size()); ++n) connection.one(kApplied, {n + 1});
  connection.one(kCommit);
}

}  // namespace bot
