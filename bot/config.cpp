#include "bot/config.hpp"

#include <re2/re2.h>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "adapters/registry.hpp"
#include "bot/store_open.hpp"
#include "rules/yaml.hpp"

namespace bot {
namespace {

using rules::Form;
using rules::Problems;
using rules::YamlNode;

std::string from_environment(const YamlNode& node, Problems& problems) {
  if (!node.scalar.starts_with('$')) return node.scalar;
  const char* value = std::getenv(node.scalar.c_str() + 1);
  if (value != nullptr) return value;
  problems.push_back(rules::problem_at(node.place, "the environment has no " + node.scalar.substr(1),
                                       "export " + node.scalar.substr(1) + "=..., or write the value here"));
  return "";
}

constexpr std::array<std::string_view, 7> kEveryChannel{"platform",      "pack",           "api_base",       "country",
                                                        "allow_private", "bot_per_second", "chat_per_second"};

// A secret may be there twice: NAME_old is what it was before a rotation, and still counts.
bool is_secret(const adapters::Adapter& adapter, std::string_view key) {
  return std::any_of(adapter.settings().begin(), adapter.settings().end(), [&](const adapters::Setting& s) {
    return s.secret && (key == s.key || (key.starts_with(s.key) && key.substr(s.key.size()) == "_old"));
  });
}

std::vector<std::string> keys_of(const adapters::Adapter& adapter) {
  std::vector<std::string> out(kEveryChannel.begin(), kEveryChannel.end());
  for (const auto& s : adapter.settings()) out.emplace_back(s.key);
  return out;
}

adapters::Channel channel_of(const std::string& name, const YamlNode& node, Problems& problems) {
  adapters::Channel channel;
  channel.name = name;
  if (name.empty() || name.size() > 64 ||
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos)
    problems.push_back(rules::problem_at(node.place, "the channel name '" + name + "' is not of a-z 0-9 - _",
                                         "it stands in the webhook's address"));
  const YamlNode* platform = node.find("platform");
  if (platform != nullptr) channel.platform = platform->scalar;
  const adapters::Adapter* adapter = adapters::find(channel.platform);
  if (adapter == nullptr) {
    std::vector<std::string> known;
    for (const auto* a : adapters::all()) known.emplace_back(a->platform());
    problems.push_back(rules::problem_at(node.place, "no platform is called '" + channel.platform + "'",
                                         rules::suggest(channel.platform, known)));
    return channel;
  }
  auto keys = keys_of(*adapter);
  for (const auto& [key, value] : node.entries) {
    if (value.kind != YamlNode::Kind::scalar) {
      problems.push_back(rules::problem_at(value.place, key + " is not one value", "write key: value"));
    } else if (key == "pack") {
      channel.pack = value.scalar;
    } else if (is_secret(*adapter, key)) {
      channel.secrets[key] = adapters::Secret(from_environment(value, problems));
    } else if (key != "platform") {
      if (std::find(keys.begin(), keys.end(), key) == keys.end())
        problems.push_back(rules::problem_at(value.place, "a " + channel.platform + " channel has no '" + key + "'",
                                             rules::suggest(key, keys)));
      channel.settings[key] = from_environment(value, problems);
    }
  }
  for (const auto& lack : adapter->missing(channel))
    problems.push_back(
        rules::problem_at(node.place, std::string("the channel ").append(name).append(" lacks ").append(lack)));
  return channel;
}

AlarmRoute route_of(const YamlNode& node, const Config& config, Problems& problems) {
  AlarmRoute route;
  Form form(node, "an alarm route", problems);
  auto secret = [&](const char* key) {
    const YamlNode* value = form.any(key);
    return adapters::Secret(value == nullptr ? "" : from_environment(*value, problems));
  };
  if (auto url = form.text("webhook"); !url.empty()) {
    route.to = url;
    route.secret = secret("secret");
    if (!route.secret.reveal().starts_with("whsec_"))
      form.wrong(node, "the webhook has no secret that begins with whsec_", "secret: $ALARM_SECRET");
  } else if (auto mail = form.text("email"); !mail.empty()) {
    route.kind = AlarmRoute::Kind::email;
    route.to = mail;
  } else {
    route.kind = AlarmRoute::Kind::channel;
    route.to = form.text("channel");
    route.contact = form.text("contact");
    bool known = std::any_of(config.channels.begin(), config.channels.end(), [&](const auto& c) {
      return c.name == route.to && c.platform != "web";  // nobody on call keeps the page open
    });
    if (!known || route.contact.empty())
      form.wrong(node, "an alarm route is a webhook, an email, or a channel with a contact",
                 "webhook: https://..., email: ops@example.org, or channel: NAME and contact: ADDRESS");
  }
  return route;
}

void load_alarms(const YamlNode& node, Config& config, Problems& problems) {
  Form form(node, "alarms", problems);
  AlarmsConfig& alarms = config.alarms;
  alarms.operator_name = form.text("operator");
  alarms.heartbeat = form.text("heartbeat");
  if (const YamlNode* routes = form.any("routes"))
    for (const auto& item : routes->items) alarms.routes.push_back(route_of(item, config, problems));
  if (const YamlNode* smtp = form.map("smtp")) {
    Form s(*smtp, "smtp", problems);
    alarms.smtp = {s.text("url"), s.text("from"), s.text("user"), {}};
    if (const YamlNode* password = s.any("password"))
      alarms.smtp.password = adapters::Secret(from_environment(*password, problems));
    if (!alarms.smtp.url.starts_with("smtp://") && !alarms.smtp.url.starts_with("smtps://"))
      s.wrong(*smtp, "smtp has no url that begins with smtp:// or smtps://", "url: smtps://mail.example.org");
  }
  constexpr std::size_t kMaxOperatorBytes = 60;  // it stands in the middle of short lines
  if (alarms.operator_name.size() > kMaxOperatorBytes)
    form.wrong(*node.find("operator"), "operator is longer than 60 bytes", "a short name: Elm House");
  bool mails = std::any_of(alarms.routes.begin(), alarms.routes.end(),
                           [](const auto& r) { return r.kind == AlarmRoute::Kind::email; });
  if (mails && (alarms.smtp.url.empty() || alarms.smtp.from.empty()))
    form.wrong(node, "an email route needs smtp with url and from",
               "smtp: {url: smtps://..., from: steady@example.org}");
  if (alarms.routes.empty() != alarms.operator_name.empty())
    form.wrong(node, "alarms need both routes and an operator", "operator: who is alerted, as people are told");
}

// Sites that may show the chat: scheme, host and port, as a browser compares them.
std::vector<std::string> origins_of(Form& form, const YamlNode& root) {
  static const re2::RE2 kOrigin(R"(https://[a-z0-9.-]+(:\d+)?|http://(localhost|127\.0\.0\.1)(:\d+)?)");
  std::vector<std::string> out = form.words("embed");
  for (const auto& origin : out)
    if (!re2::RE2::FullMatch(origin, kOrigin))
      form.wrong(*root.find("embed"), "'" + origin + "' is no origin", "https://www.example.org, without a path");
  return out;
}

}  // namespace

std::string hook_url(const std::string& public_url, const std::string& channel) {
  return public_url.empty() ? "" : public_url + std::string(kHooks) + channel;
}

rules::Result<Config> parse_config(const std::string& text, const std::string& file) {
  auto root = rules::parse_yaml(text, file);
  if (!root) return tl::unexpected(root.error());
  if (root->kind == YamlNode::Kind::null) root->kind = YamlNode::Kind::map;  // an empty file: all as usual
  Problems problems;
  Config config;
  {
    Form form(*root, "the configuration", problems);
    if (const YamlNode* listen = form.map("listen")) {
      Form l(*listen, "listen", problems);
      config.listen_address = l.text("address", config.listen_address);
      int port = l.number("port", config.listen_port);
      if (port < 0 || port > 65535) l.wrong(*listen, "port is not between 0 and 65535", "port: 8080");
      config.listen_port = static_cast<unsigned short>(port);
    }
    config.data = form.text("data", "data");
    if (const YamlNode* store = form.any("store")) {
      config.store = from_environment(*store, problems);
      if (!config.store.starts_with(kPostgresUrl))
        form.wrong(*store, "store is no address of PostgreSQL",
                   "postgres://steady@localhost/steady, or nothing: SQLite");
    }
    config.rules = form.text("rules");
    config.public_url = form.text("public_url");
    if (!config.public_url.empty() && !config.public_url.starts_with("https://") &&
        !config.public_url.starts_with("http://127.0.0.1"))
      form.wrong(*root->find("public_url"), "public_url does not begin with https://", "platforms post only to https");
    while (config.public_url.ends_with('/')) config.public_url.pop_back();
    int threads = form.number("threads", 0);
    if (threads < 0 || threads > 256)
      form.wrong(*root->find("threads"), "threads is not between 0 and 256", "0 takes one a core");
    config.threads = static_cast<unsigned>(std::clamp(threads, 0, 256));
    std::string level = form.text("log", "info");
    constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warning", "error"};
    int index = rules::index_of(kLevels, level);
    if (index < 0)
      form.wrong(*root->find("log"), "no log level is called '" + level + "'",
                 rules::suggest(level, rules::list_of(kLevels)));
    config.log_level = static_cast<LogLevel>(std::max(index, 0));
    if (const YamlNode* channels = form.map("channels"))
      for (const auto& [name, node] : channels->entries) config.channels.push_back(channel_of(name, node, problems));
    config.embed = origins_of(form, *root);
    std::string desk = form.text("desk", "on");
    if (desk != "on" && desk != "off") form.wrong(*root->find("desk"), "desk is neither on nor off", "desk: off");
    config.desk = desk == "on";
    if (const YamlNode* alarms = form.map("alarms")) load_alarms(*alarms, config, problems);
  }
  if (const char* port = std::getenv("STEADY_PORT")) config.listen_port = static_cast<unsigned short>(std::atoi(port));
  if (std::none_of(config.channels.begin(), config.channels.end(), [](const auto& c) { return c.platform == "web"; })) {
    adapters::Channel web;  // the chat page is on unless a file says otherwise
    web.name = web.platform = "web";
    config.channels.push_back(std::move(web));
  }
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  for (auto& channel : config.channels) channel.hook_url = hook_url(config.public_url, channel.name);
  return config;
}

rules::Result<Config> load_config(const std::string& file) {
  if (file.empty()) return parse_config("", "(defaults)");
  std::ifstream in(file);
  if (!in) return tl::unexpected(rules::Problems{{file, 0, 0, "cannot be read", "check the path after --config"}});
  std::ostringstream text;
  text << in.rdbuf();
  return parse_config(text.str(), file);
}

}  // namespace bot
