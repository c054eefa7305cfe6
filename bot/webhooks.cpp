#include "bot/webhooks.hpp"

#include <atomic>
#include <future>

#include "adapters/registry.hpp"
#include "bot/log.hpp"

namespace bot {
namespace {

constexpr std::chrono::seconds kUnsavedRest{60};
constexpr std::size_t kMaxUnsaved = 10'000;
constexpr std::size_t kLongQueue = 100;       // some tens of milliseconds
constexpr std::chrono::hours kKeysAge{24};    // then they are asked for again
constexpr std::chrono::minutes kKeysRest{5};  // not more often, whatever is refused

HttpResponse refusal(const adapters::Refusal& r) {
  HttpResponse out;
  out.status = r.status;
  out.body = r.body.empty() ? "{\"error\":\"" + r.reason + "\"}" : r.body;
  if (r.status == 503) out.headers.emplace_back("Retry-After", "5");
  return out;
}

std::string key_of(const adapters::Channel& channel, const adapters::Update& update) {
  return channel.name + "/" + update.id;
}

const char* name_of(Taken::Kind kind) {
  switch (kind) {
    case Taken::Kind::committed: return "committed";
    case Taken::Kind::duplicate: return "duplicate";
    case Taken::Kind::unsaved: return "unsaved";
    case Taken::Kind::failed: return "failed";
  }
  return "failed";
}

}  // namespace

Webhooks::Webhooks(const std::vector<adapters::Channel>& channels, Conversation& conversation, Environment& environment,
                   Metrics& metrics, Dispatch dispatch)
    : conversation_(conversation), environment_(environment), metrics_(metrics), dispatch_(std::move(dispatch)) {
  for (const auto& channel : channels) open(channel);
}

void Webhooks::open(const adapters::Channel& channel) { channels_.emplace(channel.name, channel); }

const adapters::Channel* Webhooks::channel(const std::string& name) const {
  auto it = channels_.find(name);
  return it == channels_.end() ? nullptr : &it->second;
}

void Webhooks::handle(const std::string& name, const HttpRequest& request, Answer answer) {
  const adapters::Channel* channel = this->channel(name);
  if (channel == nullptr) return answer(refusal({404, "no such channel"}));
  receive(*channel, request, std::move(answer), false);
}

void Webhooks::receive(const adapters::Channel& channel, const HttpRequest& request, Answer answer, bool keys_are_new) {
  const auto* adapter = adapters::find(channel.platform);
  if (!adapter->takes(request.method)) return answer(refusal({405, "this path takes another method"}));
  adapters::Request in{request.method, request.target, request.body, request.header};
  auto keys_call = adapter->keys_call(channel);
  rules::Time now = environment_.now();
  auto received = [&] {
    if (!keys_call) return adapter->receive(channel, in, now);
    adapters::Channel with_keys = channel;
    std::lock_guard lock(mutex_);
    with_keys.settings[adapters::kPublicKeys] = keys_[channel.name].set;
    return adapter->receive(with_keys, in, now);
  }();
  if (keys_call && !keys_are_new && keys_due(channel.name, !received, now)) {
    auto again = [this, &channel, request, answer](const adapters::HttpResult& result) {
      if (result.status == 200) {
        std::lock_guard lock(mutex_);
        keys_[channel.name].set = result.body;
      }
      receive(channel, request, answer, true);
    };
    return dispatch_.ask(channel, std::move(*keys_call), std::move(again));
  }
  if (!received) {
    metrics_.update(channel.name, "refused_" + std::to_string(received.error().status));
    log(LogLevel::warning, "refused",
        {{"channel", std::string_view(channel.name)}, {"reason", std::string_view(received.error().reason)}});
    return answer(refusal(received.error()));
  }
  for (auto& call : received->calls) dispatch_.courtesy(channel, std::move(call));
  fetch(channel, std::move(*received), std::move(answer));
}

// Keys are old, or what was refused may be signed with newer ones. Marks them as asked for.
bool Webhooks::keys_due(const std::string& channel, bool refused, rules::Time now) {
  std::lock_guard lock(mutex_);
  Keys& keys = keys_[channel];
  bool due = now - keys.at > kKeysAge || (refused && now - keys.at > kKeysRest);
  if (due) keys.at = now;
  return due;
}

// Where a platform says only that something was said: what it was, one after the other.
void Webhooks::fetch(const adapters::Channel& channel, adapters::Received received, Answer answer) {
  if (received.fetches.empty()) return take(channel, std::move(received), std::move(answer));
  adapters::HttpCall call = std::move(received.fetches.back());
  received.fetches.pop_back();
  auto taken = [this, &channel, received = std::move(received),
                answer = std::move(answer)](const adapters::HttpResult& result) mutable {
    if (result.status != 200) return answer(refusal({503, "the platform did not tell what was said"}));
    for (auto& update : adapters::find(channel.platform)->fetched(channel, result))
      received.updates.push_back(std::move(update));
    fetch(channel, std::move(received), std::move(answer));
  };
  dispatch_.ask(channel, std::move(call), std::move(taken));
}

void Webhooks::said(const adapters::Channel& channel, std::vector<adapters::Update> updates) {
  adapters::Received received;
  received.updates = std::move(updates);
  take(*this->channel(channel.name), std::move(received), [](const HttpResponse&) {});
}

Spool::Taken Webhooks::again(const Spooled& spooled) {
  const auto* channel = this->channel(spooled.channel);
  if (channel == nullptr) return Spool::Taken::kept;  // no longer configured: nothing can be answered there
  std::promise<Taken> promise;
  conversation_.take(*channel, spooled.update, adapters::find(channel->platform)->limits(),
                     [&promise](Taken taken) { promise.set_value(std::move(taken)); });
  Taken taken = promise.get_future().get();
  std::string key = key_of(*channel, spooled.update);
  no_longer_waits(key);
  bool away = taken.away, helped = spooled.answered || taken.kind == Taken::Kind::unsaved;
  if (taken.kind == Taken::Kind::committed && !taken.rows.empty()) dispatch_.replies(*channel, std::move(taken.rows));
  else if (!spooled.answered) help(*channel, key, std::move(taken));
  if (!away) return Spool::Taken::kept;
  return helped ? Spool::Taken::answered : Spool::Taken::not_yet;
}

void Webhooks::waits(const std::string& key, const adapters::Channel& channel, const adapters::Update& update) {
  std::lock_guard lock(mutex_);
  waiting_.emplace(key, Waiting{&channel, update, environment_.steady()});
}

void Webhooks::no_longer_waits(const std::string& key) {
  std::lock_guard lock(mutex_);
  waiting_.erase(key);
}

void Webhooks::help_overdue() {
  auto now = environment_.steady();
  std::vector<Waiting> overdue;
  {
    std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [&](auto& entry) {
      bool late = now - entry.second.since >= kHelpWithin;
      if (late) overdue.push_back(std::move(entry.second));
      return late;
    });
  }
  for (const auto& w : overdue)
    help(*w.channel, key_of(*w.channel, w.update),
         conversation_.aside(*w.channel, w.update, adapters::find(w.channel->platform)->limits()));
}

