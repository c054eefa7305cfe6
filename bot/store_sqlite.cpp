#include "bot/store_sqlite.hpp"

#include <algorithm>
#include <future>
#include <stdexcept>

#include "bot/environment.hpp"
#include "bot/outgoing.hpp"
#include "bot/sqlite.hpp"
#include "bot/store_parts.hpp"

namespace bot {
SqliteStore::SqliteStore(std::string path, std::chrono::milliseconds patience)
    : path_(std::move(path)), patience_(patience) {
  open();
  writer_ = std::thread([this] { run(); });
  if (patience_.count() > 0) watcher_ = std::thread([this] { watch(); });
}

SqliteStore::~SqliteStore() { stop(); }

void SqliteStore::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  watched_.notify_one();
  if (writer_.joinable()) writer_.join();
  if (watcher_.joinable()) watcher_.join();
}

bool SqliteStore::hangs() const {
  auto since = since_.load();
  return patience_.count() > 0 && since != std::chrono::steady_clock::time_point{} &&
         std::chrono::steady_clock::now() - since > patience_;
}

// What a hanging disk holds up is given back: what waits was not begun, and what the writer has in hand is answered now
// and by the writer again.
void SqliteStore::watch() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    watched_.wait_for(lock, patience_ / 4, [this] { return stopping_; });
    if (!hangs()) continue;
    std::vector<std::shared_ptr<Waiting>> held = std::exchange(in_hand_, {});
    std::deque<Job> others;
    for (Job& job : queue_) {
      if (job.decide) held.push_back(std::move(job.waiting));
      else others.push_back(std::move(job));
    }
    queue_ = std::move(others);
    pressing_ = static_cast<std::size_t>(
        std::count_if(queue_.begin(), queue_.end(), [](const Job& job) { return !job.settlement; }));
    lock.unlock();
    for (const auto& waiting : held)
      if (!waiting->told.exchange(true)) waiting->done(failed_turn("the disk hangs", true));
    lock.lock();
  }
}

void SqliteStore::answer(Job& job) {
  if (!job.waiting) return;
  job.result.late = job.waiting->told.exchange(true);
  job.waiting->done(std::move(job.result));
}

void SqliteStore::open() {
  auto now = std::chrono::steady_clock::now();
  if (last_open_ != std::chrono::steady_clock::time_point{} && now - last_open_ < kReopenAfter) return;
  last_open_ = now;
  try {
    db_ = std::make_unique<SqliteDatabase>(path_);
    if (!vault_.ready()) take_keys();
    healthy_ = true;
  } catch (const std::exception&) {
    db_.reset();
    healthy_ = false;
  }
}

void SqliteStore::push(Job job) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    bool alone = job.settlement.has_value();
    wake = queue_.empty() || (!alone && pressing_ == 0);
    pressing_ += alone ? 0U : 1U;
    queue_.push_back(std::move(job));
  }
  if (wake) wake_.notify_one();
}

void SqliteStore::turn(Address address, std::string event_id, rules::Time now, Decide decide, Done done) {
  Job job;
  job.address = std::move(address);
  job.event_id = std::move(event_id);
  job.now = now;
  job.decide = std::move(decide);
  job.waiting = std::make_shared<Waiting>(std::move(done));
  if (hangs()) {
    job.result = failed_turn("the disk hangs", true);
    return answer(job);
  }
  push(std::move(job));
}

void SqliteStore::settle(Settlement settlement) {
  Job job;
  job.settlement = std::move(settlement);
  push(std::move(job));
}

void SqliteStore::run() {
  std::vector<Job> batch;
  for (;;) {
    batch.clear();
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      wake_.wait_for(lock, kSettleWithin, [this] { return stopping_ || pressing_ > 0; });
      while (!queue_.empty() && batch.size() < kMaxBatch) {
        pressing_ -= queue_.front().settlement ? 0U : 1U;
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
      if (patience_.count() > 0)
        for (const Job& job : batch)
          if (job.decide) in_hand_.push_back(job.waiting);
    }
    since_ = std::chrono::steady_clock::now();
    work(batch);
    since_ = std::chrono::steady_clock::time_point{};
    if (patience_.count() > 0) {
      std::lock_guard lock(mutex_);
      in_hand_.clear();
    }
    for (Job& job : batch) answer(job);
  }
}

