#include "bot/app.hpp"

#include <sodium.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <boost/asio.hpp>
#include <future>
#include <iostream>
#include <thread>

#include "adapters/registry.hpp"
#include "bot/alarms.hpp"
#include "bot/canary.hpp"
#include "bot/command_rules.hpp"
#include "bot/conversation.hpp"
#include "bot/desk.hpp"
#include "bot/gateways.hpp"
#include "bot/http_client.hpp"
#include "bot/http_server.hpp"
#include "bot/keys.hpp"
#include "bot/lockdown.hpp"
#include "bot/log.hpp"
#include "bot/push.hpp"
#include "bot/router.hpp"
#include "bot/sender.hpp"
#include "bot/spool.hpp"
#include "bot/store_open.hpp"
#include "bot/timers.hpp"
#include "bot/vault.hpp"

namespace bot {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::seconds kDrain{10};
constexpr std::size_t kOutboxPage = 1'000;
constexpr std::chrono::milliseconds kHelpLook{250};

class App {
 public:
  explicit App(const Config& config)
      : config_(config),
        rules_(rules_folder(config.rules.string())),
        threads_(config.threads > 0 ? config.threads : std::max(2U, std::thread::hardware_concurrency()) - 1),
        contexts_(make_contexts(threads_ + 1)),
        environment_owner_(config.clock_file.empty()
                               ? std::make_unique<SystemEnvironment>()
                               : std::unique_ptr<Environment>(std::make_unique<ShiftedEnvironment>(config.clock_file))),
        environment_(*environment_owner_),
        store_owner_(open_store(config.store, config.data, environment_, kStorePatience)),
        store_(*store_owner_),
        spool_(config.data / "spool", own_key(config.data, "spool", environment_)),
        shelf_(store_, environment_, rules_, config.data),
        trends_(store_, environment_),
        conversation_(
            store_, packs_, environment_, config.alarms.operator_name,
            {[this](const std::string& channel, std::vector<OutboxRow> rows) { replies(channel, std::move(rows)); },
             [this](const std::string& version, const std::vector<std::string>& said) { trends_.count(version, said); },
             [this](const std::string& key) { return sender_.arrived(key); }}),
        client_(*contexts_.back()),
        sender_(*contexts_.back(), store_, client_, environment_, metrics_, pushed_channels(), sender_events()),
        push_(store_, environment_, key_for(config.store, config.data, "push", environment_), config.public_url,
              [this](adapters::HttpCall call, bool allow_private, CallDone done) {
                call_out(std::move(call), allow_private, std::move(done));
              }),
        webchat_(store_, [this](const OutboxRow& row) { push_.tell(row); }),
        webhooks_(config.channels, conversation_, environment_, metrics_, dispatch()),
        timers_(
            store_, conversation_, environment_, metrics_,
            [this](const std::string& channel) { return limits_of(channel); },
            [this](const std::string& channel, std::vector<OutboxRow> rows) { replies(channel, std::move(rows)); }),
        gateways_(*contexts_.back(), config.channels, environment_,
                  {[this](const adapters::Channel& channel, std::vector<adapters::Update> updates) {
                     webhooks_.said(channel, std::move(updates));
                   },
                   [this](const adapters::Channel& channel, adapters::HttpCall call) {
                     sender_.courtesy(channel, std::move(call));
                   },
                   [this](const adapters::Channel& channel) { return store_.holds("gateway/" + channel.name); }}),
        alarms_(store_, environment_, metrics_, config, ways()),
        canary_(environment_,
                [this](adapters::HttpCall call, CallDone done) { call_out(std::move(call), true, std::move(done)); }),
        desk_({store_, environment_, metrics_, packs_, alarms_, shelf_, trends_, config_,
               [this] { return canary_.well(); }, [this] { return spool_.left(); }, [this] { load_packs(); },
               [this](const Address& address, rules::Event event) { return take_now(address, std::move(event)); }}),
        router_(webhooks_, webchat_, push_, alarms_, canary_, config.desk ? &desk_ : nullptr, environment_, metrics_,
                web_channel(), config_.embed, [this] { return packs_.get() != nullptr && store_.healthy(); }),
        server_(config.listen_address, config.listen_port, network(contexts_),
                [this](const HttpRequest& r, Answer a) { router_.handle(r, std::move(a)); }) {}

