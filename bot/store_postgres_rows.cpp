// What is read, claimed and leased on PostgreSQL.
#include <sodium.h>

#include <algorithm>

#include "bot/log.hpp"
#include "bot/outgoing.hpp"
#include "bot/store_parts.hpp"
#include "bot/store_postgres.hpp"

namespace bot {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kHearFor{200};
constexpr std::chrono::seconds kLookAtAll{5}, kSpare{3};
constexpr std::int64_t kClaimFor = 15;  // seconds that a timer or an alarm is one node's

constexpr PgStatement kBegin{"begin", "BEGIN"}, kCommit{"commit", "COMMIT"},
    // An acknowledged turn is on the disk, also of a synchronous standby; whoever stops in the middle of one lets go.
    kSettings{"settings",
              "SELECT set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN ('off', "
              "'local') THEN 'on' ELSE current_setting('synchronous_commit') END, false), "
              "set_config('idle_in_transaction_session_timeout', '3000', false), set_config('lock_timeout', '900', "
              "false), set_config('client_min_messages', 'warning', false)"},
    kListen{"listen", "LISTEN steady"},
    kRenew{"renew",
           "INSERT INTO node VALUES($1, clock_timestamp()+make_interval(secs=>$2)) ON CONFLICT(id) DO UPDATE SET "
           "until=excluded.until WHERE node.until>clock_timestamp() RETURNING 1"},
    kForgetNodes{"forget_nodes", "DELETE FROM node WHERE until<clock_timestamp()-interval '1 hour'"},
    kHold{"hold",
          "INSERT INTO lease VALUES($1, $2) ON CONFLICT(name) DO UPDATE SET node=$2 WHERE lease.node=$2 OR NOT EXISTS("
          "SELECT 1 FROM node n WHERE n.id=lease.node AND n.until>clock_timestamp()) RETURNING 1"},
    kLeave{"leave", "DELETE FROM node WHERE id=$1"},
    kPersonOf{"person_of", "SELECT state, key, channel, contact FROM person WHERE id=$1"},
    kOut{"out",
         "SELECT o.id, o.person, o.channel, o.contact, o.body, o.created, o.due, o.attempts, p.key, o.node FROM outbox "
         "o JOIN person p ON p.id=o.person WHERE o.id>$1 ORDER BY o.id LIMIT $2"},
    kOutOf{"out_of",
           "SELECT o.id, o.person, o.channel, o.contact, o.body, o.created, o.due, o.attempts, p.key, o.node FROM "
           "outbox o JOIN person p ON p.id=o.person WHERE o.person=$1 ORDER BY o.id LIMIT $2"},
    // People, not rows: all that waits of one person goes out through one node, in order. Who holds anything is found
    // by stepping from node to node in the index, so that what living nodes have waiting is not gone through.
    kClaim{"claim",
           "WITH RECURSIVE holder(node) AS ((SELECT node FROM outbox ORDER BY node LIMIT 1) UNION ALL SELECT (SELECT "
           "o.node FROM outbox o WHERE o.node>h.node ORDER BY o.node LIMIT 1) FROM holder h WHERE h.node IS NOT NULL), "
           "left_over AS (SELECT p.id FROM person p WHERE p.id IN (SELECT o.person FROM holder h, LATERAL (SELECT "
           "person, id FROM outbox WHERE node=h.node ORDER BY id LIMIT $2) o WHERE NOT EXISTS(SELECT 1 FROM node n "
           "WHERE n.id=h.node AND n.until>clock_timestamp()) ORDER BY o.id LIMIT $2) AND "
           "NOT EXISTS(SELECT 1 FROM node n WHERE n.id=p.node AND n.id<>$1 AND n.until>clock_timestamp()) FOR UPDATE "
           "OF p SKIP LOCKED), mine AS (UPDATE person SET node=$1 FROM left_over l WHERE person.id=l.id RETURNING "
           "person.id, person.key) UPDATE outbox o SET node=$1 FROM mine WHERE o.person=mine.id AND NOT EXISTS(SELECT "
           "1 FROM node n WHERE n.id=o.node AND n.until>clock_timestamp()) RETURNING o.id, o.person, o.channel, "
           "o.contact, o.body, o.created, o.due, o.attempts, mine.key, o.node"},
    kTimerDue{
        "timer_due",
        "UPDATE timer t SET claimed=$1+$3 FROM (SELECT person, name FROM timer WHERE at<=$1 AND claimed<=$1 ORDER "
        "BY at LIMIT $2 FOR UPDATE SKIP LOCKED) c, person p WHERE t.person=c.person AND t.name=c.name AND "
        "p.id=t.person RETURNING t.person, p.channel, p.contact, t.name, t.at"},
    kTimerNext{"timer_next", "SELECT min(at) FROM timer WHERE person=$1"},
    kContacts{"contacts", "SELECT contact FROM person WHERE channel=$1 ORDER BY id"},
    kMoveAdd{
        "move_add",
        "INSERT INTO person(id, channel, contact, state, key, node) SELECT $2, channel, $3, $4, $5, node FROM person "
        "WHERE id=$1 ON CONFLICT DO NOTHING RETURNING 1"},
    kMoveEvents{"move_events", "UPDATE event SET person=$2 WHERE person=$1"},
    kMoveTimers{"move_timers", "UPDATE timer SET person=$2 WHERE person=$1"},
    kMoveOut{"move_out", "UPDATE outbox SET person=$2, contact=$3 WHERE person=$1"},
    kMoveAlarms{"move_alarms", "UPDATE alarm SET person=$2 WHERE person=$1"},
    kMoveDead{"move_dead", "UPDATE dead SET person=$2 WHERE person=$1"},
    kMoveGone{"move_gone", "DELETE FROM person WHERE id=$1"};

}  // namespace

