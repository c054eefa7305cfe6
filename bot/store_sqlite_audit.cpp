// The trail of audit.hpp in SQLite: an entry is written in the transaction of what it tells.
#include <future>

#include "bot/sqlite.hpp"
#include "bot/store_sqlite.hpp"

namespace bot {

void SqliteStore::trail(rules::Time at, const std::string& what, std::int64_t person, const std::string& detail) {
  AuditHead head;
  if (db_->audit_head->step()) head = {db_->audit_head->number(0), db_->audit_head->text(1), {}};
  db_->audit_head->reset();
  AuditEntry entry{head.seq + 1, at, what, person, detail, {}};
  entry.hash = audit_hash(audit_key_, head.hash, entry);
  db_->audit_add->bind(entry.seq)
      .bind(std::int64_t{at.time_since_epoch().count()})
      .bind(what)
      .bind(person)
      .bind(detail)
      .bind(entry.hash)
      .run();
  head = {entry.seq, entry.hash, {}};
  db_->audit_sign->bind(head.seq).bind(head.hash).bind(audit_signature(audit_key_, head)).run();
}

void SqliteStore::note(rules::Time at, std::string what, std::int64_t person, std::string detail) {
  Job job;
  job.now = at;
  job.note = {0, at, std::move(what), person, std::move(detail), {}};
  push(std::move(job));
}

std::vector<AuditEntry> SqliteStore::audit(std::int64_t after, std::size_t limit) {
  return ask<std::vector<AuditEntry>>([=, this] {
    std::vector<AuditEntry> out;
    SqliteStatement& s = *db_->audit_read;
    s.bind(after).bind(static_cast<std::int64_t>(limit));
    while (s.step())
      out.push_back(
          {s.number(0), rules::Time(std::chrono::seconds(s.number(1))), s.text(2), s.number(3), s.text(4), s.text(5)});
    return out;
  });
}

AuditHead SqliteStore::audit_head() {
  return ask<AuditHead>([this] {
    AuditHead head;
    if (db_->audit_head->step())
      head = {db_->audit_head->number(0), db_->audit_head->text(1), db_->audit_head->text(2)};
    db_->audit_head->reset();
    return head;
  });
}

bool SqliteStore::acknowledge(const std::string& token, rules::Time now) {
  Job job;
  job.now = now;
  job.acknowledged = token;
  auto promise = std::make_shared<std::promise<TurnResult>>();
  auto result = promise->get_future();
  job.waiting = std::make_shared<Waiting>([promise](TurnResult r) { promise->set_value(std::move(r)); });
  push(std::move(job));
  if (patience_.count() > 0 && result.wait_for(patience_) != std::future_status::ready) return false;
  return result.get().kind == TurnResult::Kind::done;
}

void SqliteStore::acknowledge(Job& job) {
  db_->alarm_seen->bind(std::int64_t{job.now.time_since_epoch().count()}).bind(job.acknowledged).run();
  if (db_->changes() == 0) {
    job.result.kind = TurnResult::Kind::duplicate;
    return;
  }
  db_->alarm_find->bind(job.acknowledged);
  std::int64_t person = db_->alarm_find->step() ? db_->alarm_find->number(1) : 0;
  db_->alarm_find->reset();
  trail(job.now, "acknowledge", person, "");
}

}  // namespace bot