  int run() {
    load_packs();
    resend();
    listen_to_others();
    for (const auto& channel : config_.channels) metrics_.channel(channel.name);
    for (const auto& channel : config_.channels)
      if (!channel.hook_url.empty())
        for (auto& call : adapters::find(channel.platform)->start_calls(channel))
          sender_.courtesy(channel, std::move(call));
    try {
      server_.start();
    } catch (const std::runtime_error& e) {
      std::cerr << e.what() << "\n";
      return 1;
    }
    auto canary = canary_.channel(config_.listen_address, server_.port());
    webhooks_.open(canary);
    sender_.open(canary);
    log_head();
    log(LogLevel::info, "started", {{"port", std::int64_t{server_.port()}}, {"threads", std::int64_t{threads_}}});
    asio::signal_set stop(*contexts_.front(), SIGTERM, SIGINT), reload(*contexts_.front(), SIGHUP);
    stop.async_wait([this](const boost::system::error_code&, int) { drain_ = std::thread([this] { drain(); }); });
    wait_reload(reload);
    sender_.start();
    timers_.start();
    alarms_.start();
    desk_.start(config_.desk);
    spool_.start([this] { return packs_.get() != nullptr && store_.healthy(); },
                 [this](const Spooled& spooled) { return webhooks_.again(spooled); });
    gateways_.start();
    watch();
    help_overdue();
    std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards;
    for (auto& context : contexts_) guards.emplace_back(asio::make_work_guard(*context));
    std::vector<std::thread> workers;
    for (std::size_t i = 1; i < contexts_.size(); ++i)
      workers.emplace_back([&context = *contexts_[i]] { context.run(); });
    contexts_.front()->run();
    for (auto& worker : workers) worker.join();
    if (drain_.joinable()) drain_.join();
    log(LogLevel::info, "stopped");
    return 0;
  }

 private:
  using Contexts = std::vector<std::unique_ptr<asio::io_context>>;
  static Contexts make_contexts(unsigned n) {
    Contexts out;
    for (unsigned i = 0; i < n; ++i) out.push_back(std::make_unique<asio::io_context>(1));
    return out;
  }
  // All but the last one serve requests; the last one is the sender's: what a platform takes its time for holds up no
  // reading.
  static std::vector<asio::io_context*> network(const Contexts& contexts) {
    std::vector<asio::io_context*> out;
    for (const auto& c : contexts) out.push_back(c.get());
    out.pop_back();
    return out;
  }
  [[nodiscard]] std::vector<adapters::Channel> pushed_channels() const {
    std::vector<adapters::Channel> out;
    for (const auto& c : config_.channels)
      if (c.platform != "web") out.push_back(c);
    return out;
  }
  [[nodiscard]] std::string web_channel() const {
    for (const auto& c : config_.channels)
      if (c.platform == "web") return c.name;
    return "";
  }

