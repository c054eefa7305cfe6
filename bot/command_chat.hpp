// command_chat: `steady chat`, a conversation in a terminal, and with --json the same for programs: one object a line.
//   stdin   {"text": ...} | {"choice": value} | {"advance": "PT20M"}
//   stdout  {"say": {"text", "choices": [{"label","value"}], "at", "why": [...]}} for each message to the person, then
//           {"ready": true, "now": ...}
// The clock is simulated with --json or --now: it starts at --now, moves by kTypingSeconds a message and by "advance";
// timers fire in order on the way. State lives in DIR/steady.db, the same as the service's. Everything is what a chat
// platform would get.
#pragma once
#include <filesystem>
#include <string>

namespace bot {

struct ChatOptions {
  std::filesystem::path rules, data = "data";
  std::string contact = "me", now, country, language, taps = "rich";
  bool json = false, typing = true;
};

int chat(const ChatOptions& options);

}  // namespace bot
