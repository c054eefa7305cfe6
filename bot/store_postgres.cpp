// Turns on PostgreSQL. What is only read or claimed is in store_postgres_rows.cpp.
#include "bot/store_postgres.hpp"

#include <sodium.h>

#include <algorithm>
#include <set>

#include "bot/log.hpp"
#include "bot/outgoing.hpp"
#include "bot/store_parts.hpp"

namespace bot {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kReopen{1}, kFirstWait{3};  // for the tables and the lease, at the start
constexpr std::chrono::milliseconds kSettlePause{10};
constexpr std::string_view kAway = "PostgreSQL is away";  // and it was just tried
constexpr std::int64_t kBlock = 1024;                     // of row numbers, as the sequence gives them

constexpr PgStatement kBegin{"begin", "BEGIN"}, kCommit{"commit", "COMMIT"},
    kCreate{"create", "INSERT INTO person(id, channel, contact) VALUES($1, $2, $3) ON CONFLICT DO NOTHING"},
    kLock{"lock_person", "SELECT state, key, channel, contact FROM person WHERE id=$1 FOR UPDATE"},
    // After the lock, so that what others committed while it was waited for is seen.
    kOthers{"others", "SELECT 1 FROM outbox WHERE person=$1 AND node<>$2 LIMIT 1"},
    kSeen{"seen", "SELECT 1 FROM event WHERE person=$1 AND id=$2"}, kNumbers{"numbers", "SELECT nextval('outbox_id')"},
    kEvent{"event", "INSERT INTO event(person, id, at) VALUES($1, $2, $3)"},
    kSave{"save", "UPDATE person SET state=$2, key=$3, node=CASE WHEN $4::bigint=0 THEN node ELSE $4 END WHERE id=$1"},
    kTimerSet{"timer_set",
              "INSERT INTO timer(person, name, at) VALUES($1, $2, $3) ON CONFLICT(person, name) DO UPDATE SET "
              "at=excluded.at, claimed=0"},
    kTimerCancel{"timer_cancel", "DELETE FROM timer WHERE person=$1 AND name=$2"},
    kTimersErase{"timers_erase", "DELETE FROM timer WHERE person=$1 AND name NOT LIKE 'crisis.%'"},
    kOutAdd{"out_add",
            "INSERT INTO outbox(person, id, channel, contact, body, created, due, node) VALUES($1, $2, $3, $4, $5, $6, "
            "$6, $7)"},
    kOutDelete{"out_delete", "DELETE FROM outbox WHERE person=$1 AND id=$2 AND (node=$3 OR $4::bigint=1)"},
    kOutRetry{"out_retry", "UPDATE outbox SET due=$4, attempts=attempts+1 WHERE person=$1 AND id=$2 AND node=$3"},
    kDead{"dead",
          "INSERT INTO dead(person, id, channel, at, code) SELECT person, id, channel, $4, $5 FROM outbox WHERE "
          "person=$1 AND id=$2 AND node=$3 ON CONFLICT DO NOTHING"},
    kBodies{"bodies", "SELECT id, body FROM outbox WHERE person=$1"},
    kReseal{"reseal", "UPDATE outbox SET body=$3 WHERE person=$1 AND id=$2"},
    kSweep{"sweep", "DELETE FROM event WHERE at<$1"},
    kAlarmAdd{"alarm_add", "INSERT INTO alarm(person, id, level, at, next, token) VALUES($1, $2, $3, $4, $4, $5)"},
    kHead{"head", "SELECT seq, hash FROM audit_head WHERE one=1 FOR UPDATE"},
    kAuditAdd{"audit_add", "INSERT INTO audit(seq, at, what, person, detail, hash) VALUES($1, $2, $3, $4, $5, $6)"},
    kSign{"sign", "UPDATE audit_head SET seq=$1, hash=$2, signature=$3 WHERE one=1"},
    kRowsOf{
        "rows_of",
        "SELECT o.id, o.person, o.channel, o.contact, o.body, o.created, o.due, o.attempts, p.key, o.node FROM outbox "
        "o JOIN person p ON p.id=o.person WHERE o.person=$1 AND o.id>=$2 AND o.id<$3 AND o.node=$4 ORDER BY o.id"},
    kTell{"tell", "SELECT pg_notify('steady', $1)"};

}  // namespace

std::int64_t person_number(const Address& address) {
  std::string whole = address.channel + '\0' + address.contact;
  std::array<unsigned char, crypto_generichash_BYTES_MIN> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(whole.data()),  // NOLINT
                     whole.size(), nullptr, 0);
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | hash[static_cast<std::size_t>(i)];
  return static_cast<std::int64_t>(number >> 1);  // of 63 bits: never negative
}

