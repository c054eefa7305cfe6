// command_channel: `steady channel add|check|list`, for the operator. add asks for what a platform needs, checks it
// against the platform where that can be done, writes it into the configuration, registers the webhook where that is
// allowed, and says what is left to do by hand. check asks the platform of every channel whether it knows us. list
// tells from the store what came and went. Standard input and output; exit status: 0 all right, 1 something is wrong, 2
// wrong use. Nothing secret is printed but what has to be typed in elsewhere. Tested by tests/e2e/channel.mjs.
#pragma once
#include <map>
#include <string>

#include "adapters/adapter.hpp"

namespace bot {

struct ChannelOptions {
  std::string config = "steady.yaml", platform, name;
  std::map<std::string, std::string> values;  // key -> value: not asked for
};

// Asks the platform whether it knows us. Empty: it does, or there is nothing to ask; else what is wrong, in a sentence.
std::string channel_trouble(const adapters::Channel& channel);
adapters::HttpResult call_once(adapters::HttpCall what, bool allow_private);  // one call, waited for

int channel_add(const ChannelOptions& options);
int channel_check(const ChannelOptions& options);
int channel_list(const ChannelOptions& options);

}  // namespace bot
