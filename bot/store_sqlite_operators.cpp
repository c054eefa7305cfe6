// What SQLite keeps for the people who run it: alarms, the trail of audit.hpp, what waits, documents. An entry of the
// trail is written in the transaction of what it tells.
#include <future>

#include "bot/sqlite.hpp"
#include "bot/store_parts.hpp"
#include "bot/store_sqlite.hpp"

namespace bot {

void SqliteStore::trail(rules::Time at, const std::string& what, std::int64_t person, const std::string& detail) {
  AuditHead head;
  if (db_->audit_head->step()) head = {db_->audit_head->number(0), db_->audit_head->text(1), {}};
  db_->audit_head->reset();
  AuditEntry entry{head.seq + 1, at, what, person, detail, {}};
  entry.hash = audit_hash(audit_key_, head.hash, entry);
  db_->audit_add->bind(entry.seq).bind(seconds(at)).bind(what).bind(person).bind(detail).bind(entry.hash).run();
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
    return list_of(db_->audit_read->bind(after).bind(static_cast<std::int64_t>(limit)), [](const auto& s) {
      return AuditEntry{s.number(0), time_of(s.number(1)), s.text(2), s.number(3), s.text(4), s.text(5)};
    });
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
  db_->alarm_seen->bind(seconds(job.now)).bind(job.acknowledged).run();
  if (db_->changes() == 0) {
    job.result.kind = TurnResult::Kind::duplicate;
    return;
  }
  db_->alarm_find->bind(job.acknowledged);
  std::int64_t person = db_->alarm_find->step() ? db_->alarm_find->number(1) : 0;
  db_->alarm_find->reset();
  trail(job.now, "acknowledge", person, "");
}

AlarmRow SqliteStore::alarm_of(const SqliteStatement& s) {
  return {s.number(0),
          s.number(1),
          {s.text(2), s.text(3)},
          static_cast<rules::Level>(s.number(4)),
          time_of(s.number(5)),
          static_cast<int>(s.number(6)),
          s.text(7),
          s.number(8) == 0 ? std::nullopt : std::optional(time_of(s.number(8))),
          {}};
}

std::vector<AlarmRow> SqliteStore::alarms_due(rules::Time now, std::size_t limit) {
  return ask<std::vector<AlarmRow>>([=, this] {
    return list_of(db_->alarm_due->bind(seconds(now)).bind(static_cast<std::int64_t>(limit)), alarm_of);
  });
}

void SqliteStore::alarm_next(std::int64_t id, int step, rules::Time next) {
  Job job;
  job.call = [this, id, step, next, tried = false]() mutable {
    if (!std::exchange(tried, true) && db_)
      db_->alarm_step->bind(std::int64_t{step}).bind(seconds(next)).bind(id).run();
  };
  push(std::move(job));
}

std::optional<AlarmRow> SqliteStore::alarm(const std::string& token) {
  return ask<std::optional<AlarmRow>>([=, this]() -> std::optional<AlarmRow> {
    if (!db_->alarm_find->bind(token).step()) return std::nullopt;
    AlarmRow out = alarm_of(*db_->alarm_find);
    db_->alarm_find->reset();
    return out;
  });
}

std::vector<AlarmRow> SqliteStore::alarms(rules::Time since, std::size_t limit) {
  return ask<std::vector<AlarmRow>>([=, this] {
    return list_of(db_->alarm_list->bind(seconds(since)).bind(static_cast<std::int64_t>(limit)), alarm_of);
  });
}

std::vector<Standing> SqliteStore::standing(rules::Time dead_since) {
  return ask<std::vector<Standing>>([=, this] {
    return list_of(db_->standing->bind(seconds(dead_since)), [](const auto& s) {
      return Standing{s.text(0), s.number(1), s.number(2), time_of(s.number(3))};
    });
  });
}

std::optional<Document> SqliteStore::document(const std::string& name) {
  return ask<std::optional<Document>>([=, this]() -> std::optional<Document> {
    SqliteStatement& s = db_->document_read->bind(name);
    if (!s.step()) return Document{};
    Document out{s.number(0), {}};
    std::string wrapped = s.text(1), body = s.text(2), identity = identity_of_document(name);
    s.reset();
    auto key = vault_.unwrap(std::move(wrapped), identity);
    auto opened = key ? open_sealed(*key, body, identity) : std::nullopt;
    if (!opened) return std::nullopt;
    out.body = std::move(*opened);
    return out;
  });
}

bool SqliteStore::put_document(const std::string& name, const Document& next) {
  return ask<bool>([=, this] {
    std::string identity = identity_of_document(name);
    DataKey key = vault_.new_key(identity);
    db_->document_write->bind(name)
        .bind(next.revision)
        .bind_bytes(key.wrapped)
        .bind_bytes(seal(key, next.body, identity))
        .run();
    return db_->changes() > 0;
  });
}

}  // namespace bot
