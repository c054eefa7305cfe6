// Tests of bot/lockdown: what is locked fails with EPERM, in threads too, and what the service does goes on.
#include "bot/lockdown.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <thread>

namespace bot {
namespace {

bool no_program() {
  errno = 0;
  ::execl("/bin/true", "/bin/true", nullptr);
  return errno == EPERM;
}

// In a process of its own: it cannot be unlocked.
int locked() {
  if (!lock_down()) return 2;
  if (!no_program()) return 3;
  bool in_a_thread = false;
  std::thread([&] { in_a_thread = no_program(); }).join();
  if (!in_a_thread) return 4;
  errno = 0;
  if (::unshare(CLONE_NEWNS) == 0 || errno != EPERM) return 5;
  errno = 0;
  if (::mount("none", "/tmp", "tmpfs", 0, nullptr) == 0 || errno != EPERM) return 6;
  return std::ofstream("/dev/null") << "still writes" ? 0 : 7;
}

TEST(Lockdown, StartsNothingMountsNothingAndGoesOn) { EXPECT_EXIT(::_exit(locked()), testing::ExitedWithCode(0), ""); }

}  // namespace
}  // namespace bot
