#include "bot/sender.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "adapters/connection.hpp"
#include "adapters/registry.hpp"
#include "bot/log.hpp"

namespace bot {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

// Crisis replies first of all and soon again; the others after Standard Webhooks' schedule, shortened to a day.
constexpr std::array<int, 8> kUrgentSeconds{1, 1, 3, 5, 10, 20, 30, 60};
constexpr std::array<int, 8> kUsualSeconds{2, 10, 60, 300, 1800, 3600, 7200, 14400};
constexpr std::chrono::milliseconds kTick{200};
constexpr std::chrono::seconds kBrokenPause{60};
constexpr std::chrono::seconds kTokenSpare{120}, kTokenPause{10};
constexpr std::size_t kMaxArrived = 10'000;
constexpr std::chrono::seconds kForgetLane{10}, kLookEvery{2};
constexpr std::chrono::seconds kTypingEvery{4};  // Telegram shows it for five

seconds backoff(bool urgent, int attempts) {
  const auto& table = urgent ? kUrgentSeconds : kUsualSeconds;
  return seconds(table[static_cast<std::size_t>(std::clamp(attempts, 0, 7))]);
}

// Nobody asked for it, and the platform takes such things only within a time after the person's last message.
bool outside_window(const adapters::Adapter& adapter, const adapters::Outgoing& message, rules::Time now) {
  auto window = adapter.limits().window;
  return message.unasked && window.count() > 0 && now - message.heard > window;
}

double setting(const adapters::Channel& channel, const char* key, int usual) {
  const std::string& own = channel.setting(key);
  return own.empty() ? usual : std::max(1, std::atoi(own.c_str()));
}

}  // namespace

struct Sender::Ticker {
  explicit Ticker(boost::asio::io_context& context) : timer(context) {}
  boost::asio::steady_timer timer;
};

bool Sender::Bucket::ready(Clock::time_point now) {
  if (at == Clock::time_point{}) tokens = most;
  tokens = std::min(most, tokens + per_second * std::chrono::duration<double>(now - at).count());
  at = now;
  return tokens >= 1;
}

Sender::Sender(boost::asio::io_context& context, Store& store, Caller& client, Environment& environment,
               Metrics& metrics, const std::vector<adapters::Channel>& channels, Events events)
    : context_(context),
      store_(store),
      client_(client),
      environment_(environment),
      metrics_(metrics),
      events_(std::move(events)),
      ticker_(std::make_unique<Ticker>(context)),
      jitter_(static_cast<unsigned>(std::hash<std::string>{}(environment.random_token()))) {
  for (const auto& channel : channels) open(channel);
}

void Sender::open(const adapters::Channel& channel) {
  Line line;
  line.adapter = adapters::find(channel.platform);
  double rate = setting(channel, "bot_per_second", line.adapter->limits().bot_per_second);
  line.bucket = {rate, rate, rate, {}};
  line.channel = channel;
  lines_.emplace(channel.name, std::move(line));
}

Sender::~Sender() = default;

void Sender::start() { tick(); }

void Sender::stop() {
  stopping_ = true;
  ticker_->timer.cancel();
}

void Sender::add(std::vector<OutboxRow> rows) {
  if (rows.empty()) return;
  boost::asio::post(context_, [this, rows = std::move(rows)]() mutable {
    Line* last = nullptr;
    for (auto& row : rows) {
      auto line = lines_.find(row.channel);
      if (line == lines_.end()) continue;  // a channel that is no longer configured: its rows wait in the store
      last = &line->second;
      take(std::move(row));
    }
    if (last != nullptr) pump(*last);
  });
}

void Sender::take(OutboxRow row) {
  Line& line = lines_.at(row.channel);
  std::string contact = row.message.contact;
  Lane& lane = line.lanes[contact];
  if (lane.bucket.at == Clock::time_point{}) {
    double rate = setting(line.channel, "chat_per_second", line.adapter->limits().chat_per_second);
    lane.bucket = {rate, rate, std::max(rate, 3.0), {}};
  }
  bool urgent = row.message.urgent;
  put(lane, std::move(row));
  if (!lane.busy) (urgent ? line.urgent : line.ready).push_back(contact);
}

// Urgent ones first, and each kind in the order it was made; what is on its way stays in front. True: it is next.
bool Sender::put(Lane& lane, OutboxRow row) {
  auto comes_after = [&row](const OutboxRow& other) {
    if (row.message.urgent != other.message.urgent) return row.message.urgent;
    return std::pair(row.created, row.id) < std::pair(other.created, other.id);
  };
  auto first = lane.rows.begin() + (lane.busy ? 1 : 0), place = lane.rows.end();
  while (place != first && comes_after(*std::prev(place))) --place;
  bool next = place == first;
  if (next && row.message.urgent) lane.not_before = {};  // it does not wait for what could not be sent before
  lane.rows.insert(place, std::move(row));
  ++waiting_;
  return next;
}

