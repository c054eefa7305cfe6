// command_audit: `steady audit verify|list` and `steady report`, for the operator who has to show what was done.
// verify reads the whole trail with its key and says the first thing that is wrong with
// it. report counts a year: help lines given, by need and country, alarms, erasures, exports; no identifiers; and the
// protocol. Exit status: 0 all is right, 1 something is wrong. Tested by tests/e2e/audit.mjs.
#pragma once
#include <filesystem>
#include <string>

namespace bot {

struct AuditOptions {
  std::filesystem::path data = "data";
  std::string store;  // postgres://...; empty: SQLite in data
  int year = 0;       // 0 = this one
  bool json = false;
};

int audit_verify(const AuditOptions& options);
int audit_list(const AuditOptions& options);
int report(const AuditOptions& options);

}  // namespace bot
