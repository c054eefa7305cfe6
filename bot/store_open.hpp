// store_open: the store that a configuration names: SQLite in the data folder, or PostgreSQL by its URL.
#pragma once
#include <filesystem>
#include <memory>

#include "bot/environment.hpp"
#include "bot/store.hpp"

namespace bot {

inline constexpr std::string_view kPostgresUrl = "postgres";  // postgres://, postgresql://

// patience: as store.hpp says; zero: a slow disk is waited for. Errors: std::runtime_error where the keys cannot be
// read; a database that is away is no error, and is looked for again.
std::unique_ptr<Store> open_store(const std::string& url, const std::filesystem::path& data,
                                  const Environment& environment, std::chrono::milliseconds patience);

// For a command: a database that is there already. Null: there is none, or it does not open; which was said.
std::unique_ptr<Store> open_for_command(const std::string& url, const std::filesystem::path& data);
// A secret that Steady makes for itself: with SQLite of the data folder's own, on several nodes the same on each.
adapters::Secret key_for(const std::string& url, const std::filesystem::path& data, const char* purpose,
                         const Environment& environment);
// The key of the trail of audit.hpp.
std::string audit_key(const std::string& url, const std::filesystem::path& data, const Environment& environment);

}  // namespace bot