void Sender::pump(Line& line) {
  for (auto* queue : {&line.urgent, &line.ready}) {
    std::size_t looked = 0, size = queue->size();
    while (looked++ < size && line.in_flight < kMaxCallsInFlight && environment_.steady() >= line.not_before) {
      std::string contact = std::move(queue->front());
      queue->pop_front();
      if (!start(line, contact)) queue->push_back(contact);  // not yet: its turn comes again
    }
  }
}

bool Sender::start(Line& line, const std::string& contact) {
  auto found = line.lanes.find(contact);
  if (found == line.lanes.end() || found->second.busy || found->second.rows.empty()) return true;
  Lane& lane = found->second;
  auto now = environment_.steady();
  std::int64_t generation = store_.generation();
  OutboxRow& row = lane.rows.front();
  bool unsure = generation == 0 && row.message.urgent;  // whose it is; who may be in danger does not wait for that
  if (row.id != 0 && row.generation != generation && !unsure) {  // of a lease that ran out: another node may have it
    if (generation == 0) return false;
    lane.rows.erase(lane.rows.begin());
    --waiting_;
    return lane.rows.empty();
  }
  if (now < lane.not_before || stopping_) return false;
  if (dropped(line, row)) {
    lane.rows.erase(lane.rows.begin());
    --waiting_;
    return lane.rows.empty();
  }
  bool allowed = lane.bucket.ready(now) && line.bucket.ready(now);
  if (!row.message.urgent && !allowed) {
    show_typing(line, lane, contact);
    return false;
  }
  if (!has_token(line)) return false;
  lane.bucket.tokens -= 1;  // urgent messages go at once and are paid for by those after them
  line.bucket.tokens -= 1;
  lane.busy = true;
  ++line.in_flight;
  row.message.outside_window = outside_window(*line.adapter, row.message, environment_.now());
  auto call = line.adapter->send(line.channel, row.message, environment_.now());
  auto done = [this, &line, contact, row](const adapters::HttpResult& result) { finished(line, contact, row, result); };
  if (call.url == adapters::kStream) {
    events_.stream(line.channel.name, std::move(call.body), std::move(done));
  } else {
    client_.call(std::move(call), line.channel.own_network(), std::move(done));
  }
  return true;
}

// While a reply has to wait for the platform's limits, the person sees that one is coming.
void Sender::show_typing(const Line& line, Lane& lane, const std::string& contact) {
  if (environment_.steady() - lane.typing_at < kTypingEvery) return;
  lane.typing_at = environment_.steady();
  if (auto call = line.adapter->typing(line.channel, contact)) courtesy(line.channel, std::move(*call));
}

void Sender::finished(Line& line, const std::string& contact, const OutboxRow& row,
                      const adapters::HttpResult& result) {
  --line.in_flight;
  Lane& lane = line.lanes[contact];
  lane.busy = false;
  if (!lane.rows.empty()) lane.rows.erase(lane.rows.begin()), --waiting_;
  adapters::Delivery delivery = line.adapter->conclude(result);
  if (std::holds_alternative<adapters::Delivered>(delivery)) {
    settle(Settlement::Kind::delivered, row);
  } else if (const auto* again = std::get_if<adapters::Retry>(&delivery)) {
    seconds after = again->after > seconds(0) ? again->after : backoff(row.message.urgent, row.attempts);
    if (again->whole_channel) line.not_before = std::max(line.not_before, environment_.steady() + after);
    retry(lane, row, after);
  } else if (const auto* moved = std::get_if<adapters::Migrated>(&delivery)) {
    events_.moved({row.channel, contact}, moved->contact);
    OutboxRow there = row;
    there.message.contact = moved->contact;
    take(std::move(there));
  } else if (std::holds_alternative<adapters::ContactStopped>(delivery)) {
    settle(Settlement::Kind::dead, row, "stopped");
    for (const auto& rest : lane.rows) settle(Settlement::Kind::dead, rest, "stopped");
    waiting_ -= lane.rows.size();
    lane.rows.clear();
    events_.stopped({row.channel, contact});
  } else if (const auto* broken = std::get_if<adapters::ChannelBroken>(&delivery)) {
    log(LogLevel::error, "channel_broken",
        {{"channel", std::string_view(line.channel.name)}, {"code", std::string_view(broken->code)}});
    line.token_until = {};  // where one is lent, it may have been withdrawn
    line.not_before = environment_.steady() + kBrokenPause;
    retry(lane, row, kBrokenPause);
  } else if (const auto* rejected = std::get_if<adapters::Rejected>(&delivery)) {
    log(LogLevel::warning, "rejected",
        {{"channel", std::string_view(line.channel.name)}, {"code", std::string_view(rejected->code)}});
    settle(Settlement::Kind::dead, row, rejected->code);
  } else if (row.message.unasked && !row.message.urgent) {
    settle(Settlement::Kind::dead, row, "unknown");
  } else {
    metrics_.delivery(line.channel.name, "unknown");
    retry(lane, row, backoff(row.message.urgent, row.attempts));
  }
  if (!lane.rows.empty()) {
    (lane.rows.front().message.urgent ? line.urgent : line.ready).push_back(contact);
  }
  pump(line);
}