  Dispatch dispatch() {
    return {[this](const adapters::Channel& channel, std::vector<OutboxRow> rows) {
              replies(channel.name, std::move(rows));
            },
            [this](const adapters::Channel& channel, adapters::HttpCall call) {
              sender_.courtesy(channel, std::move(call));
            },
            [this](const adapters::Channel& channel, adapters::HttpCall call, CallDone done) {
              sender_.ask(channel, std::move(call), std::move(done));
            },
            [this](rules::Level level, const std::string& channel) { alarms_.unsaved(level, channel); },
            [this](const adapters::Channel& channel, const adapters::Update& update, bool answered) {
              if (channel.name == kCanaryChannel) return true;  // answered it is; there is nothing to keep
              // The page keeps what it could not send, and shows the help lines meanwhile.
              return channel.platform != "web" && spool_.add({channel.name, update, answered});
            },
            [this] { return spool_.left(); },
            [this] { return store_.healthy(); }};
  }
  // What people on call do: waits until it is kept.
  bool take_now(const Address& address, rules::Event event) {
    std::promise<Taken> promise;
    conversation_.take(address, "on_call:" + environment_.random_token(), std::move(event), limits_of(address.channel),
                       [&promise](Taken taken) { promise.set_value(std::move(taken)); });
    Taken taken = promise.get_future().get();
    if (!taken.rows.empty()) replies(address.channel, std::move(taken.rows));
    return taken.kind == Taken::Kind::committed;
  }
  void call_out(adapters::HttpCall call, bool allow_private, CallDone done) {
    asio::post(*contexts_.back(), [this, call = std::move(call), allow_private, done = std::move(done)]() mutable {
      client_.call(std::move(call), allow_private, std::move(done));
    });
  }
  // The operator's own addresses: they may be in the operator's own network.
  Alarms::Ways ways() {
    return {[this](adapters::HttpCall call, CallDone done) { call_out(std::move(call), true, std::move(done)); },
            [this](const std::string& name, const std::string& contact, const std::string& text,
                   const std::function<void(bool)>& went) {
              const auto& channel = *webhooks_.channel(name);
              const auto* adapter = adapters::find(channel.platform);
              adapters::Outgoing out;
              out.contact = contact;
              out.text = text;
              out.key = "alarm-" + environment_.random_token().substr(0, 16);
              out.urgent = true;
              sender_.ask(channel, adapter->send(channel, out, environment_.now()),
                          [adapter, went](const adapters::HttpResult& result) {
                            went(std::holds_alternative<adapters::Delivered>(adapter->conclude(result)));
                          });
            },
            [this](const AlarmRow& alarm) {
              TimerRow timer{alarm.person, alarm.address, std::string(rules::kAlarmSeen), environment_.now()};
              conversation_.take(timer, limits_of(alarm.address.channel),
                                 [this, channel = alarm.address.channel](Taken taken) {
                                   if (!taken.rows.empty()) replies(channel, std::move(taken.rows));
                                 });
            },
            [this] { return canary_.well(); }};
  }
  // Of a channel that is no longer configured: nothing is sent, and so nothing matters.
  [[nodiscard]] adapters::Limits limits_of(const std::string& channel) const {
    const auto* c = webhooks_.channel(channel);
    if (c == nullptr) return {};
    auto limits = adapters::find(c->platform)->limits();
    limits.window = adapters::window_of(limits, *c);
    return limits;
  }
  Sender::Events sender_events() {
    return {[this](const Address& address) {
              adapters::Update blocked;
              blocked.kind = adapters::Kind::blocked;
              blocked.contact = address.contact;
              blocked.id = "blocked:" + environment_.random_token();
              if (const auto* channel = webhooks_.channel(address.channel))
                conversation_.take(*channel, blocked, limits_of(address.channel), [](const Taken&) {});
            },
            [this](const Address& from, const std::string& to) { store_.move(from, to); },
            [this](const std::string& channel, std::string text, const CallDone& done) {
              gateways_.send(channel, std::move(text), done);
            }};
  }
  void replies(const std::string& channel, std::vector<OutboxRow> rows) {
    if (channel == web_channel()) return webchat_.deliver(rows);
    sender_.add(std::move(rows));
  }

