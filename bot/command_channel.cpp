#include "bot/command_channel.hpp"

#include <termios.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "adapters/registry.hpp"
#include "bot/config.hpp"
#include "bot/environment.hpp"
#include "bot/http_client.hpp"
#include "bot/keys.hpp"
#include "bot/sqlite.hpp"
#include "rules/yaml.hpp"

namespace bot {
namespace {

using adapters::Channel;

std::string file_text(const std::string& path) {
  std::ifstream in(path);
  std::stringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

void print(const rules::Problems& problems) {
  for (const auto& p : problems) std::cerr << p.text() << "\n";
}

// A line from the person; what is secret is not shown while it is typed.
std::string ask(const adapters::Setting& setting) {
  std::cout << setting.key << (setting.source == adapters::Source::optional ? " (may be empty)" : "") << ": "
            << setting.what << "\n> " << std::flush;
  termios before{};
  bool hidden = setting.secret && ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (hidden) {
    termios quiet = before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
  }
  std::string line;
  std::getline(std::cin, line);
  if (hidden) {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
    std::cout << "\n";
  }
  return line;
}

std::string quoted_value(const std::string& value) { return nlohmann::json(value).dump(); }  // JSON strings are YAML's

std::string block_of(const Channel& channel) {
  std::string out = "  " + channel.name + ":\n    platform: " + channel.platform + "\n";
  for (const auto& [key, value] : channel.settings)
    if (!value.empty()) out += "    " + key + ": " + quoted_value(value) + "\n";
  for (const auto& [key, secret] : channel.secrets)
    if (!secret.empty()) out += "    " + key + ": " + quoted_value(secret.reveal()) + "\n";
  return out;
}

// After the line `channels:`, or with that line at the end.
std::string with_block(const std::string& text, const std::string& block) {
  std::istringstream in(text);
  std::string out, line;
  bool placed = false;
  while (std::getline(in, line)) {
    out += line + "\n";
    if (placed || line.substr(0, line.find_last_not_of(" \t") + 1) != "channels:") continue;
    out += block;
    placed = true;
  }
  return placed ? out : out + "channels:\n" + block;
}

bool write_config(const std::string& file, const std::string& text) {
  std::string unfinished = file + ".new";
  std::ofstream(unfinished) << text;
  std::error_code ec;
  std::filesystem::permissions(unfinished, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
                               ec);
  if (!ec) std::filesystem::rename(unfinished, file, ec);
  return !ec;
}

const Channel* find_channel(const Config& config, const std::string& name) {
  for (const auto& c : config.channels)
    if (c.name == name) return &c;
  return nullptr;
}

std::string ago(std::int64_t now, std::int64_t at) {
  if (at == 0) return "never";
  std::int64_t seconds = std::max<std::int64_t>(0, now - at);
  if (seconds < 120) return std::to_string(seconds) + " s ago";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min ago";
  return seconds < 172'800 ? std::to_string(seconds / 3600) + " h ago" : std::to_string(seconds / 86'400) + " days ago";
}

struct Counts {
  std::int64_t people = 0, last_event = 0, queue = 0, dead = 0;
};

Counts counts_of(SqliteDatabase& db, const std::string& channel) {
  Counts out;
  auto number = [&](const char* sql) {
    SqliteStatement s(db.handle.get(), sql);
    s.bind(channel);
    return s.step() ? s.number(0) : 0;
  };
  out.people = number("SELECT count(*) FROM person WHERE channel=?");
  out.last_event = number("SELECT max(at) FROM event JOIN person ON person.id=event.person WHERE channel=?");
  out.queue = number("SELECT count(*) FROM outbox WHERE channel=?");
  out.dead = number("SELECT count(*) FROM dead WHERE channel=?");
  return out;
}

std::string window_of(const adapters::Limits& limits) {
  if (limits.window.count() == 0) return "always";
  return std::to_string((limits.window.count() + 59) / 60) + " h";
}

}  // namespace

adapters::HttpResult call_once(adapters::HttpCall what, bool allow_private) {
  boost::asio::io_context context(1);
  HttpClient client(context);
  adapters::HttpResult out;
  client.call(std::move(what), allow_private, [&](adapters::HttpResult result) {
    out = std::move(result);
    boost::asio::post(context, [&] { client.stop(); });
  });
  context.run();
  return out;
}

std::string channel_trouble(const Channel& channel) {
  const auto* adapter = adapters::find(channel.platform);
  auto what = adapter->check(channel, SystemEnvironment().now());
  if (!what) return "";
  auto result = call_once(std::move(*what), channel.own_network());
  if (result.status == 0) return "no answer from the platform: is the address right, and is there a way out?";
  struct Verdict {
    std::string operator()(const adapters::ChannelBroken& b) const {
      return "the platform does not accept the token or secret (" + b.code + ")";
    }
    std::string operator()(const adapters::Rejected& r) const { return r.sentence + " (" + r.code + ")"; }
    std::string operator()(const adapters::Retry&) const { return "the platform is busy or has a fault; try again"; }
    std::string operator()(const adapters::ContactStopped&) const {
      return "the platform does not let us in (403, 404)";
    }
    std::string operator()(const adapters::Delivered&) const { return ""; }
    std::string operator()(const adapters::Migrated&) const { return ""; }
    std::string operator()(const adapters::Unknown&) const { return "no answer from the platform"; }
  };
  if (result.status >= 200 && result.status < 300 && adapter->token_of(result)) return "";
  auto verdict = adapter->conclude(result);
  bool answered = result.status >= 200 && result.status < 300 && std::holds_alternative<adapters::Rejected>(verdict) &&
                  std::get<adapters::Rejected>(verdict).code == std::to_string(result.status);
  return answered ? "" : std::visit(Verdict{}, verdict);  // an answer of a shape that only messages have
}

int channel_add(const ChannelOptions& options) {
  const auto* adapter = adapters::find(options.platform);
  if (adapter == nullptr) {
    std::cerr << "no platform is called '" << options.platform << "'. There are:";
    for (const auto* a : adapters::all()) std::cerr << " " << a->platform();
    std::cerr << "\n";
    return 2;
  }
  std::string text = file_text(options.config);
  auto before = parse_config(text, options.config);
  if (!before) return print(before.error()), 1;
  Channel channel;
  channel.platform = options.platform;
  channel.name = options.name.empty() ? options.platform : options.name;
  if (text.find("\n  " + channel.name + ":") != std::string::npos) {
    std::cerr << options.config << " has a channel " << channel.name << " already; choose another with --name\n";
    return 1;
  }
  channel.hook_url = hook_url(before->public_url, channel.name);
  for (const auto& [key, value] : options.values) channel.settings[key] = value;
  for (const auto& setting : adapter->settings()) {
    std::string key(setting.key);
    auto given = options.values.find(key);
    if (given == options.values.end() && setting.source == adapters::Source::made) continue;
    std::string value = given == options.values.end() ? ask(setting) : given->second;
    channel.settings.erase(key);
    if (setting.secret) channel.secrets[key] = adapters::Secret(std::move(value));
    else channel.settings[key] = std::move(value);
  }
  std::string written = with_block(text, block_of(channel));
  if (auto after = parse_config(written, options.config); !after) {
    print(after.error());
    std::cerr << "nothing was written\n";
    return 1;
  }
  Channel complete_channel = channel;
  complete(complete_channel, before->data, SystemEnvironment());
  if (std::string problem = channel_trouble(complete_channel); !problem.empty()) {
    std::cerr << channel.name << ": " << problem << "\nnothing was written\n";
    return 1;
  }
  if (!write_config(options.config, written)) {
    std::cerr << options.config << " could not be written\n";
    return 1;
  }
  std::cout << "written to " << options.config << ", readable by its owner only. Start or restart the service.\n";
  if (channel.hook_url.empty()) {
    std::cout << "Set public_url: without it no platform can reach /hooks/" << channel.name << ".\n";
  } else if (!adapter->start_calls(complete_channel).empty()) {
    std::cout << "The address " << channel.hook_url << " is registered when it starts.\n";
  }
  if (std::string rest = adapter->by_hand(complete_channel); !rest.empty()) std::cout << "By hand: " << rest << "\n";
  return 0;
}

int channel_check(const ChannelOptions& options) {
  auto config = load_config(options.config);
  if (!config) return print(config.error()), 1;
  if (!options.name.empty() && find_channel(*config, options.name) == nullptr) {
    std::cerr << options.config << " has no channel " << options.name << "\n";
    return 2;
  }
  int status = 0;
  for (auto& channel : config->channels) {
    if (!options.name.empty() && channel.name != options.name) continue;
    complete(channel, config->data, SystemEnvironment());
    std::string problem = channel_trouble(channel);
    bool told = adapters::find(channel.platform)->check(channel, SystemEnvironment().now()).has_value();
    std::cout << channel.name << " (" << channel.platform << "): "
              << (!problem.empty() ? problem
                  : told           ? "ok"
                                   : "nothing to ask; complete")
              << "\n";
    if (!problem.empty()) status = 1;
  }
  return status;
}

int channel_list(const ChannelOptions& options) {
  auto config = load_config(options.config);
  if (!config) return print(config.error()), 1;
  auto file = config->data / "steady.db";
  std::unique_ptr<SqliteDatabase> db;
  if (std::filesystem::exists(file)) db = std::make_unique<SqliteDatabase>(file.string());
  auto now = SystemEnvironment().now().time_since_epoch().count();
  std::cout << std::left << std::setw(20) << "name" << std::setw(17) << "platform" << std::setw(8) << "people"
            << std::setw(14) << "last event" << std::setw(8) << "queue" << std::setw(8) << "dead"
            << "unasked\n";
  for (const auto& channel : config->channels) {
    Counts c = db ? counts_of(*db, channel.name) : Counts{};
    std::cout << std::setw(20) << channel.name << std::setw(17) << channel.platform << std::setw(8) << c.people
              << std::setw(14) << ago(now, c.last_event) << std::setw(8) << c.queue << std::setw(8) << c.dead
              << window_of(adapters::find(channel.platform)->limits()) << "\n";
  }
  return 0;
}

}  // namespace bot
