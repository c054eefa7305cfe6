#include "bot/config.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "adapters/registry.hpp"
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

bool secret_key(std::string_view key) {
  return key.find("secret") != std::string_view::npos || key.find("token") != std::string_view::npos;
}

adapters::Channel channel_of(const std::string& name, const YamlNode& node, Problems& problems) {
  adapters::Channel channel;
  channel.name = name;
  if (name.empty() || name.size() > 64 ||
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") != std::string::npos)
    problems.push_back(rules::problem_at(node.place, "the channel name '" + name + "' is not of a-z 0-9 - _",
                                         "it stands in the webhook's address"));
  for (const auto& [key, value] : node.entries) {
    if (value.kind != YamlNode::Kind::scalar) {
      problems.push_back(rules::problem_at(value.place, key + " is not one value", "write key: value"));
    } else if (key == "platform") {
      channel.platform = value.scalar;
    } else if (key == "pack") {
      channel.pack = value.scalar;
    } else if (secret_key(key)) {
      channel.secrets[key] = adapters::Secret(from_environment(value, problems));
    } else {
      static const std::vector<std::string> kKnown{"platform",
                                                   "pack",
                                                   "url",
                                                   "api_base",
                                                   "country",
                                                   "allow_private",
                                                   "bot_per_second",
                                                   "chat_per_second",
                                                   "token",
                                                   "webhook_secret",
                                                   "webhook_secret_old",
                                                   "secret",
                                                   "secret_old"};
      if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end())
        problems.push_back(
            rules::problem_at(value.place, "a channel has no '" + key + "'", rules::suggest(key, kKnown)));
      channel.settings[key] = from_environment(value, problems);
    }
  }
  const adapters::Adapter* adapter = adapters::find(channel.platform);
  if (adapter == nullptr) {
    std::vector<std::string> known;
    for (const auto* a : adapters::all()) known.emplace_back(a->platform());
    problems.push_back(rules::problem_at(node.place, "no platform is called '" + channel.platform + "'",
                                         rules::suggest(channel.platform, known)));
    return channel;
  }
  for (const auto& lack : adapter->missing(channel))
    problems.push_back(
        rules::problem_at(node.place, std::string("the channel ").append(name).append(" lacks ").append(lack)));
  return channel;
}

}  // namespace

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
  }
  if (const char* port = std::getenv("STEADY_PORT")) config.listen_port = static_cast<unsigned short>(std::atoi(port));
  if (std::none_of(config.channels.begin(), config.channels.end(), [](const auto& c) { return c.platform == "web"; })) {
    adapters::Channel web;  // the chat page is on unless a file says otherwise
    web.name = web.platform = "web";
    config.channels.push_back(std::move(web));
  }
  if (!problems.empty()) return tl::unexpected(std::move(problems));
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
