// postgres: a connection to PostgreSQL with prepared statements in pipelines, and the schema. What is added is sent at
// once by run(), which gives the results in the order of adding; nothing waits longer than the connection's patience.
// Protocol: PgConnection c(url, patience); c.add(kSql, {...}).add(...); auto results = c.run(). A pipeline is one
// implicit transaction unless begin and commit stand in it. Errors: PgError with the server's words; such a connection
// is to be given up. Threads: one at a time. Tested by tests/bot/postgres_test.cpp and store_test.cpp. Source:
// postgresql.org/docs/15/libpq-pipeline-mode.html and libpq-async.html, read 2026-11-30.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <vector>

#include "bot/audit.hpp"

struct pg_conn;
struct pg_result;

namespace bot {

struct PgError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The server refused a statement and took its transaction back; the connection is good.
struct PgRefused : PgError {
  PgRefused(const std::string& what, std::string sqlstate) : PgError(what), state(std::move(sqlstate)) {}
  [[nodiscard]] bool of_data() const {
    return state.starts_with("22") || state.starts_with("23");  // not of the moment
  }
  [[nodiscard]] bool of_server() const { return state == "25006" || state.starts_with("57P"); }  // a standby, or going
  std::string state;
};

struct PgStatement {
  const char *name, *sql;
};

class PgValue {  // of a parameter: a number, a text, or bytes
 public:
  PgValue(std::int64_t n) : text_(std::to_string(n)) {}  // NOLINT: meant to be implicit
  PgValue(std::string text) : text_(std::move(text)) {}  // NOLINT
  static PgValue bytes(std::string b) { return PgValue(std::move(b), true); }
  [[nodiscard]] const char* data() const { return text_.c_str(); }
  [[nodiscard]] int size() const { return static_cast<int>(text_.size()); }
  [[nodiscard]] bool binary() const { return binary_; }

 private:
  PgValue(std::string b, bool binary) : text_(std::move(b)), binary_(binary) {}
  std::string text_;
  bool binary_ = false;
};

class PgRows {
 public:
  explicit PgRows(pg_result* result);
  [[nodiscard]] int size() const;
  [[nodiscard]] int changed() const;  // rows that the statement wrote
  [[nodiscard]] bool null(int row, int column) const;
  [[nodiscard]] std::int64_t number(int row, int column) const;
  [[nodiscard]] std::string text(int row, int column) const;
  [[nodiscard]] std::string bytes(int row, int column) const;  // of a bytea
  [[nodiscard]] bool yes(int row, int column) const { return text(row, column) == "t"; }

 private:
  struct Closer {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Closer> result_;
};

// What `row(rows, i)` makes of each.
template <class Row>
auto list_of(const PgRows& rows, Row row) {
  std::vector<decltype(row(rows, 0))> out;
  out.reserve(static_cast<std::size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) out.push_back(row(rows, i));
  return out;
}

// A URL of several hosts (postgres://a,b:5433/name) as one of each, in order; of several, the one that takes writes is
// meant (target_session_attrs=read-write), unless the URL says otherwise. libpq would try them in one go, and never
// leave the first where that one takes connections and answers nothing.
std::vector<std::string> hosts_of(const std::string& url);

class PgConnection {
 public:
  PgConnection(const std::string& url, std::chrono::milliseconds patience);
  PgConnection& add(const PgStatement& statement, std::vector<PgValue> values = {});
  std::vector<PgRows> run();
  // Runs what was added and this, and gives the result of this.
  PgRows one(const PgStatement& statement, std::vector<PgValue> values = {});
  // Channels heard since the last call, after at most `wait`: (channel, payload).
  std::vector<std::pair<std::string, std::string>> heard(std::chrono::milliseconds wait);
  std::size_t host = 0;  // which of several it is, as its owner counts them

 private:
  struct Closer {
    void operator()(pg_conn* connection) const;
  };
  void wait(bool writes, std::chrono::steady_clock::time_point until);
  pg_result* next(std::chrono::steady_clock::time_point until);
  [[noreturn]] void fail(const std::string& doing) const;

  std::unique_ptr<pg_conn, Closer> handle_;
  std::chrono::milliseconds patience_;
  std::unordered_set<std::string> prepared_;
  struct Added {
    const PgStatement* statement;
    std::vector<PgValue> values;
  };
  std::vector<Added> added_;
};

AuditEntry audit_in(const PgRows& rows, int i);  // seq, at, what, person, detail, hash

// Makes or brings up to date the tables, under a lock that every node takes.
void migrate_postgres(PgConnection& connection);

}  // namespace bot
