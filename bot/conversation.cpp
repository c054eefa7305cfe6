#include "bot/conversation.hpp"

#include "adapters/encode.hpp"
#include "bot/canary.hpp"
#include "bot/outgoing.hpp"
#include "rules/hash.hpp"
#include "rules/records.hpp"

namespace bot {
namespace {

constexpr std::size_t kMaxRecentPerShard = 4096;
constexpr std::size_t kMaxJoinedBytes = 400;  // longer messages are no fragments

// A reply that is longer than one message becomes several; the taps are under the last.
void split_replies(rules::Decision& decision, const adapters::Limits& limits) {
  auto fits = [&](const rules::Reply& r) { return adapters::units(r.text, limits.unit) <= limits.text; };
  if (std::all_of(decision.replies.begin(), decision.replies.end(), fits)) return;  // nearly always
  std::vector<rules::Reply> out;
  for (auto& reply : decision.replies) {
    auto parts = adapters::split(reply.text, limits.text, limits.unit);
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      out.push_back(reply);
      out.back().text = std::move(parts[i]);
      out.back().choices.clear();
    }
    reply.text = std::move(parts.back());
    out.push_back(std::move(reply));
  }
  decision.replies = std::move(out);
}

// Acts of a decision that are about the record itself.
rules::Decision settle_records(const rules::Pack& pack, rules::Decision decision, const adapters::Limits& limits) {
  if (decision.export_all && !decision.replies.empty()) {
    rules::Reply sheet;
    rules::Texts texts(pack, decision.next.language);
    sheet.text = rules::describe(decision.next, &texts);
    decision.replies.insert(decision.replies.end() - 1, decision.replies.back());
    decision.replies.back().text = sheet.text;
    decision.replies[decision.replies.size() - 2].choices.clear();
  }
  if (!limits.pictures)
    for (auto& reply : decision.replies) reply.picture.reset();
  split_replies(decision, limits);
  return decision;
}

// The canary's reply goes out, and nothing is kept, set, counted or told of it.
rules::Decision of_nobody(rules::Decision decision) {
  rules::Decision out;
  out.replies = std::move(decision.replies);
  return out;
}

}  // namespace

std::string aside_key(const Address& address, const std::string& update) {
  rules::Hash hash;
  for (std::string_view part : {address.channel, address.contact, update}) hash.eat(part), hash.eat('\n');
  return "aside-" + std::to_string(hash.folded());
}

rules::Taps taps_of(const adapters::Limits& limits) {
  constexpr std::size_t kThree = 3;
  if (limits.choices >= adapters::kScaleChoices) return rules::Taps::rich;
  return limits.choices >= kThree ? rules::Taps::three : rules::Taps::none;
}

RecentWords::Entry RecentWords::exchange(const std::string& key, Entry entry) {
  Shard& shard = shards_[std::hash<std::string>{}(key) % shards_.size()];
  std::lock_guard lock(shard.mutex);
  if (shard.entries.size() >= kMaxRecentPerShard)
    std::erase_if(shard.entries, [&](const auto& e) { return entry.at - e.second.last.at > rules::kJoin; });
  if (shard.entries.size() >= kMaxRecentPerShard) shard.entries.clear();
  if (entry.text.size() > kMaxJoinedBytes) entry.text.clear();
  auto& [last, before] = shard.entries[key];
  if (entry.id.empty() || entry.id != last.id) {
    before = entry.at - last.at <= rules::kJoin ? std::move(last) : Entry{};
    last = std::move(entry);
  }
  return before;
}

rules::Input Conversation::input_of(const rules::Pack& pack, const adapters::Channel& channel,
                                    const adapters::Update& update, const adapters::Limits& limits) {
  rules::Input input;
  input.contact.taps = taps_of(limits);
  input.contact.window = adapters::window_of(limits, channel);
  const std::string& phone = update.phone.empty() ? update.contact : update.phone;
  input.contact.country_hint = update.country.empty() ? pack.directory.country_of_phone(phone) : update.country;
  if (input.contact.country_hint.empty()) input.contact.country_hint = channel.setting("country");
  input.contact.operator_name = operator_name_;
  input.contact.zone_hint = update.zone;
  input.contact.language_hint = update.language;
  input.contact.language = channel.pack;
  switch (update.kind) {
    case adapters::Kind::text:
    case adapters::Kind::edited: {
      rules::Said said;
      said.text = update.text;
      said.edited = update.kind == adapters::Kind::edited;
      said.reading = rules::read(pack, update.text, rules::likely_language(pack, input.contact));
      auto before = recent_.exchange(channel.name + "\n" + update.contact,
                                     {update.text, said.reading.level(), environment_.now(), update.id});
      said.before = std::move(before.text);
      said.level_before = before.level;
      if (!said.edited) rules::join(pack, said);
      input.event = std::move(said);
      break;
    }
    case adapters::Kind::choice: input.event = rules::Chose{update.value}; break;
    case adapters::Kind::began: input.event = rules::Began{}; break;
    case adapters::Kind::blocked: input.event = rules::Blocked{}; break;
    case adapters::Kind::non_text: input.event = rules::NonText{update.value}; break;
  }
  return input;
}

rules::Level Conversation::level_of(const rules::Input& input) {
  const auto* said = std::get_if<rules::Said>(&input.event);
  if (said == nullptr) return rules::Level::none;
  return std::max(said->reading.level(), said->joined ? said->joined->level() : rules::Level::none);
}

Taken Conversation::aside(const adapters::Channel& channel, const adapters::Update& update,
                          const adapters::Limits& limits) {
  auto pack = packs_.get();
  Taken taken;
  taken.kind = Taken::Kind::failed;
  if (pack == nullptr) return taken;
  rules::Input input = input_of(*pack, channel, update, limits);
  return level_of(input) >= rules::Level::concern
             ? without_store(pack.get(), {channel.name, update.contact}, update.id, input)
             : taken;
}