void SqliteStore::work(std::vector<Job>& batch) {
  if (!db_) open();
  try {
    if (!db_) throw std::runtime_error("the database " + path_ + " cannot be opened for writing");
    bool writes = false;
    for (const Job& job : batch) writes = writes || !job.call;
    if (writes) db_->begin->run();
    if (writes && db_->changed_elsewhere()) cache_.clear();  // `steady person forget` beside a running service
    for (Job& job : batch) {
      if (job.call) continue;
      if (job.settlement) {
        apply(*job.settlement);
      } else if (job.note) {
        trail(job.note->at, job.note->what, job.note->person, job.note->detail);
      } else if (!job.acknowledged.empty()) {
        acknowledge(job);
      } else {
        take(job);
      }
    }
    if (writes) db_->commit->run();
    healthy_ = true;
    for (Job& job : batch)
      if (job.call) job.call();
  } catch (const std::exception& e) {
    // A connection that failed once is not used again: what the file then holds is unknown to it.
    db_.reset();
    cache_.clear();
    healthy_ = false;
    for (Job& job : batch) {
      if (job.call) job.call();
      if (job.waiting) job.result = failed_turn(e.what(), true);
      if (job.settlement || job.note) {  // later, then
        std::lock_guard lock(mutex_);
        pressing_ += stopping_ || job.settlement ? 0U : 1U;
        if (!stopping_) queue_.push_back(std::move(job));
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

SqliteStore::Known* SqliteStore::load(const Address& address) {
  std::string key = address.channel + "\n" + address.contact;
  if (auto it = cache_.find(key); it != cache_.end()) return &it->second;
  if (cache_.size() >= kMaxCachedPeople) cache_.clear();
  Known known = read(address).value_or(Known{});
  if (known.person.seed == 0) known.person.seed = seed_of(address);
  return &cache_.emplace(std::move(key), std::move(known)).first->second;
}

void SqliteStore::take(Job& job) {
  Known* loaded = nullptr;
  try {
    loaded = load(job.address);
  } catch (const SealedError& e) {  // of this person alone
    job.result = failed_turn(e.what(), false);
    return;
  }
  Known& known = *loaded;
  bool is_new = known.id == 0;
  if (is_new) {
    db_->create->bind(job.address.channel).bind(job.address.contact).run();
    known.id = db_->last_id();
    known.key = vault_.new_key(identity_of("person", known.id));
  }
  db_->event->bind(known.id).bind(job.event_id).bind(seconds(job.now)).run();
  if (db_->changes() == 0) {  // it was taken before
    job.result.kind = TurnResult::Kind::duplicate;
    return;
  }
  rules::Decision decision = job.decide(std::move(known.person));
  if (decision.erase) shred(known);
  std::string identity = identity_of("person", known.id);
  db_->save->bind_bytes(seal(known.key, rules::to_json(decision.next), identity))
      .bind_bytes(known.key.wrapped)
      .bind(known.id)
      .run();
  write(job, known, std::move(decision));
  if (job.now - last_sweep_ > std::chrono::hours(1)) {
    last_sweep_ = job.now;
    db_->sweep->bind(seconds(job.now - kKeepEvents)).run();
  }
}

void SqliteStore::write(Job& job, Known& known, rules::Decision decision) {
  if (decision.erase) db_->erase_timers->bind(known.id).run();
  if (decision.erase) trail(job.now, "erase", known.id, "");
  if (decision.export_all) trail(job.now, "export", known.id, "");
  if (decision.notice) trail(job.now, "notice", known.id, *decision.notice);
  for (const auto& t : decision.timers) {
    if (t.at) {
      db_->timer_set->bind(known.id).bind(t.name).bind(seconds(*t.at)).run();
    } else {
      db_->timer_cancel->bind(known.id).bind(t.name).run();
    }
  }
  for (const auto& reply : decision.replies) {
    std::int64_t id = db_->next_outbox_id++;
    auto message = outgoing(reply, job.address.contact, decision.next.last_seen);
    db_->out_add->bind(id)
        .bind(known.id)
        .bind(job.address.channel)
        .bind(job.address.contact)
        .bind_bytes(seal(known.key, kept_text(message), identity_of("outbox", id)))
        .bind(seconds(job.now))
        .bind(seconds(job.now))
        .run();
    OutboxRow row{id, known.id, job.address.channel, std::move(message), job.now, job.now, 0, 1};
    row.message.key = key_of_row(row.id);
    if (row.message.unasked) row.pushed = decision.next.pushed;
    job.result.rows.push_back(std::move(row));
  }
  job.result.why = std::move(decision.why);
  job.result.said = std::move(decision.said);
  job.result.alarm = decision.alarm;
  job.result.calls = decision.calls;
  if (decision.calls) {
    trail(job.now, "alarm", known.id, "");
    db_->alarm_add->bind(known.id)
        .bind(static_cast<std::int64_t>(decision.alarm.value_or(rules::Level::danger)))
        .bind(seconds(job.now))
        .bind(seconds(job.now))
        .bind(SystemEnvironment().random_token())
        .run();
  }
  known.person = std::move(decision.next);
}

void SqliteStore::apply(const Settlement& s) {
  switch (s.kind) {
    case Settlement::Kind::retry: return db_->out_retry->bind(seconds(s.due)).bind(s.id).run();
    case Settlement::Kind::dead: db_->dead_add->bind(seconds(s.due)).bind(s.code).bind(s.id).run(); break;
    case Settlement::Kind::delivered: break;
  }
  db_->out_delete->bind(s.id).run();
}

std::vector<TimerRow> SqliteStore::due(rules::Time now, std::size_t limit) {
  return ask<std::vector<TimerRow>>([=, this] {
    return list_of(db_->timer_due->bind(seconds(now)).bind(static_cast<std::int64_t>(limit)), [](const auto& s) {
      return TimerRow{s.number(0), {s.text(1), s.text(2)}, s.text(3), time_of(s.number(4))};
    });
  });
}

std::optional<rules::Time> SqliteStore::next_timer(const Address& address) {
  return ask<std::optional<rules::Time>>([=, this]() -> std::optional<rules::Time> {
    std::optional<rules::Time> out;
    if (db_->timer_next->bind(address.channel).bind(address.contact).step() && db_->timer_next->number(1) > 0)
      out = time_of(db_->timer_next->number(0));
    db_->timer_next->reset();
    return out;
  });
}

std::vector<OutboxRow> SqliteStore::outbox(std::int64_t after_id, std::size_t limit) {
  return ask<std::vector<OutboxRow>>([=, this] {
    std::vector<OutboxRow> out;
    db_->out_all->bind(after_id).bind(static_cast<std::int64_t>(limit));
    while (db_->out_all->step())
      if (auto row = row_of(*db_->out_all)) out.push_back(std::move(*row));
    return out;
  });
}

std::vector<OutboxRow> SqliteStore::claim(std::size_t limit) {
  if (claimed_ < 0) return {};
  auto rows = outbox(claimed_, limit);
  claimed_ = rows.empty() ? -1 : rows.back().id;
  return rows;
}

std::vector<OutboxRow> SqliteStore::outbox_of(const Address& address, std::size_t limit) {
  return ask<std::vector<OutboxRow>>([=, this] {
    std::vector<OutboxRow> out;
    db_->out_person->bind(address.channel).bind(address.contact).bind(static_cast<std::int64_t>(limit));
    while (db_->out_person->step())
      if (auto row = row_of(*db_->out_person)) out.push_back(std::move(*row));
    return out;
  });
}

std::optional<rules::Person> SqliteStore::person(const Address& address) {
  return ask<std::optional<rules::Person>>([=, this]() -> std::optional<rules::Person> {
    auto known = read(address);
    return known ? std::optional(std::move(known->person)) : std::nullopt;
  });
}

std::vector<std::string> SqliteStore::contacts(const std::string& channel) {
  return ask<std::vector<std::string>>(
      [=, this] { return list_of(db_->contacts->bind(channel), [](const auto& s) { return s.text(0); }); });
}

void SqliteStore::move(const Address& from, const std::string& to_contact) {
  ask<bool>([=, this] {
    db_->move->bind(to_contact).bind(from.channel).bind(from.contact).run();
    cache_.erase(from.channel + "\n" + from.contact);
    return true;
  });
}

}  // namespace bot
