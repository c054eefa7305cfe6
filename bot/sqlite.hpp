// sqlite: a prepared statement and the connection with every statement of store_sqlite. Errors are std::runtime_error
// with SQLite's words; the store gives such a connection up. Threads: one, the store's writer. Source: sqlite.org/c3ref
// (3.40).
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace bot {

class SqliteStatement {
 public:
  SqliteStatement(sqlite3* db, const char* sql);
  ~SqliteStatement();
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  SqliteStatement& bind(std::int64_t value);
  SqliteStatement& bind(const std::string& value);
  SqliteStatement& bind_bytes(const std::string& value);  // of no alphabet
  bool step();  // true: a row is there; false: done, and ready to be bound again
  void run();   // to the end
  void reset();
  [[nodiscard]] std::int64_t number(int column) const;
  [[nodiscard]] std::string text(int column) const;

 private:
  SqliteStatement& check(int rc);
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
  int at_ = 0;
};

// What `row(statement)` makes of each row of a statement that is bound.
template <class Row>
auto list_of(SqliteStatement& statement, Row row) {
  std::vector<decltype(row(statement))> out;
  while (statement.step()) out.push_back(row(statement));
  return out;
}

struct SqliteDatabase {
  explicit SqliteDatabase(const std::string& path);  // opens, sets and asserts the pragmas, makes the tables
  [[nodiscard]] int changes() const;
  [[nodiscard]] std::int64_t last_id() const;
  [[nodiscard]] std::optional<std::pair<std::int64_t, std::string>> a_wrapped_key() const;  // of any person
  [[nodiscard]] bool changed_elsewhere();  // by another connection, since the last call

  struct Closer {
    void operator()(sqlite3* db) const;
  };
  std::unique_ptr<sqlite3, Closer> handle;
  std::int64_t next_outbox_id = 0;  // never given twice, over restarts too: it is a platform's idempotency key
  std::int64_t version = 0;         // as changed_elsewhere() saw it last
  using Prepared = std::unique_ptr<SqliteStatement>;
  Prepared begin, commit, find, create, save, event, timer_set, timer_cancel, timer_due, timer_next, out_add,
      out_delete, out_retry, out_all, out_person, dead_add, sweep, erase_timers, move, data_version, alarm_add,
      alarm_due, alarm_list, standing, document_read, document_write, alarm_find, alarm_step, alarm_seen, audit_add,
      audit_read, audit_head, audit_sign, out_bodies, out_reseal, contacts;
};

}  // namespace bot
