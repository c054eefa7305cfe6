#include "tests/sim/database.hpp"

#include <algorithm>

#include "bot/outgoing.hpp"
#include "bot/store_parts.hpp"

namespace sim {

NodeStore::NodeStore(World& world, Database& database, Bug bug) : world_(world), db_(database), bug_(bug) { renew(); }

void NodeStore::renew() {
  if (!reachable) return;
  bool lapsed = generation_ == 0 || db_.leases[generation_] <= world_.at();
  if (lapsed && !(bug_ == Bug::lease_not_fenced && generation_ != 0)) generation_ = db_.next_generation++;
  db_.leases[generation_] = lease_until_ = world_.at() + kLease;
  for (const auto& s : std::exchange(settlements_, {})) apply(s);
  for (auto& [job, result] : std::exchange(unknown_, {})) tell(job, std::move(result));
}

std::int64_t NodeStore::generation() const {
  return bug_ == Bug::lease_not_fenced || world_.at() < lease_until_ ? generation_ : 0;
}

// As a store's writer does: one after the other, in the order they came.
void NodeStore::turn(bot::Address address, std::string event_id, rules::Time now, bot::Decide decide, bot::Done done) {
  auto job = std::make_shared<Job>();
  *job = {std::move(address), std::move(event_id), now, std::move(decide), std::move(done), false, false, false, {}};
  job->known_before = db_.events.contains(key(*job));
  job->before = db_.people[job->address.contact];
  if (!reachable) {
    auto away = [this, job] { tell(*job, bot::failed_turn("no connection", true)); };
    if (waits) return away();
    return world_.after(bot::kStorePatience, [away, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) away();
    });
  }
  if (bug_ == Bug::acked_before_commit) tell(*job, {});
  Ms takes(slow ? world_.between(1'500, 4'000) : world_.between(1, 20));
  free_at_ = std::max(free_at_, world_.at()) + takes;
  queue_.push_back(job);
  bool in_time = free_at_ - world_.at() < bot::kStorePatience;
  if (waits && in_time) return run_until(*job);
  auto still = [this, job, alive = std::weak_ptr<bool>(alive_)](auto then) {
    return [this, job, alive, then] {
      if (!alive.expired()) then();
    };
  };
  world_.after(free_at_ - world_.at(), still([this, job] { run_until(*job); }));
  auto give_up = [this, job] {
    if (!job->ran) tell(*job, bot::failed_turn("slow", true));
  };
  if (waits) return give_up();
  if (!in_time) world_.after(bot::kStorePatience, still(give_up));
}

void NodeStore::run_until(const Job& job) {
  while (!job.ran) {
    auto front = queue_.front();
    queue_.pop_front();
    run(*front);
  }
}

void NodeStore::run(Job& job) {
  job.ran = true;
  if (!reachable) {  // the connection broke: whether it was committed, is asked when it is back
    if (world_.one_in(2)) unknown_.emplace_back(job, commit(job));
    return tell(job, bot::failed_turn("connection lost", true));
  }
  tell(job, commit(job));
}

bot::TurnResult NodeStore::commit(Job& job) {
  bot::TurnResult result;
  bool known = bug_ == Bug::dedupe_outside_transaction ? job.known_before : db_.events.contains(key(job));
  if (known) {
    result.kind = bot::TurnResult::Kind::duplicate;
    return result;
  }
  const std::string& contact = job.address.contact;
  rules::Person& person = db_.people[contact];
  rules::Decision decision = job.decide(bug_ == Bug::lost_update ? job.before : person);
  std::int64_t number = db_.numbers.emplace(contact, db_.numbers.size() + 1).first->second;
  db_.events.insert(key(job));
  db_.history.push_back({job.address, job.event, job.decide});
  if (decision.erase) std::erase_if(db_.timers, [&](const auto& t) { return t.first.first == contact; });
  for (const auto& t : decision.timers) {
    if (t.at) db_.timers[{contact, t.name}] = {number, job.address, t.name, *t.at};
    else db_.timers.erase({contact, t.name});
  }
  for (const auto& reply : decision.replies) {
    bot::OutboxRow row{
        db_.next_row++, number, job.address.channel, bot::outgoing(reply, contact, decision.next.last_seen), job.now,
        job.now,        0,      generation_};
    row.message.key = bot::key_of_row(row.id);
    db_.rows[row.id] = {row, generation_, job.event};
    if (bug_ == Bug::replies_outside_transaction) {
      world_.after(Ms(30), [this, id = row.id, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) db_.outbox[id] = db_.rows[id];
      });
    } else if (bug_ != Bug::sent_before_send) {
      db_.outbox[row.id] = db_.rows[row.id];
    }
    result.rows.push_back(std::move(row));
  }
  result.alarm = decision.alarm;
  result.calls = decision.calls;
  person = std::move(decision.next);
  return result;
}

void NodeStore::tell(Job& job, bot::TurnResult result) {
  if (job.told) {
    if (bug_ == Bug::late_result_dropped || bug_ == Bug::acked_before_commit) return;
    result.late = true;
  }
  job.told = true;
  job.done(std::move(result));
}

// In batches, as a store's writer takes them: what a crash finds in the batch was not kept.
void NodeStore::settle(bot::Settlement settlement) {
  world_.after(Ms(world_.between(1, 50)), [this, s = std::move(settlement), alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    if (reachable) apply(s);
    else settlements_.push_back(s);
  });
}

void NodeStore::apply(const bot::Settlement& s) {
  auto it = db_.outbox.find(s.id);
  if (it == db_.outbox.end()) return;
  bool mine = it->second.owner == generation_ || bug_ == Bug::lease_not_fenced;
  if (!mine && !s.anywhere) return;
  if (s.kind == bot::Settlement::Kind::retry && bug_ != Bug::retry_forgets) return;
  if (s.kind == bot::Settlement::Kind::dead) db_.dead[s.id] = s.code;
  db_.outbox.erase(it);
}

std::vector<bot::OutboxRow> NodeStore::claim(std::size_t limit) {
  std::vector<bot::OutboxRow> out;
  if (!reachable || bug_ == Bug::claims_nothing) return out;
  for (auto& [id, kept] : db_.outbox) {
    if (out.size() == limit) break;
    if (kept.owner == generation_ || db_.leases[kept.owner] > world_.at()) continue;
    kept.owner = kept.row.generation = generation_;
    db_.rows[id].owner = generation_;
    db_.rows[id].claimed = true;
    out.push_back(kept.row);
  }
  return out;
}

std::vector<bot::TimerRow> NodeStore::due(rules::Time now, std::size_t limit) {
  std::vector<bot::TimerRow> out;
  if (!healthy()) return out;
  for (const auto& [key, timer] : db_.timers)
    if (timer.at <= now && out.size() < limit) out.push_back(timer);
  return out;
}

}  // namespace sim