bool opens_with(PgConnection& db, const Vault& vault) {
  static constexpr PgStatement kSampleAdd{"sample_add", "INSERT INTO vault VALUES(1, $1) ON CONFLICT DO NOTHING"},
      kSample{"sample", "SELECT sample FROM vault"};
  db.add(kSampleAdd, {PgValue::bytes(vault.new_key("vault").wrapped)});
  return vault.unwrap(db.one(kSample).bytes(0, 0), "vault").has_value();
}

std::unique_ptr<PgConnection> PostgresStore::connect() {
  std::size_t at = host_;
  try {
    auto db = std::make_unique<PgConnection>(hosts_[at % hosts_.size()], patience_);
    db->host = at;
    db->one(kSettings);
    return db;
  } catch (const PgError&) {
    leave_host(at);
    throw;
  }
}

// Once for all connections that fail there. A server that was taken for dead may come back and answer, and never
// commit.
void PostgresStore::leave_host(std::size_t at) { host_.compare_exchange_strong(at, at + 1); }

void PostgresStore::give_up(std::unique_ptr<PgConnection>& db) {
  if (db) leave_host(db->host);
  db.reset();
}

// Makes the tables, holds the lease, hears what other nodes leave.
void PostgresStore::keep() {
  std::unique_ptr<PgConnection> db;
  Clock::time_point renewed{}, looked{};
  while (!stopping_) {
    try {
      if (!db) {
        db = connect();
        migrate_postgres(*db);
        if (!opens_with(*db, vault_))
          throw PgError(
              "every node needs the master key that this database was made with: keys/master, or the "
              "credential steady-master");
        db->one(kListen);
        renewed = {};
      }
      if (Clock::now() - renewed > kLease / 3) {
        renew(*db);
        renewed = Clock::now();
        healthy_ = true;
      }
      auto heard = db->heard(kHearFor);
      News news;
      {
        std::lock_guard lock(news_mutex_);
        news = news_;
      }
      if (!news) continue;
      for (const auto& [channel, hint] : heard) {  // "PERSON NODE", and "left" where that node does not send it
        bool own = hint.find(" " + std::to_string(node_)) != std::string::npos;
        bool left = hint.ends_with(" left");
        if (left || !own) news(std::atoll(hint.c_str()), left);
      }
      if (Clock::now() - looked > kLookAtAll) {
        looked = Clock::now();
        news(kEverybody, true);
      }
    } catch (const std::exception& e) {
      log(LogLevel::error, "postgres", {{"problem", std::string_view(e.what())}});
      give_up(db);
      healthy_ = false;
      for (int i = 0; i < 5 && !stopping_; ++i) std::this_thread::sleep_for(kHearFor);
    }
  }
  try {
    if (db) db->one(kLeave, {std::int64_t{node_}});  // what is left is claimed at once
  } catch (const std::exception&) {
    return;  // the lease runs out
  }
}

