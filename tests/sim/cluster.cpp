#include "tests/sim/cluster.hpp"

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "adapters/registry.hpp"
#include "adapters/signature.hpp"
#include "bot/sender.hpp"
#include "bot/timers.hpp"
#include "bot/webhooks.hpp"
#include "rules/hash.hpp"
#include "tests/sim/oracles.hpp"

namespace sim {
namespace {

constexpr Ms kFaults{180'000};  // then nothing fails any more
constexpr Ms kQuiet{3 * 3'600'000};
constexpr Ms kPatience{10'000};  // of the people's platform, for an answer to a webhook
constexpr Ms kHelp{180'000};     // so soon who may be in danger must have an answer, from when the service took it
constexpr std::size_t kPeople = 4, kLines = 7;
constexpr std::array kWords{"he left me on read",
                            "chest",
                            "7",
                            "yes",
                            "no",
                            "i dont know",
                            "my stomach hurts",
                            "not yet",
                            "i want to text her again",
                            "stop",
                            "forget me",
                            "what do you know about me",
                            "i want to die",
                            "i have pills here and im going to take them tonight",
                            "he hit me"};
constexpr std::size_t kFirstCrisis = 12;

adapters::Channel channel() {
  adapters::Channel out;
  out.name = "sim";
  out.platform = "generic";
  out.settings["url"] = "https://platform.example/in";
  out.secrets["secret"] = adapters::Secret("whsec_" + adapters::base64("a secret of the simulation"));
  return out;
}

std::string key_of(const adapters::HttpCall& call) {
  auto it =
      std::find_if(call.headers.begin(), call.headers.end(), [](const auto& h) { return h.first == "webhook-id"; });
  return it == call.headers.end() ? "" : it->second;
}

class Cluster;

// The platform that replies go to.
class Network final : public bot::Caller {
 public:
  Network(Cluster& cluster, std::size_t node) : cluster_(cluster), node_(node) {}
  void call(adapters::HttpCall call, bool allow_private, bot::CallDone done) override;

 private:
  Cluster& cluster_;
  std::size_t node_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

struct Node {
  Node(Cluster& cluster, std::size_t number);
  void look();  // once a second, and what the sender does five times in it

  Cluster& cluster;
  boost::asio::io_context context;
  NodeStore store;
  bot::Packs packs;
  bot::Metrics metrics;
  Network network;
  bot::Conversation conversation;
  bot::Sender sender;
  bot::Spool spool;
  bot::Webhooks webhooks;
  bot::Timers timers;
};

class Cluster {
 public:
  Cluster(std::uint64_t seed, Bug planted, std::shared_ptr<const rules::Pack> words, std::string spools)
      : world(seed), bug(planted), pack(std::move(words)), folder(std::move(spools)), nodes(kNodes) {}
  Verdict run();
  void arrived(const adapters::HttpCall& call);
  void started(std::size_t node, const std::string& key);

  void tell(const std::string& what) const {  // STEADY_TRACE=1: what happened
    if (traced_) std::cout << world.at().count() << " " << what << "\n";
  }

  World world;
  Bug bug;
  std::shared_ptr<const rules::Pack> pack;
  std::string folder;
  Database database;
  std::vector<std::unique_ptr<Node>> nodes;
  std::array<int, kNodes> lives{};  // what was to happen to a process happens to that process
  std::set<std::string> lost;       // keys of calls whose end nobody here knows
  std::set<std::string> killed;     // those of them that a killed process had
  Verdict verdict;

  [[nodiscard]] std::string spool_file(std::size_t node) const { return folder + "/spool" + std::to_string(node); }
  [[nodiscard]] bool faults() const { return world.at() < kFaults; }

 private:
  void start(std::size_t node);
  void crash(std::size_t node);
  void trouble();
  void beat(std::size_t node);
  void people();
  void post(std::size_t update, Ms pause);
  void tap(Update& update);
  void problem(std::string what) { verdict.problems.push_back(std::move(what)); }

  bool traced_ = std::getenv("STEADY_TRACE") != nullptr;
  std::vector<Update> updates_;
  std::vector<Arrival> arrivals_;
};

bot::Dispatch dispatch_of(Node& node, Bug bug) {
  return {[&node](const adapters::Channel&, std::vector<bot::OutboxRow> rows) { node.sender.add(std::move(rows)); },
          [](const adapters::Channel&, const adapters::HttpCall&) {},
          [](const adapters::Channel&, const adapters::HttpCall&, const bot::CallDone&) {},
          [](rules::Level, const std::string&) {},
          [&node](const adapters::Channel& c, const adapters::Update& update, bool answered) {
            return node.spool.add({c.name, update, answered});
          },
          [&node, bug] { return bug == Bug::spool_overtaken ? 0 : node.spool.left(); },
          [&node] { return node.store.healthy(); }};
}

Node::Node(Cluster& c, std::size_t number)
    : cluster(c),
      store(c.world, c.database, c.bug),
      network(c, number),
      conversation(store, packs, c.world, {},
                   {[this](const std::string&, std::vector<bot::OutboxRow> rows) { sender.add(std::move(rows)); },
                    {},
                    [this](const std::string& key) { return sender.arrived(key); }}),
      sender(context, store, network, c.world, metrics, {channel()},
             {[](const bot::Address&) {}, [](const bot::Address&, const std::string&) {},
              [](const std::string&, const std::string&, const bot::CallDone&) {}}),
      spool(c.spool_file(number), adapters::Secret("a key of the simulation")),
      webhooks({channel()}, conversation, c.world, metrics, dispatch_of(*this, c.bug)),
      timers(
          store, conversation, c.world, metrics, [](const std::string&) { return adapters::find("generic")->limits(); },
          [this](const std::string&, std::vector<bot::OutboxRow> rows) { sender.add(std::move(rows)); }) {
  packs.set(c.pack);
}

void Node::look() {
  store.renew();
  auto rows = store.claim(100);
  for (const auto& row : rows) cluster.tell("claim " + row.message.key + " by " + std::to_string(row.generation));
  sender.add(std::move(rows));
  store.waits = true;
  timers.fire();
  if (spool.left() > 0 && store.healthy()) spool.replay([this](const bot::Spooled& s) { return webhooks.again(s); });
  store.waits = false;
}

void Network::call(adapters::HttpCall call, bool, bot::CallDone done) {
  World& world = cluster_.world;
  std::string key = key_of(call);
  cluster_.started(node_, key);
  int chance = cluster_.faults() ? world.between(0, 99) : 0;
  bool arrives = chance < 75 || (chance >= 90 && chance < 95);
  adapters::HttpResult result;
  Ms answer(world.between(20, 500));
  if (chance < 75) result.status = 200, result.body = "{}";
  else if (chance < 82) result.status = 500;
  else if (chance < 87) result.status = 429, result.retry_after = "3";
  else if (chance < 90) result.sent = false;  // no connection
  else result.sent = true, answer = Ms(20'000), cluster_.lost.insert(key);
  if (cluster_.bug == Bug::unknown_is_delivered && result.status == 0 && result.sent) result.status = 200;
  cluster_.tell("call " + key + " by " + std::to_string(node_) + ": " + std::to_string(result.status) + " in " +
                std::to_string(answer.count()));
  if (arrives) world.after(answer / 2, [cluster = &cluster_, call] { cluster->arrived(call); });
  world.after(answer, [done = std::move(done), result, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) done(result);
  });
}

// Only who has a reply to send sends it: a node whose lease ran out has none, but for who may be in danger.
void Cluster::started(std::size_t node, const std::string& key) {
  ++verdict.calls;
  for (const auto& [id, row] : database.rows)
    if (row.row.message.key == key && row.owner != nodes[node]->store.generation() && !row.row.message.urgent)
      return problem("node " + std::to_string(node) + " sends " + key + ", which is another's by now");
}

void Cluster::arrived(const adapters::HttpCall& call) {
  auto data = nlohmann::json::parse(call.body).at("data");
  std::string key = key_of(call);
  arrivals_.push_back({world.at(), data.at("contact"), key, data.at("text"), {}});
  for (const auto& choice : data.at("choices")) arrivals_.back().choices.push_back(choice.at("value"));
  tell("arrived " + arrivals_.back().contact + " " + key + " " + arrivals_.back().text.substr(0, 60));
}

void Cluster::start(std::size_t node) {
  nodes[node] = std::make_unique<Node>(*this, node);
  ++lives[node];
  beat(node);
}

void Cluster::beat(std::size_t number) {
  auto next = [this, number, life = lives[number]](Ms pause, auto what) {
    world.after(pause, [this, number, life, what] {
      if (nodes[number] && lives[number] == life) what();
    });
  };
  nodes[number]->look();
  auto pump = [this, number] {
    nodes[number]->webhooks.help_overdue();
    nodes[number]->sender.pump();
  };
  if (faults() || nodes[number]->sender.waiting() > 0)
    for (int n = 1; n < 5; ++n) next(Ms(200 * n), pump);
  pump();
  next(Ms(1'000), [this, number] { beat(number); });
}

// Killed: what it had in memory is gone. What it had handed to the network may have arrived.
void Cluster::crash(std::size_t node) {
  if (!nodes[node]) return;
  ++verdict.crashes;
  tell("killed " + std::to_string(node));
  for (const auto& [id, row] : database.outbox)
    if (row.owner == nodes[node]->store.generation())
      lost.insert(row.row.message.key), killed.insert(row.row.message.key);
  nodes[node].reset();
  if (std::error_code ec; bug == Bug::spool_not_synced && std::filesystem::file_size(spool_file(node), ec) > 0 && !ec)
    std::filesystem::resize_file(spool_file(node), std::filesystem::file_size(spool_file(node)) / 2);
  world.after(Ms(world.between(500, 20'000)), [this, node] { start(node); });
}

void Cluster::trouble() {
  std::size_t node = world.one_in(2) ? 0 : 1;
  int kind = world.between(0, 3);
  Ms lasts(world.between(500, 30'000));
  if (kind == 0) {
    crash(node);
  } else if (nodes[node]) {
    NodeStore& store = nodes[node]->store;
    tell((kind == 1 ? "slow " : "away ") + std::to_string(node) + " for " + std::to_string(lasts.count()));
    bool& fault = kind == 1 ? store.slow : store.reachable;
    fault = kind == 1;
    world.after(lasts, [this, node, kind, life = lives[node]] {
      if (!nodes[node] || lives[node] != life) return;
      NodeStore& well = nodes[node]->store;
      (kind == 1 ? well.slow : well.reachable) = kind != 1;
    });
  }
  if (faults()) world.after(Ms(world.between(2'000, 20'000)), [this] { trouble(); });
}

void Cluster::people() {
  for (std::size_t p = 0; p < kPeople; ++p) {
    Ms at(world.between(0, 5'000));
    for (std::size_t n = 0; n < kLines; ++n) {
      at += Ms(world.one_in(3) ? world.between(50, 2'000) : world.between(2'000, 30'000));
      std::size_t word = static_cast<std::size_t>(world.between(0, static_cast<int>(kWords.size()) - 1));
      Update u;
      u.contact = "+44794600000" + std::to_string(p);
      u.id = "m" + std::to_string(p) + "-" + std::to_string(n);
      u.crisis = word >= kFirstCrisis;
      u.taps = !u.crisis && world.one_in(2);
      u.body = nlohmann::json{{"type", "message.inbound"},
                              {"timestamp", "x"},
                              {"data", {{"contact", u.contact}, {"text", kWords[word]}}}}
                   .dump();
      updates_.push_back(std::move(u));
      world.after(at, [this, i = updates_.size() - 1] { post(i, Ms(1'000)); });
    }
  }
  verdict.updates = updates_.size();
}

// As platforms do: until it is answered with 2xx, and now and then once more.
void Cluster::post(std::size_t i, Ms pause) {
  Update& u = updates_[i];
  std::size_t to = world.one_in(2) ? 0 : 1;
  if (!nodes[to]) to = 1 - to;
  Ms again = std::min(pause * 2, Ms(30'000));
  if (!nodes[to]) return world.after(pause, [this, i, again] { post(i, again); });
  if (u.first < Ms(0)) {
    u.first = world.at();
    if (u.taps) tap(u);
  }
  u.to.insert(to);
  tell("post " + u.contact + " " + u.id + (u.crisis ? " crisis" : "") + " to " + std::to_string(to));
  struct Post {
    std::string body, id, at, signature;
    bool over = false;
  };
  auto p = std::make_shared<Post>();
  auto c = channel();
  *p = {u.body, u.id, std::to_string(world.now().time_since_epoch().count()), "", false};
  p->signature = adapters::standard_signature(c.secret("secret").reveal(), p->id, p->at, p->body);
  bot::HttpRequest request{"POST", "/in/sim", p->body, "127.0.0.1", [p](std::string_view name) -> std::string_view {
                             if (name == "webhook-id") return p->id;
                             if (name == "webhook-timestamp") return p->at;
                             return name == "webhook-signature" ? std::string_view(p->signature) : std::string_view();
                           }};
  auto retry = [this, i, again, pause] { world.after(pause, [this, i, again] { post(i, again); }); };
  nodes[to]->webhooks.handle("sim", request, [this, i, p, retry, to](const bot::HttpResponse& response) {
    if (std::exchange(p->over, true)) return;
    tell("answered " + updates_[i].id + " " + std::to_string(response.status) + " by " + std::to_string(to));
    if (response.status >= 300) return retry();
    if (updates_[i].acked < Ms(0)) updates_[i].acked = world.at(), updates_[i].acked_by = to;
    if (faults() && world.one_in(10)) world.after(Ms(world.between(1, 60'000)), [this, i] { post(i, Ms(1'000)); });
  });
  world.after(kPatience, [p, retry] {
    if (!std::exchange(p->over, true)) retry();
  });
  if (faults() && world.one_in(15)) post(i, Ms(30'000));  // twice at once
}

void Cluster::tap(Update& u) {
  auto last =
      std::find_if(arrivals_.rbegin(), arrivals_.rend(), [&](const Arrival& a) { return a.contact == u.contact; });
  if (last == arrivals_.rend() || last->choices.empty()) return;
  int n = world.between(0, static_cast<int>(last->choices.size()) - 1);
  u.body = nlohmann::json{{"type", "button.pressed"},
                          {"timestamp", "x"},
                          {"data", {{"contact", u.contact}, {"payload", last->choices[static_cast<std::size_t>(n)]}}}}
               .dump();
}

Verdict Cluster::run() {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (std::size_t n = 0; n < kNodes; ++n) start(n);
  people();
  world.after(Ms(world.between(1'000, 20'000)), [this] { trouble(); });
  world.run_until(kFaults + kQuiet, [this] {
    for (auto& node : nodes)
      if (node) node->context.restart(), node->context.poll();
  });
  verdict.problems = what_is_broken({database, updates_, arrivals_, lost, killed}, std::move(verdict.problems));
  rules::Hash trace;
  for (const auto& a : arrivals_) trace.eat(std::to_string(a.at.count()) + a.contact + a.key + a.text);
  for (const auto& h : database.history) trace.eat(h.address.contact + h.event);
  verdict.trace = trace.folded();
  verdict.replies = arrivals_.size();
  nodes.clear();
  return std::move(verdict);
}

}  // namespace

Verdict run(std::uint64_t seed, Bug bug, const std::shared_ptr<const rules::Pack>& pack, const std::string& folder) {
  return Cluster(seed, bug, pack, folder).run();
}

}  // namespace sim