PostgresStore::PostgresStore(const std::string& url, const std::filesystem::path& data, const Environment& environment,
                             std::chrono::milliseconds patience)
    : hosts_(hosts_of(url)), vault_(master_key(data, environment)), patience_(patience) {
  if (!vault_.ready()) throw std::runtime_error("the keys in " + (data / "keys").string() + " cannot be read or made");
  audit_key_ = vault_.derived("audit");
  keeper_ = std::thread([this] { keep(); });
  for (Writer& writer : writers_) writer.thread = std::thread([this, &writer] { run(writer); });
  for (auto until = Clock::now() + kFirstWait; !healthy_ && Clock::now() < until;)
    std::this_thread::sleep_for(kSettlePause);
}

PostgresStore::~PostgresStore() { stop(); }

void PostgresStore::stop() {
  stopping_ = true;
  for (Writer& writer : writers_) {
    { std::lock_guard lock(writer.mutex); }
    writer.wake.notify_one();
    if (writer.thread.joinable()) writer.thread.join();
  }
  if (keeper_.joinable()) keeper_.join();
}

void PostgresStore::push(Job job) {
  Writer& writer = writers_[static_cast<std::size_t>(job.person) % writers_.size()];
  {
    std::lock_guard lock(writer.mutex);
    writer.queue.push_back(std::move(job));
  }
  writer.wake.notify_one();
}

void PostgresStore::turn(Address address, std::string event_id, rules::Time now, Decide decide, Done done) {
  Job job;
  job.person = person_number(address);
  job.address = std::move(address);
  job.event_id = std::move(event_id);
  job.now = now;
  job.decide = std::move(decide);
  job.done = std::move(done);
  push(std::move(job));
}

void PostgresStore::settle(Settlement settlement) {
  Job job;
  job.person = settlement.person;
  job.settlement = std::move(settlement);
  push(std::move(job));
}

void PostgresStore::note(rules::Time at, std::string what, std::int64_t person, std::string detail) {
  Job job;
  job.note = {0, at, std::move(what), person, std::move(detail), {}};
  push(std::move(job));
}

void PostgresStore::run(Writer& writer) {
  std::vector<Job> batch;
  for (;;) {
    batch.clear();
    {
      std::unique_lock lock(writer.mutex);
      auto waits = [&] { return stopping_ || !writer.queue.empty(); };
      if (writer.unknown.empty()) writer.wake.wait(lock, waits);
      else writer.wake.wait_for(lock, kReopen, waits);
      if (writer.queue.empty() && stopping_) return;
      auto urgent = [&] {
        return stopping_ ||
               std::any_of(writer.queue.begin(), writer.queue.end(), [](const Job& job) { return !job.settlement; });
      };
      if (!writer.queue.empty()) writer.wake.wait_for(lock, kSettlePause, urgent);
      while (!writer.queue.empty() && batch.size() < kPgBatch) {
        batch.push_back(std::move(writer.queue.front()));
        writer.queue.pop_front();
      }
    }
    work(writer, batch);
    for (Job& job : batch)
      if (job.done) job.done(std::move(job.result));
  }
}

void PostgresStore::work(Writer& writer, std::vector<Job>& jobs) {
  Batch batch{jobs, node_, {}, {}, 0, 0};
  bool committing = false;
  try {
    if (!writer.db) {
      if (Clock::now() - writer.opened < kReopen) throw PgError(std::string(kAway));
      writer.opened = Clock::now();
      writer.db = connect();
    }
    if (!writer.unknown.empty()) settle_unknown(writer);
    if (jobs.empty()) return;
    load(*writer.db, batch);
    for (Job& job : jobs) {
      if (job.note) batch.trail.push_back(*job.note);
      if (job.settlement) apply(*writer.db, *job.settlement, batch.node);
      if (job.decide && job.result.kind == TurnResult::Kind::done) take(*writer.db, batch, job);
    }
    if (!batch.trail.empty()) trail(*writer.db, batch.trail);
    writer.db->add(kCommit);
    committing = true;
    writer.db->run();
    healthy_ = true;
  } catch (const PgRefused& e) {  // nothing of it was kept: each by itself, so that one harms no other
    log(LogLevel::error, "postgres", {{"problem", std::string_view(e.what())}});
    if (writer.db && e.of_server()) leave_host(writer.db->host);
    writer.db.reset();
    writer.opened = {};
    if (jobs.size() > 1) return one_by_one(writer, jobs);
    Job& job = jobs.front();
    if (job.decide) job.result = failed_turn(e.what(), !e.of_data());
    if (!job.decide && !e.of_data() && !stopping_) push(std::move(job));
  } catch (const std::exception& e) {
    give_up(writer.db);
    healthy_ = false;
    if (e.what() != kAway) log(LogLevel::error, "postgres", {{"problem", std::string_view(e.what())}});
    for (Job& job : jobs) {
      if (job.decide && committing && job.result.kind == TurnResult::Kind::done) {  // who knows
        job.first_row = batch.first_row;
        job.result = {};
        writer.unknown.push_back(job);
      }
      if (job.decide) job.result = failed_turn(e.what(), true);
      if ((job.settlement || job.note) && !stopping_) push(std::move(job));  // later, then
    }
    if (!stopping_) std::this_thread::sleep_for(kSettlePause);
  }
}

