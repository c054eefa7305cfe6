#include "bot/store_open.hpp"

#include "bot/store_postgres.hpp"
#include "bot/store_sqlite.hpp"

namespace bot {

std::unique_ptr<Store> open_store(const std::string& url, const std::filesystem::path& data,
                                  const Environment& environment, std::chrono::milliseconds patience) {
  if (!url.empty()) return std::make_unique<PostgresStore>(url, data, environment, std::max(patience, kStorePatience));
  return std::make_unique<SqliteStore>((data / "steady.db").string(), patience);
}

}  // namespace bot
