// config: YAML and environment -> Config. Every problem at once, each with file:line:column; unknown keys are refused.
// A value of the form $NAME is taken from the environment, so that secrets need not stand in the file.
// Tested by tests/bot/config_test.cpp. The reference is README.md, Configuration.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "adapters/adapter.hpp"
#include "bot/log.hpp"
#include "rules/result.hpp"

namespace bot {

inline constexpr std::string_view kHooks = "/hooks/";  // then the channel's name, and what the platform adds
// Where a platform reaches the channel; empty without a public address.
std::string hook_url(const std::string& public_url, const std::string& channel);

struct AlarmRoute {
  enum class Kind : std::uint8_t { webhook, email, channel } kind = Kind::webhook;
  std::string to, contact;  // an address on the web, of a mailbox, or a channel's name and who on it
  adapters::Secret secret;
};
struct Smtp {
  std::string url, from, user;  // smtp://host:port, smtps://host; a user needs TLS
  adapters::Secret password;
};
struct AlarmsConfig {
  std::string operator_name;  // what people are told: who is alerted
  std::vector<AlarmRoute> routes;
  Smtp smtp;
  std::string heartbeat;  // asked every minute while all is well, for a checker outside
};

struct Config {
  std::string listen_address = "127.0.0.1";
  unsigned short listen_port = 8080;
  std::filesystem::path data = "data", rules;
  std::string store;       // postgres://..., on which any number of nodes run; empty = SQLite in data
  std::string public_url;  // https address under which platforms reach us; empty = nothing is registered
  unsigned threads = 0;    // 0 = one a core
  LogLevel log_level = LogLevel::info;
  std::vector<adapters::Channel> channels;
  std::vector<std::string> embed;  // origins whose pages may show the chat in a frame
  AlarmsConfig alarms;
  bool desk = true;        // the operator's desk under /desk
  std::string clock_file;  // tests only: environment.hpp, ShiftedEnvironment
};

rules::Result<Config> load_config(const std::string& file);
rules::Result<Config> parse_config(const std::string& text, const std::string& file);

}  // namespace bot