  void load_packs() {
    std::lock_guard lock(loading_);
    rules::Problems not_in_force;
    auto pack = shelf_.load(not_in_force);
    for (const auto& p : not_in_force) std::cerr << p.text() << "\n";
    if (!not_in_force.empty())
      log(LogLevel::error, "published_packs_left_out", {{"problems", static_cast<std::int64_t>(not_in_force.size())}});
    if (pack) {
      packs_.set(*pack);
      for (const auto& warning : (*pack)->warnings) std::cerr << warning << "\n";
      store_.note(environment_.now(), "packs", 0, (*pack)->version);
      log(LogLevel::info, "packs", {{"version", std::string_view((*pack)->version)}});
    } else {
      for (const auto& p : pack.error()) std::cerr << p.text() << "\n";
      log(LogLevel::error, packs_.get() == nullptr ? "safe_mode" : "packs_kept",
          {{"problems", static_cast<std::int64_t>(pack.error().size())}});
    }
  }
  void wait_reload(asio::signal_set& signals) {
    signals.async_wait([this, &signals](const boost::system::error_code& ec, int) {
      if (ec) return;
      std::thread([this] { load_packs(); }).detach();
      wait_reload(signals);
    });
  }
  void resend() {  // what was committed and not delivered: before the last stop, or by another node
    for (auto rows = store_.claim(kOutboxPage); !rows.empty(); rows = store_.claim(kOutboxPage)) {
      std::erase_if(rows, [this](const auto& row) { return row.channel == web_channel(); });
      sender_.add(std::move(rows));
    }
  }
  void listen_to_others() {
    store_.hear([this](std::int64_t person, bool left) {
      if (left) resend();
      webchat_.look(web_channel(), person);
    });
  }
  void watch() {
    metrics_.gauge_connections(server_.connections());
    metrics_.gauge_pack(packs_.get() != nullptr, store_.healthy());
    metrics_.gauge_spool(static_cast<double>(spool_.left()));
    canary_.run(packs_.get().get());
    metrics_.gauge_canary(canary_.well());
    watch_.expires_after(std::chrono::seconds(1));
    watch_.async_wait([this](const boost::system::error_code& ec) {
      if (!ec) watch();
    });
  }
  void help_overdue() {
    webhooks_.help_overdue();
    overdue_.expires_after(kHelpLook);
    overdue_.async_wait([this](const boost::system::error_code& ec) {
      if (!ec) help_overdue();
    });
  }
  void log_head() {  // kept outside the database, it shows a trail that was cut off
    AuditHead head = store_.audit_head();
    log(LogLevel::info, "audit_head", {{"entries", head.seq}, {"hash", std::string_view(head.hash)}});
  }
  void drain() {
    log(LogLevel::info, "stopping");
    server_.stop_accepting();
    timers_.stop();
    alarms_.stop();
    desk_.stop();
    spool_.stop();
    webchat_.stop();
    auto until = std::chrono::steady_clock::now() + kDrain;
    while ((server_.in_flight() > 0 || sender_.waiting() > 0) && std::chrono::steady_clock::now() < until) {
      if (server_.in_flight() == 0 && std::chrono::steady_clock::now() > until - kDrain + std::chrono::seconds(2))
        break;  // what a platform does not take now waits in the store
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    log_head();
    store_.stop();
    asio::post(*contexts_.back(), [this] {
      gateways_.stop();
      sender_.stop();
      client_.stop();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    for (auto& context : contexts_) context->stop();
  }

  Config config_;
  std::filesystem::path rules_;
  unsigned threads_;
  Contexts contexts_;
  std::unique_ptr<Environment> environment_owner_;
  Environment& environment_;
  Metrics metrics_;
  Packs packs_;
  std::unique_ptr<Store> store_owner_;
  Store& store_;
  Spool spool_;
  Shelf shelf_;
  Trends trends_;
  Conversation conversation_;
  HttpClient client_;
  Sender sender_;
  Push push_;
  WebChat webchat_;
  Webhooks webhooks_;
  Timers timers_;
  Gateways gateways_;
  Alarms alarms_;
  Canary canary_;
  Desk desk_;
  Router router_;
  HttpServer server_;
  asio::steady_timer watch_{*contexts_.front()};
  asio::steady_timer overdue_{*contexts_.back()};  // the sender's: nothing there waits for a disk
  std::thread drain_;
  std::mutex loading_;  // of packs
};

}  // namespace

int serve(const Config& config) {
  if (sodium_init() < 0) return 1;
  start_log(config.log_level);
  umask(0077);  // the database holds what people told it
  constexpr rlimit kNoCore{0, 0};
  setrlimit(RLIMIT_CORE, &kNoCore);  // and so would a core dump
  prctl(PR_SET_DUMPABLE, 0);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {  // the usual 1,024 is meant for programs that use select(2)
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  if (!lock_down()) log(LogLevel::warning, "not_locked_down");
  std::error_code ec;
  std::filesystem::create_directories(config.data, ec);
  Config complete_config = config;
  try {
    std::optional<Vault> shared;
    if (!config.store.empty()) shared.emplace(master_key(config.data, SystemEnvironment()));
    for (auto& channel : complete_config.channels)
      complete(channel, config.data, SystemEnvironment(), shared ? &*shared : nullptr);
    App app(complete_config);
    return app.run();
  } catch (const std::runtime_error& e) {  // keys that cannot be read
    std::cerr << e.what() << "\n";
    return 1;
  }
}

}  // namespace bot
