// command_person: `steady person show|export|trajectory|forget`, for the operator who has to answer what is kept of
// somebody, and for the person on their own machine. Reads and writes DIR/steady.db, also beside a running service.
// Output: show is readable, export and trajectory are JSON (trajectory: numbers that are not known are null; minutes;
// directions are rules::kDirectionNames). Exit status: 0 done, 1 nobody is known by that address or the store cannot be
// opened, 2 wrong use. Tested by tests/e2e/person.mjs.
#pragma once
#include <filesystem>
#include <string>

namespace bot {

struct PersonOptions {
  std::filesystem::path rules, data = "data";
  std::string store;  // postgres://...; empty: SQLite in data
  std::string channel, contact, now, png, svg;
  bool sure = false;
};

int person_show(const PersonOptions& options);
int person_export_all(const PersonOptions& options);  // of the channel, a JSON object a line
int person_export(const PersonOptions& options);
int person_trajectory(const PersonOptions& options);
int person_forget(const PersonOptions& options);

}  // namespace bot
