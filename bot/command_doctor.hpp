// command_doctor: `steady doctor`, whether this installation can do its work: configuration, words, data, keys, clock,
// the public address, every channel, people on call, copies. It changes nothing, and may run beside the service.
// Standard output: one finding a line, "ok", "warn" or "FAIL", what was seen and what to do; with --json
// {"findings": [{"name", "state", "seen", "do"}], "state": the gravest}. Exit status: 0 nothing failed, 1 something
// did. Threads: one. Tested by tests/e2e/doctor.mjs. Source of the clock's state: adjtimex(2), man-pages 6.03.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "bot/config.hpp"
#include "rules/directory.hpp"

namespace bot {

enum class Health : std::uint8_t { ok, warn, fail };
inline constexpr std::array<std::string_view, 3> kHealth{"ok", "warn", "FAIL"};

struct DoctorFinding {
  std::string name;
  Health state = Health::ok;
  std::string what, to_do;
};

// What can be seen without a call to anybody and without reading the database: for the desk of a running service.
std::vector<DoctorFinding> glance(const Config& config, const rules::Directory& directory);

struct DoctorOptions {
  std::string config, rules;  // empty: steady.yaml if it is there, else the defaults; the rules beside the binary
  bool json = false;
};

int doctor(const DoctorOptions& options);

}  // namespace bot