void PostgresStore::renew(PgConnection& db) {
  auto from = Clock::now();
  std::int64_t node = node_;
  db.add(kForgetNodes);
  bool holds = node != 0 && db.one(kRenew, {node, std::int64_t{kLease.count()}}).size() > 0;
  if (!holds) {  // the first time, or it ran out: another may have claimed what was ours
    node = static_cast<std::int64_t>(randombytes_random()) << 20 | randombytes_uniform(1U << 20) | 1;
    db.one(kRenew, {node, std::int64_t{kLease.count()}});
    node_ = node;
  }
  lease_ = from + kLease - kSpare;
  std::map<std::string, bool> held;
  {
    std::lock_guard lock(news_mutex_);
    held = held_;
  }
  for (auto& [what, ours] : held) ours = db.one(kHold, {what, node}).size() > 0;
  std::lock_guard lock(news_mutex_);
  for (const auto& [what, ours] : held) held_[what] = ours;
}

// Asked for the first time it is not ours yet; the next renewal tries.
bool PostgresStore::holds(const std::string& what) {
  std::lock_guard lock(news_mutex_);
  return held_[what] && generation() != 0;
}

std::int64_t PostgresStore::generation() const { return Clock::now() < lease_.load() ? node_.load() : 0; }

void PostgresStore::hear(const News& news) {
  std::lock_guard lock(news_mutex_);
  news_ = news;
}

void PostgresStore::ask_reader(const std::function<void(PgConnection&)>& read) {
  std::lock_guard lock(reader_mutex_);
  try {
    if (!reader_) {
      if (!healthy_) return;
      reader_ = connect();
    }
    read(*reader_);
  } catch (const std::exception& e) {
    log(LogLevel::error, "postgres", {{"problem", std::string_view(e.what())}});
    give_up(reader_);
  }
}

