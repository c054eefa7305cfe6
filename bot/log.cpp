#include "bot/log.hpp"

#include <sodium.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <nlohmann/json.hpp>

namespace bot {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::shared_ptr<spdlog::logger>& logger() {
  static std::shared_ptr<spdlog::logger> instance = spdlog::stderr_logger_mt("steady");
  return instance;
}

}  // namespace

void start_log(LogLevel level) {
  logger()->set_pattern("%v");
  logger()->set_level(level_of(level));
  logger()->flush_on(spdlog::level::warn);
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!logger()->should_log(level_of(level))) return;
  static constexpr std::array<const char*, 4> kNames{"debug", "info", "warning", "error"};
  auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  nlohmann::json line{
      {"at", now.time_since_epoch().count()}, {"level", kNames[static_cast<std::size_t>(level)]}, {"event", event}};
  for (const auto& f : fields) {
    if (const auto* n = std::get_if<std::int64_t>(&f.value)) {
      line[std::string(f.name)] = *n;
    } else {
      line[std::string(f.name)] = std::get<std::string_view>(f.value);
    }
  }
  logger()->log(level_of(level), line.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
}

std::string hidden(std::string_view address) {
  static const auto key = [] {
    std::array<unsigned char, crypto_shorthash_KEYBYTES> k{};
    crypto_shorthash_keygen(k.data());
    return k;
  }();
  std::array<unsigned char, crypto_shorthash_BYTES> hash{};
  crypto_shorthash(hash.data(), reinterpret_cast<const unsigned char*>(address.data()), address.size(),
                   key.data());  // NOLINT: libsodium's type
  std::array<char, 9> text{};
  sodium_bin2hex(text.data(), text.size(), hash.data(), 4);
  return text.data();
}

}  // namespace bot
