// command_help: `steady completion bash|zsh|fish` and `steady man`, written from the tree of commands itself, so that
// they cannot say other than it does. Standard output. Exit status: 0. Threads: one.
// Tested by tests/e2e/command.mjs. Sources: bash(1) "Programmable Completion" (5.2), zshcompsys(1) (5.9),
// fishshell.com/docs/3.6/completions.html, man(7) (groff 1.22), read 2026-11-30.
#pragma once
#include <string>

namespace CLI {
class App;
}

namespace bot {

int completion(const CLI::App& app, const std::string& shell);
int manual(const CLI::App& app);

}  // namespace bot
