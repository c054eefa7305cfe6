#include "bot/command_desk.hpp"

#include <iostream>

#include "bot/desk_accounts.hpp"
#include "bot/store_open.hpp"

namespace bot {

int desk_invite(const DeskOptions& options) {
  auto role = role_named(options.role);
  auto store = role ? open_for_command(options.store, options.data) : nullptr;
  if (!role) std::cerr << "a role is owner, carer, author or auditor\n";
  if (!store) return 1;
  SystemEnvironment environment;
  auto code = Accounts(*store, environment).invite(*role, {"the command line", "", Role::owner});
  store->stop();
  if (!code) return std::cerr << code.error().reason << "\n", 1;
  std::cout << "An invitation as " << options.role << ", for three days, once: open /desk and give the code " << *code
            << "\n";
  return 0;
}

}  // namespace bot