std::vector<OutboxRow> PostgresStore::rows_of(const PgRows& rows) const {
  std::vector<OutboxRow> out;
  for (int i = 0; i < rows.size(); ++i) {
    std::int64_t id = rows.number(i, 0), person = rows.number(i, 1);
    auto key = vault_.unwrap(rows.bytes(i, 8), identity_of("person", person));
    auto body = key ? open_sealed(*key, rows.bytes(i, 4), identity_of("outbox", id)) : std::nullopt;
    if (!body) continue;  // of another master key: it cannot be sent
    OutboxRow row{id,
                  person,
                  rows.text(i, 2),
                  parse_outgoing(*body, rows.text(i, 3)),
                  time_of(rows.number(i, 5)),
                  time_of(rows.number(i, 6)),
                  static_cast<int>(rows.number(i, 7)),
                  rows.number(i, 9)};
    row.message.key = key_of_row(id);
    out.push_back(std::move(row));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return out;
}

std::vector<OutboxRow> PostgresStore::claim(std::size_t limit) {
  std::int64_t node = generation();
  if (node == 0) return {};
  return ask<std::vector<OutboxRow>>([&](PgConnection& db) {
    return rows_of(db.one(kClaim, {node, static_cast<std::int64_t>(limit)}));
  });
}

std::vector<OutboxRow> PostgresStore::outbox(std::int64_t after, std::size_t limit) {
  return ask<std::vector<OutboxRow>>([&](PgConnection& db) {
    return rows_of(db.one(kOut, {after, static_cast<std::int64_t>(limit)}));
  });
}

std::vector<OutboxRow> PostgresStore::outbox_of(const Address& address, std::size_t limit) {
  return ask<std::vector<OutboxRow>>([&](PgConnection& db) {
    return rows_of(db.one(kOutOf, {person_number(address), static_cast<std::int64_t>(limit)}));
  });
}

std::vector<TimerRow> PostgresStore::due(rules::Time now, std::size_t limit) {
  return ask<std::vector<TimerRow>>([&](PgConnection& db) {
    PgRows rows = db.one(kTimerDue, {seconds(now), static_cast<std::int64_t>(limit), kClaimFor});
    auto out = list_of(rows, [](const PgRows& r, int i) {
      return TimerRow{r.number(i, 0), {r.text(i, 1), r.text(i, 2)}, r.text(i, 3), time_of(r.number(i, 4))};
    });
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return out;
  });
}

std::optional<rules::Time> PostgresStore::next_timer(const Address& address) {
  return ask<std::optional<rules::Time>>([&](PgConnection& db) -> std::optional<rules::Time> {
    PgRows rows = db.one(kTimerNext, {person_number(address)});
    return rows.null(0, 0) ? std::nullopt : std::optional(time_of(rows.number(0, 0)));
  });
}

std::optional<rules::Person> PostgresStore::person(const Address& address) {
  return ask<std::optional<rules::Person>>([&](PgConnection& db) -> std::optional<rules::Person> {
    std::int64_t id = person_number(address);
    PgRows rows = db.one(kPersonOf, {id});
    if (rows.size() == 0) return std::nullopt;
    Known known = open_person(id, rows.bytes(0, 0), rows.bytes(0, 1));
    return known.problem.empty() ? std::optional(std::move(known.person)) : std::nullopt;
  });
}

std::vector<std::string> PostgresStore::contacts(const std::string& channel) {
  return ask<std::vector<std::string>>([&](PgConnection& db) {
    PgRows rows = db.one(kContacts, {channel});
    return list_of(rows, [](const PgRows& r, int i) { return r.text(i, 0); });
  });
}

// The number of a person is made of the address: the rows get the new one, and what is sealed is sealed for it.
void PostgresStore::move(const Address& from, const std::string& to_contact) {
  std::int64_t old_id = person_number(from), new_id = person_number({from.channel, to_contact});
  ask<bool>([&](PgConnection& db) {
    db.add(kBegin);
    PgRows row = db.one(kPersonOf, {old_id});
    auto key = row.size() == 0 ? std::nullopt : vault_.unwrap(row.bytes(0, 1), identity_of("person", old_id));
    auto state = key ? open_sealed(*key, row.bytes(0, 0), identity_of("person", old_id)) : std::nullopt;
    bool moves = state.has_value();
    if (moves) {
      std::string identity = identity_of("person", new_id);
      moves = db.one(kMoveAdd, {old_id, new_id, to_contact, PgValue::bytes(seal(*key, *state, identity)),
                                PgValue::bytes(vault_.rewrap(*key, identity))})
                  .size() > 0;
    }
    if (moves) {
      for (const PgStatement* s : {&kMoveEvents, &kMoveTimers, &kMoveAlarms, &kMoveDead}) db.add(*s, {old_id, new_id});
      db.add(kMoveOut, {old_id, new_id, to_contact}).add(kMoveGone, {old_id});
    }
    db.one(kCommit);
    return moves;
  });
}

}  // namespace bot
