// log: JSON lines on standard error. Fields are names, numbers and codes: there is no way to hand it a message's text,
// and a Secret does not convert to anything it takes. Addresses are hashed per process, so that lines can be told
// apart, not people. Threads: any.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace bot {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct LogField {
  std::string_view name;
  std::variant<std::int64_t, std::string_view> value;
};

void start_log(LogLevel level);
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
std::string hidden(std::string_view address);  // eight hex digits, different in every process

}  // namespace bot
