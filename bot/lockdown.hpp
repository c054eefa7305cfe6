// lockdown: what this process never does again, asked of the kernel (seccomp-bpf): start a program, look into another
// process, mount, load code into the kernel, change namespaces, take the keyring. Such a call fails with EPERM.
// Privileges cannot be gained either (no_new_privs). Where the kernel has no seccomp, nothing is locked, and it is
// said. Threads: call before any is started; all inherit it. Source: seccomp_rule_add(3), libseccomp 2.5.4, read
// 2026-11-30. Tested by tests/bot/lockdown_test.cpp, tests/e2e/generic.mjs.
#pragma once

namespace bot {

bool lock_down();  // false: not locked

}  // namespace bot
