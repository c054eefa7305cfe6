#include "bot/command_chat.hpp"

#include <unistd.h>

#include <cstdio>
#include <future>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "bot/conversation.hpp"
#include "bot/iso_time.hpp"
#include "bot/store_sqlite.hpp"
#include "rules/schedule.hpp"

namespace bot {
namespace {

using json = nlohmann::json;
constexpr std::chrono::seconds kTypingSeconds{7};  // a message takes time to write: the simulated clock moves by this
constexpr std::chrono::hours kMaxAdvance{24 * 366 * 2};
constexpr std::chrono::milliseconds kTypingFeel{350};

class Chat {
 public:
  Chat(const ChatOptions& options, rules::Time start)
      : options_(options),
        clock_(start),
        store_((options.data / "steady.db").string()),
        conversation_(store_, packs_, clock_) {
    channel_.name = "terminal";
    channel_.platform = "terminal";
    channel_.settings["country"] = options.country;
    limits_.text = std::string::npos;
    if (options.taps != "rich") limits_.choices = options.taps == "three" ? 3 : 0;
    if (auto pack = rules::load_pack(options.rules, false)) {
      packs_.set(*pack);
    } else {
      for (const auto& p : pack.error()) std::cerr << p.text() << "\n";
      std::cerr << "no packs: safe mode, every message is answered with the help lines\n";
    }
    for (const auto& row : store_.outbox_of(address(), 100)) show(row, {});  // what was not shown before the last end
  }

  int run() {
    if (options_.json) ready();
    std::string line;
    while (std::getline(std::cin, line)) {
      if (!(options_.json ? json_line(line) : typed_line(line))) return 1;
    }
    return 0;
  }

 private:
  [[nodiscard]] Address address() const { return {channel_.name, options_.contact}; }
  void ready() { std::cout << json{{"ready", true}, {"now", iso(clock_.now())}}.dump() << std::endl; }

  bool json_line(const std::string& line) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) return true;
    json in = json::parse(line, nullptr, false);
    if (in.is_object() && in.contains("text") && in["text"].is_string()) {
      say(in["text"].get<std::string>());
    } else if (in.is_object() && in.contains("choice") && in["choice"].is_string()) {
      choose(in["choice"].get<std::string>());
    } else if (in.is_object() && in.contains("advance") && in["advance"].is_string()) {
      auto length = rules::parse_duration(in["advance"].get<std::string>());
      if (!length || *length > kMaxAdvance) {
        std::cout << json{{"error", "advance takes a length of time such as PT20M or P1D, up to two years"}}.dump()
                  << std::endl;
      } else {
        advance(*length);
      }
    } else {
      std::cout << json{{"error", "a line is {\"text\": ...}, {\"choice\": value} or {\"advance\": \"PT20M\"}"}}.dump()
                << std::endl;
    }
    ready();
    return true;
  }

  bool typed_line(const std::string& line) {
    char* end = nullptr;
    long n = std::strtol(line.c_str(), &end, 10);
    bool number = end != line.c_str() && *end == '\0';
    bool scale = choices_.size() == 11;  // 0 to 10: the number is the answer
    if (number && !scale && n >= 1 && n <= static_cast<long>(choices_.size())) {
      choose(choices_[static_cast<std::size_t>(n) - 1].value);
    } else if (line.starts_with("+")) {
      if (auto length = rules::parse_duration(line.substr(1))) advance(*length);
    } else if (!line.empty()) {
      say(line);
    }
    return true;
  }

  void say(const std::string& text) {
    tick();
    adapters::Update update;
    update.kind = text == "/start" ? adapters::Kind::began : adapters::Kind::text;
    update.text = text;
    take(std::move(update));
  }
  void choose(const std::string& value) {
    if (value.find('.') == std::string::npos) return say(value);  // a label typed as a choice
    tick();
    adapters::Update update;
    update.kind = adapters::Kind::choice;
    update.value = value;
    take(std::move(update));
  }
  void tick() {
    if (simulated()) {
      advance(kTypingSeconds);
    } else {
      clock_.set(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
      fire(clock_.now());
    }
  }
  [[nodiscard]] bool simulated() const { return options_.json || !options_.now.empty(); }

  void take(adapters::Update update) {
    update.id = clock_.random_token();
    update.contact = options_.contact;
    update.language = options_.language;
    finish([&](TakenDone done) { conversation_.take(channel_, update, limits_, std::move(done)); });
  }

  void finish(const std::function<void(TakenDone)>& start) {
    std::promise<Taken> promise;
    auto answer = promise.get_future();
    start([&](Taken taken) { promise.set_value(std::move(taken)); });
    Taken taken = answer.get();
    if (taken.kind == Taken::Kind::failed) {
      std::cerr << "not kept: " << taken.problem << "\n";
      OutboxRow row;
      auto reply = rules::last_resort(options_.country, options_.language);
      row.message.text = reply.text;
      return show(row, {});
    }
    for (const auto& row : taken.rows) show(row, taken.why);
  }

  void advance(std::chrono::seconds length) {
    rules::Time until = clock_.now() + length;
    fire(until);
    clock_.set(until);
  }
  void fire(rules::Time until) {
    for (int fired = 0; fired < 10'000; ++fired) {
      auto next = store_.next_timer(address());
      if (!next || *next > until) return;
      if (*next > clock_.now()) clock_.set(*next);
      for (const auto& timer : store_.due(*next, 100))
        if (timer.address == address())
          finish([&](TakenDone done) { conversation_.take(timer, limits_, std::move(done)); });
    }
  }

  void show(const OutboxRow& row, const std::vector<std::string>& why) {
    choices_ = row.message.choices;
    if (options_.json) {
      json choices = json::array();
      for (const auto& c : row.message.choices) choices.push_back({{"label", c.label}, {"value", c.value}});
      std::cout << json{{"say",
                         {{"text", row.message.text}, {"choices", choices}, {"at", iso(clock_.now())}, {"why", why}}}}
                       .dump(-1, ' ', false, json::error_handler_t::replace)
                << std::endl;
    } else {
      if (options_.typing && isatty(STDOUT_FILENO) != 0) std::this_thread::sleep_for(kTypingFeel);
      std::cout << "\n" << row.message.text << "\n";
      if (choices_.size() == 11) {
        std::cout << "  [0 to 10]\n";
      } else {
        for (std::size_t i = 0; i < choices_.size(); ++i)
          std::cout << "  " << i + 1 << " " << choices_[i].label << "\n";
      }
      std::cout << "\n" << std::flush;
    }
    if (row.id != 0) store_.settle({Settlement::Kind::delivered, row.id, clock_.now(), {}});
  }

  ChatOptions options_;
  SimulatedEnvironment clock_;
  Packs packs_;
  SqliteStore store_;
  Conversation conversation_;
  adapters::Channel channel_;
  adapters::Limits limits_;
  std::vector<adapters::Choice> choices_;
};

}  // namespace

int chat(const ChatOptions& options) {
  auto start = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (!options.now.empty()) {
    auto at = parse_iso(options.now);
    if (!at) {
      std::cerr << "--now takes a time such as 2026-11-24T02:11:00Z\n";
      return 2;
    }
    start = *at;
  }
  std::error_code ec;
  std::filesystem::create_directories(options.data, ec);
  Chat chat(options, start);
  if (!options.json) std::cout << "Steady, a program. Write as it is; a number taps a choice. Ctrl-D ends.\n";
  return chat.run();
}

}  // namespace bot
