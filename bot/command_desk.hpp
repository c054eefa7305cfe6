// command_desk: `steady desk invite`, an invitation to the operator's desk from the machine itself: for the first
// account when its code is lost, and for an owner whose phone is. It may run beside the service. Standard output: the
// code and where it is used. Exit status: 0, or 1 with a sentence. Threads: one. Tested by tests/e2e/desk.mjs.
#pragma once
#include <filesystem>
#include <string>

namespace bot {

struct DeskOptions {
  std::filesystem::path data = "data";
  std::string store, role = "owner";
};

int desk_invite(const DeskOptions& options);

}  // namespace bot
