// command_keys: `steady keys rotate`: a new master key, and every person's key wrapped anew; what is sealed stays as it
// is. Nothing is lost if it is killed: the new key is written first, and whichever opens the database is the one that
// counts. With the service stopped: it holds the old key. Exit status: 0 done, 1 nothing was changed.
// Tested by tests/e2e/person.mjs.
#pragma once
#include <filesystem>

namespace bot {

int keys_rotate(const std::filesystem::path& data);

}  // namespace bot