void Sender::retry(Lane& lane, OutboxRow row, seconds after) {
  if (environment_.now() - row.created > kGiveUpAfter) return settle(Settlement::Kind::dead, row, "given up");
  ++row.attempts;
  auto wait = std::chrono::milliseconds(after) * (90 + static_cast<int>(jitter_() % 21)) / 100;
  row.due = environment_.now() + std::chrono::duration_cast<seconds>(wait);
  settle(Settlement::Kind::retry, row);
  if (put(lane, std::move(row))) lane.not_before = environment_.steady() + wait;
}

void Sender::settle(Settlement::Kind kind, const OutboxRow& row, std::string code) {
  constexpr std::array<const char*, 3> kNames{"delivered", "retry", "dead"};
  metrics_.delivery(row.channel, kNames[static_cast<std::size_t>(kind)]);
  if (kind == Settlement::Kind::dead)
    log(LogLevel::warning, "dead_letter",
        {{"channel", std::string_view(row.channel)}, {"code", std::string_view(code)}});
  if (row.id == 0) {  // was never in the store
    std::lock_guard lock(arrived_mutex_);
    if (arrived_.size() >= kMaxArrived) arrived_.clear();
    if (kind == Settlement::Kind::delivered) arrived_.insert(row.message.key);
    return;
  }
  store_.settle({kind, row.id, kind == Settlement::Kind::dead ? environment_.now() : row.due, std::move(code),
                 row.person, false});
}

bool Sender::arrived(const std::string& key) const {
  std::lock_guard lock(arrived_mutex_);
  return arrived_.contains(key);
}

void Sender::courtesy(const adapters::Channel& channel, adapters::HttpCall call) {
  ask(channel, std::move(call), [](const adapters::HttpResult&) {});
}

void Sender::ask(const adapters::Channel& channel, adapters::HttpCall call, CallDone done) {
  bool inside = channel.own_network();
  boost::asio::post(context_,
                    [this, name = channel.name, call = std::move(call), inside, done = std::move(done)]() mutable {
                      if (call.url == adapters::kStream)
                        return events_.stream(name, std::move(call.body), std::move(done));
                      client_.call(std::move(call), inside, std::move(done));
                    });
}

// A lent token is asked for once, and again before it runs out; what waits goes when it has come.
bool Sender::has_token(Line& line) {
  auto now = environment_.steady();
  if (now < line.token_until) return true;
  auto call = line.adapter->token_call(line.channel, environment_.now());
  if (!call) return true;
  if (std::exchange(line.token_asked, true)) return false;
  client_.call(std::move(*call), line.channel.own_network(), [this, &line](const adapters::HttpResult& result) {
    line.token_asked = false;
    if (auto token = line.adapter->token_of(result)) {
      line.channel.secrets[adapters::kAccessToken] = std::move(token->value);
      line.token_until = environment_.steady() + std::max(token->lasts - kTokenSpare, kTokenSpare);
      return pump(line);
    }
    log(LogLevel::error, "no_token", {{"channel", std::string_view(line.channel.name)}});
    line.not_before = environment_.steady() + kTokenPause;
  });
  return false;
}

// What nobody asked for is not said late, nor where the platform does not want it.
bool Sender::dropped(Line& line, const OutboxRow& row) {
  if (!row.message.unasked) return false;
  auto now = environment_.now();
  bool late = now - row.created > kUnaskedLate && !row.message.urgent;
  bool outside = outside_window(*line.adapter, row.message, now) && line.channel.setting("template").empty();
  if (late || outside) settle(Settlement::Kind::dead, row, late ? "late" : "outside window");
  return late || outside;
}

void Sender::pump() {
  for (auto& [name, line] : lines_) pump(line);
  if (auto now = environment_.steady(); now - looked_at_ > kLookEvery) look(environment_.now(), now);
}

void Sender::tick() {
  pump();
  ticker_->timer.expires_after(kTick);
  ticker_->timer.async_wait([this](const boost::system::error_code& ec) {
    if (!ec && !stopping_) tick();
  });
}

// Lanes that are empty and owe nothing are forgotten; how old the oldest message is, is told.
void Sender::look(rules::Time now, Clock::time_point steady_now) {
  looked_at_ = steady_now;
  double oldest = 0;
  for (auto& [name, line] : lines_) {
    std::erase_if(line.lanes, [&](const auto& l) {
      return l.second.rows.empty() && !l.second.busy && steady_now - l.second.bucket.at > kForgetLane;
    });
    for (const auto& [contact, lane] : line.lanes)
      if (!lane.rows.empty()) oldest = std::max(oldest, static_cast<double>((now - lane.rows.front().created).count()));
  }
  metrics_.gauge_outbox(static_cast<double>(waiting_.load()), oldest);
}

}  // namespace bot
