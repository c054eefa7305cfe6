// mail: one message over SMTP, by libcurl. Blocking, at most kMailDeadline. Returns what went wrong; empty = the server
// took it. The text is English ASCII of ours. Threads: any. Source: curl.se/libcurl/c/smtp-mail.html (7.88), RFC 5322.
// Tested by tests/e2e/alarms.mjs.
#pragma once
#include <chrono>
#include <string>

#include "bot/config.hpp"

namespace bot {

inline constexpr std::chrono::seconds kMailDeadline{10};

std::string send_mail(const Smtp& smtp, const std::string& to, const std::string& subject, const std::string& text);

}  // namespace bot
