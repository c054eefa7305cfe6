// keys: secrets that Steady makes for itself at the first start and keeps in DATA/keys, readable by its owner only.
// Threads: one, before the service starts. Tested by tests/bot/keys_test.cpp.
#pragma once
#include <filesystem>

#include "adapters/adapter.hpp"
#include "bot/environment.hpp"

namespace bot {

class Vault;

// The secret `name`, made when there is none yet. Empty when the folder cannot be written; the caller's check then says
// so.
adapters::Secret own_key(const std::filesystem::path& data, const std::string& name, const Environment& environment);

// Gives channels the secrets that nobody has to choose (Telegram's webhook_secret).
// `shared`: on several nodes they are made of the master key, so that they are the same on each.
void complete(adapters::Channel& channel, const std::filesystem::path& data, const Environment& environment,
              const Vault* shared = nullptr);

}  // namespace bot