void PostgresStore::one_by_one(Writer& writer, std::vector<Job>& jobs) {
  std::vector<Job> one(1);
  for (Job& job : jobs) {
    job.result = {};
    one.front() = std::move(job);
    work(writer, one);
    job = std::move(one.front());
  }
}

// What became of turns whose commit was not answered: their rows are locked as long as that commit may still come.
void PostgresStore::settle_unknown(Writer& writer) {
  while (!writer.unknown.empty()) {
    Job& job = writer.unknown.front();
    writer.db->add(kBegin).add(kLock, {job.person}).add(kSeen, {job.person, job.event_id});
    writer.db->add(kRowsOf, {job.person, job.first_row, job.first_row + kBlock, std::int64_t{node_}}).add(kCommit);
    auto results = writer.db->run();
    if (results[2].size() > 0) {
      TurnResult result;
      result.late = true;
      result.rows = rows_of(results[3]);
      job.done(std::move(result));
    }
    writer.unknown.pop_front();
  }
}

// One round trip: everybody of the batch locked in the order of their numbers, what was taken before, row numbers.
void PostgresStore::load(PgConnection& db, Batch& batch) {
  std::map<std::int64_t, const Job*> who;
  for (const Job& job : batch.jobs)
    if (job.decide) who.emplace(job.person, &job);
  db.add(kBegin);
  if (who.empty()) return;
  for (const auto& [id, job] : who) db.add(kCreate, {id, job->address.channel, job->address.contact}).add(kLock, {id});
  for (const auto& [id, job] : who) db.add(kOthers, {id, batch.node});
  for (const Job& job : batch.jobs)
    if (job.decide) db.add(kSeen, {job.person, job.event_id});
  db.add(kNumbers);
  auto results = db.run();
  auto next = results.begin() + 1;
  for (const auto& [id, job] : who) {
    const PgRows& row = *(next + 1);
    next += 2;
    Known known = open_person(id, row.bytes(0, 0), row.bytes(0, 1));
    if (row.text(0, 2) != job->address.channel || row.text(0, 3) != job->address.contact)
      known.problem = "another address has the number " + std::to_string(id);
    if (known.person.seed == 0) known.person.seed = seed_of(job->address);
    batch.people.emplace(id, std::move(known));
  }
  for (auto& [id, known] : batch.people) known.others_send = (next++)->size() > 0;
  for (Job& job : batch.jobs)
    if (job.decide && (next++)->size() > 0) job.result.kind = TurnResult::Kind::duplicate;
  batch.first_row = batch.next_row = next->number(0, 0);
}

PostgresStore::Known PostgresStore::open_person(std::int64_t id, const std::string& state, std::string wrapped) const {
  Known known;
  std::string identity = identity_of("person", id);
  if (wrapped.empty()) {  // new
    known.key = vault_.new_key(identity);
    return known;
  }
  auto key = vault_.unwrap(std::move(wrapped), identity);
  auto opened = key ? open_sealed(*key, state, identity) : std::nullopt;
  auto person = opened ? rules::person_from_json(*opened) : tl::unexpected(std::string());
  if (person) {
    known.key = std::move(*key);
    known.person = std::move(*person);
  } else {
    known.problem =
        "case " + std::to_string(id) + (opened ? ": " + person.error() : " does not open with this master key");
  }
  return known;
}

