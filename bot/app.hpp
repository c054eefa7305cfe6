// app: the composition root of `steady serve`: owns everything, knows the order of start and stop.
//   start  packs, store, client, sender (what waited goes on), timers, server
//   stop   (SIGTERM, SIGINT) accept nothing new, let taken turns commit, end streams, stop timers, sender, store
//   reload (SIGHUP) packs anew; the last good ones stay when the new ones fail
#pragma once
#include <string>

#include "bot/config.hpp"

namespace bot {

int serve(const Config& config);

}  // namespace bot
