// desk_accounts: who may sit at the operator's desk: accounts with a password (Argon2id) and a one-time code
// (totp.hpp), their roles and sessions, and the invitations that make them. All of it is one sealed document of the
// store, so that every node knows it; tokens and codes of invitations are kept as hashes only. The first invitation, as
// owner, is made where there is no account yet: whoever reads the service's output has it. Failure: a refusal with a
// status and a sentence; what is wrong with a login is not said. After kFreeTries wrong tries an account waits, longer
// each time, kLongestWait at most: people on call must get in. Threads: any; a login takes a tenth of a second and 64
// MiB. Tested by tests/bot/desk_accounts_test.cpp. Source:
// cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html, read 2026-11.
#pragma once
#include <array>
#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

#include "bot/environment.hpp"
#include "bot/store.hpp"

namespace bot {

enum class Role : std::uint8_t { owner, carer, author, auditor };
inline constexpr std::array<std::string_view, 4> kRoles{"owner", "carer", "author", "auditor"};
inline std::string_view name_of(Role role) { return kRoles[static_cast<std::size_t>(role)]; }
std::optional<Role> role_named(std::string_view name);

inline constexpr std::chrono::hours kSessionLasts{12}, kInvitationLasts{72};
inline constexpr std::size_t kMinPasswordBytes = 12, kMaxPasswordBytes = 256, kMaxNameBytes = 40;
inline constexpr int kFreeTries = 5;
inline constexpr std::chrono::seconds kLongestWait{30};

struct DeskRefusal {
  int status = 400;
  std::string reason;
  std::chrono::seconds wait{0};  // 429
};
template <class T>
using OrRefusal = tl::expected<T, DeskRefusal>;

struct Who {
  std::string name, session;  // session: its short name, not what opens it
  Role role = Role::auditor;
};

struct Invitation {
  std::string code;  // given to one person, once
  Role role = Role::auditor;
  std::string secret, uri;  // of the authenticator app: base32, and otpauth:// for a QR code
};

struct Login {
  std::string name, password, code;  // of the app
  std::string from;                  // address, for the list of sessions
};

class Accounts {
 public:
  Accounts(Store& store, Environment& environment) : store_(store), environment_(environment) {}
  // The code of an owner's invitation, where there is no account; a former one is void.
  OrRefusal<std::optional<std::string>> first_invitation();
  OrRefusal<std::string> invite(Role role, const Who& by);
  OrRefusal<Invitation> invited(const std::string& code);
  // Both give what opens a session.
  OrRefusal<std::string> enrol(const std::string& invitation, const Login& login);
  OrRefusal<std::string> login(const Login& login);
  std::optional<Who> who(std::string_view token);
  OrRefusal<nlohmann::json> list(const Who& who);  // an owner sees all accounts and sessions, others their own
  OrRefusal<bool> end_session(const std::string& session, const Who& by);
  OrRefusal<bool> remove(const std::string& name, const Who& by);
  OrRefusal<bool> change_password(const Who& who, const std::string& before, const std::string& after);

 private:
  [[nodiscard]] nlohmann::json opened(const std::string& body) const;
  OrRefusal<nlohmann::json> read();
  // `change` may be called again when somebody else was quicker; what it refuses is not kept.
  template <class Change>
  OrRefusal<bool> write(Change change);
  std::string open_session(nlohmann::json& desk, const std::string& name, const std::string& from);
  std::optional<DeskRefusal> must_wait(const std::string& name);
  void tried(const std::string& name, bool right);

  Store& store_;
  Environment& environment_;
  std::mutex mutex_;
  struct Tries {
    int wrong = 0;
    rules::Time next{};
  };
  std::map<std::string, Tries> tries_;
  rules::Time read_at_{};
  std::string cached_;  // the document, for who()
};

}  // namespace bot