Taken Conversation::without_store(const rules::Pack* pack, const Address& address, const std::string& update,
                                  const rules::Input& input) {
  Taken taken;
  std::string key = aside_key(address, update);
  taken.kind = Taken::Kind::unsaved;
  std::vector<rules::Reply> replies;
  if (pack == nullptr) {
    replies.push_back(rules::last_resort(input.contact.country_hint, input.contact.language_hint));
  } else {
    rules::Decision decision = rules::decide(*pack, rules::Person{}, input, environment_.now());
    if (address.channel == kCanaryChannel) decision = of_nobody(std::move(decision));
    taken.level = decision.alarm;
    taken.calls = decision.calls;
    replies = std::move(decision.replies);
  }
  for (const auto& reply : replies) {
    OutboxRow row;
    row.channel = address.channel;
    row.message = outgoing(reply, address.contact, environment_.now());
    row.message.urgent = true;
    row.message.key = key + (taken.rows.empty() ? "" : "-" + std::to_string(taken.rows.size()));
    row.created = row.due = environment_.now();  // or the first failure to send it would be the last
    taken.rows.push_back(std::move(row));
  }
  return taken;
}

void Conversation::take(const adapters::Channel& channel, const adapters::Update& update,
                        const adapters::Limits& limits, TakenDone done) {
  Address address{channel.name, update.contact};
  auto pack = packs_.get();
  if (pack == nullptr) {  // safe mode
    rules::Input input;
    const std::string& phone = update.phone.empty() ? update.contact : update.phone;
    input.contact.country_hint = update.country.empty() ? rules::phone_country(phone) : update.country;
    input.contact.language_hint = update.language;
    return done(without_store(nullptr, address, update.id, input));
  }
  auto input = std::make_shared<rules::Input>(input_of(*pack, channel, update, limits));
  rules::Time now = environment_.now();
  bool said = helped(address, update.id, level_of(*input));
  bool canary = address.channel == kCanaryChannel;
  auto decide = [pack, input, limits, now, said, canary](rules::Person person) {
    rules::Decision decision = rules::decide(*pack, std::move(person), *input, now);
    if (said) decision.replies.clear();
    if (canary) decision = of_nobody(std::move(decision));
    return settle_records(*pack, std::move(decision), limits);
  };
  auto finished = [this, pack, input, address, id = update.id, done = std::move(done)](TurnResult result) {
    rules::Level level = level_of(*input);
    count(*pack, result);
    if (helped(address, id, level)) {  // while the turn was waited for
      for (const auto& row : result.rows)
        store_.settle({Settlement::Kind::delivered, row.id, {}, {}, row.person, false});
      result.rows.clear();
    }
    if (result.late) return late(address, std::move(result));
    Taken taken;
    taken.rows = std::move(result.rows);
    taken.why = std::move(result.why);
    taken.level = result.alarm;
    taken.calls = result.calls;
    if (result.kind == TurnResult::Kind::duplicate) taken.kind = Taken::Kind::duplicate;
    if (result.kind == TurnResult::Kind::failed) {
      if (level >= rules::Level::concern) taken = without_store(pack.get(), address, id, *input);
      taken.kind = level >= rules::Level::concern ? Taken::Kind::unsaved : Taken::Kind::failed;
      taken.problem = std::move(result.problem);
      taken.away = result.away;
    }
    done(std::move(taken));
  };
  store_.turn(std::move(address), update.id, now, std::move(decide), std::move(finished));
}

void Conversation::count(const rules::Pack& pack, const TurnResult& result) const {
  if (hooks_.counted && result.kind == TurnResult::Kind::done) hooks_.counted(pack.version, result.said);
}

// Given up, and then it went through.
void Conversation::late(const Address& address, TurnResult result) const {
  if (hooks_.late && !result.rows.empty()) hooks_.late(address.channel, std::move(result.rows));
}

bool Conversation::helped(const Address& address, const std::string& update, rules::Level level) const {
  return level >= rules::Level::concern && hooks_.went && hooks_.went(aside_key(address, update));
}

void Conversation::take(const TimerRow& timer, const adapters::Limits& limits, TakenDone done) {
  std::string id = "timer:" + timer.name + ":" + std::to_string(timer.at.time_since_epoch().count());
  take(timer.address, id, rules::Elapsed{timer.name}, limits, std::move(done));
}

void Conversation::take(const Address& address, const std::string& id, rules::Event event,
                        const adapters::Limits& limits, TakenDone done) {
  auto pack = packs_.get();
  if (pack == nullptr) return done({Taken::Kind::failed, {}, {}, {}, "no packs"});
  rules::Time now = environment_.now();
  rules::Input input;
  input.contact.operator_name = operator_name_;
  input.contact.taps = taps_of(limits);
  input.contact.window = limits.window;
  input.event = std::move(event);
  auto decide = [pack, input = std::move(input), limits, now](rules::Person person) {
    return settle_records(*pack, rules::decide(*pack, std::move(person), input, now), limits);
  };
  auto finished = [this, pack, address, done = std::move(done)](TurnResult result) {
    count(*pack, result);
    if (result.late) return late(address, std::move(result));
    Taken taken;
    taken.kind = result.kind == TurnResult::Kind::done        ? Taken::Kind::committed
                 : result.kind == TurnResult::Kind::duplicate ? Taken::Kind::duplicate
                                                              : Taken::Kind::failed;
    taken.rows = std::move(result.rows);
    taken.why = std::move(result.why);
    taken.problem = std::move(result.problem);
    done(std::move(taken));
  };
  store_.turn(address, id, now, std::move(decide), std::move(finished));
}

}  // namespace bot