void PostgresStore::take(PgConnection& db, Batch& batch, Job& job) {
  Known& known = batch.people.at(job.person);
  if (!known.events.insert(job.event_id).second) {
    job.result.kind = TurnResult::Kind::duplicate;
    return;
  }
  if (!known.problem.empty()) {
    job.result = failed_turn(known.problem, false);
    return;
  }
  rules::Decision decision = job.decide(std::move(known.person));
  if (decision.erase) shred(db, job.person, known);
  std::string identity = identity_of("person", job.person);
  std::int64_t sends = decision.replies.empty() || known.others_send ? 0 : batch.node;
  db.add(kEvent, {job.person, job.event_id, seconds(job.now)});
  db.add(kSave, {job.person, PgValue::bytes(seal(known.key, rules::to_json(decision.next), identity)),
                 PgValue::bytes(known.key.wrapped), sends});
  if (decision.erase) db.add(kTimersErase, {job.person});
  for (const auto& t : decision.timers) {
    if (t.at) db.add(kTimerSet, {job.person, t.name, seconds(*t.at)});
    else db.add(kTimerCancel, {job.person, t.name});
  }
  auto tell = [&](const char* what, std::string detail) {
    batch.trail.push_back({0, job.now, what, job.person, std::move(detail), {}});
  };
  if (decision.erase) tell("erase", "");
  if (decision.export_all) tell("export", "");
  if (decision.notice) tell("notice", *decision.notice);
  bool left = false;
  for (const auto& reply : decision.replies) {
    bool leaves = known.others_send && !reply.urgent;  // it would be overtaken; who is in danger does not wait for that
    left = left || leaves;
    std::int64_t id = next_row(db, batch);
    auto message = outgoing(reply, job.address.contact, decision.next.last_seen);
    db.add(kOutAdd, {job.person, id, job.address.channel, job.address.contact,
                     PgValue::bytes(seal(known.key, kept_text(message), identity_of("outbox", id))), seconds(job.now),
                     std::int64_t{leaves ? 0 : batch.node}});
    OutboxRow row{id, job.person, job.address.channel, std::move(message), job.now, job.now, 0, batch.node};
    row.message.key = key_of_row(id);
    if (row.message.unasked) row.pushed = decision.next.pushed;
    if (!leaves) job.result.rows.push_back(std::move(row));
  }
  if (!decision.replies.empty())
    db.add(kTell, {std::to_string(job.person) + " " + std::to_string(batch.node) + (left ? " left" : "")});
  job.result.why = std::move(decision.why);
  job.result.said = std::move(decision.said);
  job.result.alarm = decision.alarm;
  job.result.calls = decision.calls;
  if (decision.calls) {
    tell("alarm", "");
    db.add(kAlarmAdd,
           {job.person, next_row(db, batch), static_cast<std::int64_t>(decision.alarm.value_or(rules::Level::danger)),
            seconds(job.now), SystemEnvironment().random_token()});
  }
  known.person = std::move(decision.next);
  if (job.now - swept_.load() > std::chrono::hours(1)) {
    swept_ = job.now;
    db.add(kSweep, {seconds(job.now - kKeepEvents)});
  }
}

std::int64_t PostgresStore::next_row(PgConnection& db, Batch& batch) {
  if (batch.next_row == batch.first_row + kBlock) batch.first_row = batch.next_row = db.one(kNumbers).number(0, 0);
  return batch.next_row++;
}

void PostgresStore::apply(PgConnection& db, const Settlement& s, std::int64_t node) {
  if (s.kind == Settlement::Kind::retry) {
    db.add(kOutRetry, {s.person, s.id, node, seconds(s.due)});
    return;
  }
  if (s.kind == Settlement::Kind::dead) db.add(kDead, {s.person, s.id, node, seconds(s.due), s.code});
  db.add(kOutDelete, {s.person, s.id, node, std::int64_t{s.anywhere ? 1 : 0}});
}

// A new data key: what was sealed with the old one opens no more. What waits to be sent is sealed anew.
void PostgresStore::shred(PgConnection& db, std::int64_t person, Known& known) {
  DataKey old = std::exchange(known.key, vault_.new_key(identity_of("person", person)));
  PgRows waiting = db.one(kBodies, {person});
  for (int i = 0; i < waiting.size(); ++i) {
    std::int64_t id = waiting.number(i, 0);
    std::string identity = identity_of("outbox", id);
    if (auto text = open_sealed(old, waiting.bytes(i, 1), identity))
      db.add(kReseal, {person, id, PgValue::bytes(seal(known.key, *text, identity))});
  }
}

// The head is locked last of all, so that no two nodes wait for each other.
void PostgresStore::trail(PgConnection& db, std::vector<AuditEntry>& entries) {
  PgRows last = db.one(kHead);
  AuditHead head{last.number(0, 0), last.text(0, 1), {}};
  for (AuditEntry& entry : entries) {
    entry.seq = head.seq + 1;
    entry.hash = audit_hash(audit_key_, head.hash, entry);
    db.add(kAuditAdd, {entry.seq, seconds(entry.at), entry.what, entry.person, entry.detail, entry.hash});
    head = {entry.seq, entry.hash, {}};
  }
  db.add(kSign, {head.seq, head.hash, audit_signature(audit_key_, head)});
}

}  // namespace bot
