// command_store: `steady store copy FROM TO`: everything from SQLite to PostgreSQL or back; FROM and TO are a data
// folder and a postgres:// address, in either order. With the service stopped. The target must hold nobody. People are
// sealed anew for their new numbers under the same master key (keys/master of the folder, or the credential); replies
// keep their numbers, which are the platforms' idempotency keys; the trail is checked and then chained anew under the
// target's key. At the end both are read again, and their digests compared. Exit status: 0 copied and alike, 1 not, and
// why. Threads: one. Tested by tests/bot/store_copy_test.cpp.
#pragma once
#include <string>

namespace bot {

struct StoreCopyOptions {
  std::string from, to;
};

int store_copy(const StoreCopyOptions& options);

}  // namespace bot