// What was made without the store goes out, with its alarm; of the same update once a minute. True: there was such.
bool Webhooks::help(const adapters::Channel& channel, const std::string& key, Taken taken) {
  if (taken.kind != Taken::Kind::unsaved || taken.rows.empty()) return false;
  if (said_lately(key, environment_.now())) return true;
  if (taken.calls) dispatch_.alarm(taken.level.value_or(rules::Level::danger), channel.name);
  dispatch_.replies(channel, std::move(taken.rows));
  return true;
}

bool Webhooks::said_lately(const std::string& key, rules::Time now) {
  std::lock_guard lock(mutex_);
  if (unsaved_.size() > kMaxUnsaved) unsaved_.clear();
  auto [it, fresh] = unsaved_.emplace(key, now);
  if (!fresh && now - it->second < kUnsavedRest) return true;
  it->second = now;
  return false;
}

void Webhooks::take(const adapters::Channel& channel, adapters::Received received, Answer answer) {
  HttpResponse response;
  response.status = received.status;
  response.body = std::move(received.body);
  response.content_type = received.content_type;
  if (received.updates.empty()) return answer(std::move(response));
  struct Open {  // the request is answered when its last update is done
    std::atomic<std::size_t> left;
    std::atomic<bool> failed{false};
    HttpResponse response;
    Answer answer;
  };
  auto open = std::make_shared<Open>();
  auto limits = adapters::find(channel.platform)->limits();
  open->left = received.updates.size();
  open->response = std::move(response);
  open->answer = std::move(answer);
  auto finish = [open](bool kept) {
    if (!kept) open->failed = true;
    if (--open->left > 0) return;
    if (open->failed) return open->answer(refusal({503, "not stored; please send it again"}));
    open->answer(std::move(open->response));
  };
  for (const auto& update : received.updates) {
    std::string key = key_of(channel, update);
    waits(key, channel, update);
    if (std::size_t before = dispatch_.behind(); before > 0) {
      bool helped = (before > kLongQueue || !dispatch_.store_is_there()) &&
                    help(channel, key, conversation_.aside(channel, update, limits));
      if (helped) no_longer_waits(key);
      if (dispatch_.spool(channel, update, helped)) {
        metrics_.update(channel.name, "spooled");
        finish(true);
        continue;
      }
    }
    conversation_.take(channel, update, limits, [this, &channel, update, finish, key](Taken taken) {
      no_longer_waits(key);
      metrics_.update(channel.name, name_of(taken.kind));
      if (taken.level) metrics_.finding(rules::kLevelNames[static_cast<std::size_t>(*taken.level)]);
      if (!taken.problem.empty())
        log(LogLevel::error, "store",
            {{"channel", std::string_view(channel.name)}, {"problem", std::string_view(taken.problem)}});
      bool unsaved = taken.kind == Taken::Kind::unsaved, safe_mode = unsaved && taken.problem.empty();
      bool kept = taken.kind == Taken::Kind::committed || taken.kind == Taken::Kind::duplicate || safe_mode;
      bool away = taken.away;
      if (unsaved) help(channel, key, std::move(taken));
      else if (!taken.rows.empty()) dispatch_.replies(channel, std::move(taken.rows));
      if (!kept && away && dispatch_.spool(channel, update, unsaved)) {
        metrics_.update(channel.name, "spooled");
        kept = true;
      }
      // Not kept: the platform is asked to send it again, also where a safety reply already went out.
      finish(kept);
    });
  }
}

}  // namespace bot
