#include "bot/webhooks.hpp"

#include <atomic>

#include "adapters/registry.hpp"
#include "bot/log.hpp"

namespace bot {
namespace {

constexpr std::chrono::seconds kUnsavedRest{60};
constexpr std::size_t kMaxUnsaved = 10'000;

HttpResponse refusal(const adapters::Refusal& r) {
  HttpResponse out;
  out.status = r.status;
  out.body = "{\"error\":\"" + r.reason + "\"}";
  if (r.status == 503) out.headers.emplace_back("Retry-After", "5");
  return out;
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

rules::Taps taps_of(const adapters::Channel&) { return rules::Taps::rich; }  // all three platforms of now have buttons

Webhooks::Webhooks(std::vector<adapters::Channel> channels, Conversation& conversation, Environment& environment,
                   Metrics& metrics, Dispatch dispatch)
    : conversation_(conversation), environment_(environment), metrics_(metrics), dispatch_(std::move(dispatch)) {
  for (auto& channel : channels) channels_.emplace(channel.name, std::move(channel));
}

const adapters::Channel* Webhooks::channel(const std::string& name) const {
  auto it = channels_.find(name);
  return it == channels_.end() ? nullptr : &it->second;
}

void Webhooks::handle(const std::string& name, const HttpRequest& request, Answer answer) {
  const adapters::Channel* channel = this->channel(name);
  if (channel == nullptr) return answer(refusal({404, "no such channel"}));
  adapters::Request in{request.method, request.target, request.body, request.header};
  auto received = adapters::find(channel->platform)->receive(*channel, in, environment_.now());
  if (!received) {
    metrics_.update(name, "refused");
    return answer(refusal(received.error()));
  }
  for (auto& call : received->calls) dispatch_.courtesy(*channel, std::move(call));
  take(*channel, std::move(*received), std::move(answer));
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
  open->left = received.updates.size();
  open->response = std::move(response);
  open->answer = std::move(answer);
  for (const auto& update : received.updates) {
    std::string key = channel.name + "/" + update.id;
    conversation_.take(channel, update, taps_of(channel), [this, &channel, open, key](Taken taken) {
      metrics_.update(channel.name, name_of(taken.kind));
      if (taken.level) metrics_.finding(rules::kLevelNames[static_cast<std::size_t>(*taken.level)]);
      if (!taken.problem.empty())
        log(LogLevel::error, "store",
            {{"channel", std::string_view(channel.name)}, {"problem", std::string_view(taken.problem)}});
      bool safe_mode = taken.kind == Taken::Kind::unsaved && taken.problem.empty();
      if (taken.kind == Taken::Kind::unsaved && said_lately(key, environment_.now())) taken.rows.clear();
      if (!taken.rows.empty()) dispatch_.replies(channel, std::move(taken.rows));
      // Not kept: the platform is asked to send it again, also where a safety reply already went out.
      if (taken.kind == Taken::Kind::failed || (taken.kind == Taken::Kind::unsaved && !safe_mode)) open->failed = true;
      if (--open->left > 0) return;
      if (open->failed) return open->answer(refusal({503, "not stored; please send it again"}));
      open->answer(std::move(open->response));
    });
  }
}

}  // namespace bot
