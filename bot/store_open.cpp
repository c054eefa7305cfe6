#include "bot/store_open.hpp"

#include <iostream>

#include "bot/keys.hpp"
#include "bot/store_postgres.hpp"
#include "bot/store_sqlite.hpp"

namespace bot {

std::unique_ptr<Store> open_store(const std::string& url, const std::filesystem::path& data,
                                  const Environment& environment, std::chrono::milliseconds patience) {
  if (!url.empty()) return std::make_unique<PostgresStore>(url, data, environment, std::max(patience, kStorePatience));
  return std::make_unique<SqliteStore>((data / "steady.db").string(), patience);
}

std::unique_ptr<Store> open_for_command(const std::string& url, const std::filesystem::path& data) {
  try {
    bool there = !url.empty() || std::filesystem::exists(data / "steady.db");
    auto store = there ? open_store(url, data, SystemEnvironment(), std::chrono::milliseconds(0)) : nullptr;
    if (store) store->audit_head();  // the first answer says whether it could be opened
    if (store && store->healthy()) return store;
  } catch (const std::runtime_error& e) {
    std::cerr << e.what() << "\n";
  }
  std::cerr << (url.empty() ? "no database at " + (data / "steady.db").string() +
                                  " can be opened; --data names the folder that holds steady.db"
                            : "the database of --store cannot be opened with the keys in " + (data / "keys").string())
            << "\n";
  return nullptr;
}

adapters::Secret key_for(const std::string& url, const std::filesystem::path& data, const char* purpose,
                         const Environment& environment) {
  return url.empty() ? own_key(data, purpose, environment)
                     : adapters::Secret(Vault(master_key(data, environment)).derived(purpose));
}

std::string audit_key(const std::string& url, const std::filesystem::path& data, const Environment& environment) {
  return key_for(url, data, "audit", environment).reveal();
}

}  // namespace bot
