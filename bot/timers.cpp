#include "bot/timers.hpp"

#include <future>

namespace bot {

Timers::Timers(Store& store, Conversation& conversation, Environment& environment, Metrics& metrics, LimitsOf limits_of,
               Replies replies)
    : store_(store),
      conversation_(conversation),
      environment_(environment),
      metrics_(metrics),
      limits_of_(std::move(limits_of)),
      replies_(std::move(replies)) {}

void Timers::start() {
  thread_ = std::thread([this] { run(); });
}

void Timers::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Timers::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    std::size_t fired = fire();
    lock.lock();
    if (fired < kMaxDueAtOnce) wake_.wait_for(lock, kLookEvery, [this] { return stopping_; });
  }
}

std::size_t Timers::fire() {
  auto due = store_.due(environment_.now(), kMaxDueAtOnce);
  std::vector<std::future<void>> open;
  for (const auto& timer : due) {
    auto done = std::make_shared<std::promise<void>>();
    open.push_back(done->get_future());
    auto limits = limits_of_(timer.address.channel);
    conversation_.take(timer, limits, [this, done, channel = timer.address.channel](Taken taken) {
      metrics_.timer(taken.kind == Taken::Kind::committed   ? "fired"
                     : taken.kind == Taken::Kind::duplicate ? "duplicate"
                                                            : "failed");
      if (!taken.rows.empty()) replies_(channel, std::move(taken.rows));
      done->set_value();
    });
  }
  for (auto& f : open) f.wait();
  return due.size();
}

}  // namespace bot
