// Who may sit at the desk: accounts, one-time codes, sessions.
#include "bot/desk_accounts.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bot/store_sqlite.hpp"
#include "bot/totp.hpp"

namespace bot {
namespace {

// RFC 6238, appendix B: the secret "12345678901234567890", eight digits there; the last six are ours.
TEST(Totp, IsAsTheStandardHasIt) {
  const std::string key = "12345678901234567890";
  for (auto [at, code] : {std::pair{59, "287082"},
                          {1111111109, "081804"},
                          {1111111111, "050471"},
                          {1234567890, "005924"},
                          {2000000000, "279037"}})
    EXPECT_EQ(totp(key, at / 30), code) << at;
  EXPECT_EQ(totp(key, 20'000'000'000 / 30), "353130");
  EXPECT_EQ(base32("foobar"), "MZXW6YTBOI") << "RFC 4648, 10";
  EXPECT_EQ(unbase32("mzxw 6ytb oi"), "foobar");
  EXPECT_FALSE(unbase32("1"));
}

class DeskAccounts : public testing::Test {
 protected:
  static constexpr rules::Time kNow{std::chrono::seconds(1'798'800'000)};
  SimulatedEnvironment clock_{kNow};
  SqliteStore store_{":memory:"};
  Accounts accounts_{store_, clock_};

  [[nodiscard]] std::string code(const std::string& secret) const {
    return totp(*unbase32(secret), clock_.now().time_since_epoch().count() / 30);
  }
  void pass(std::chrono::seconds length) { clock_.set(clock_.now() + length); }
  std::string secret_;  // of the last one made
  std::string make(const std::string& name, const std::string& invitation) {
    secret_ = accounts_.invited(invitation)->secret;
    auto token = accounts_.enrol(invitation, {name, "a long enough one", code(secret_), "127.0.0.1"});
    pass(std::chrono::seconds(30));
    return token ? *token : token.error().reason;
  }
  std::string owner() { return make("ana", **accounts_.first_invitation()); }
};

TEST_F(DeskAccounts, TheFirstIsMadeWithTheCodeOfTheOutputAndNoSecond) {
  std::string invitation = **accounts_.first_invitation();
  EXPECT_EQ(accounts_.invited("wrong").error().status, 404);
  auto wrong = accounts_.enrol(invitation, {"ana", "a long enough one", "000000", ""});
  EXPECT_EQ(wrong.error().status, 401);
  auto who = accounts_.who(make("ana", invitation));
  ASSERT_TRUE(who);
  EXPECT_EQ(who->name, "ana");
  EXPECT_EQ(who->role, Role::owner);
  EXPECT_FALSE(*accounts_.first_invitation()) << "there is an account";
  EXPECT_EQ(accounts_.invited(invitation).error().status, 404) << "it serves once";
}

TEST_F(DeskAccounts, PasswordAndCodeAreBothNeededAndACodeServesOnce) {
  owner();
  EXPECT_EQ(accounts_.login({"ana", "a long enough one", "000000", ""}).error().status, 401);
  EXPECT_EQ(accounts_.login({"ana", "another one, wrong", code(secret_), ""}).error().status, 401);
  EXPECT_EQ(accounts_.login({"bea", "a long enough one", code(secret_), ""}).error().status, 401);
  auto token = accounts_.login({"ana", "a long enough one", code(secret_), ""});
  ASSERT_TRUE(token);
  EXPECT_TRUE(accounts_.who(*token));
  EXPECT_EQ(accounts_.login({"ana", "a long enough one", code(secret_), ""}).error().status, 401)
      << "seen over a shoulder";
  EXPECT_FALSE(accounts_.who("A" + token->substr(1)));
}

TEST_F(DeskAccounts, WrongTriesWaitLongerAndARightOneEndsThat) {
  owner();
  for (int i = 0; i < kFreeTries; ++i)
    EXPECT_EQ(accounts_.login({"ana", "wrong wrong wrong", "1", ""}).error().status, 401);
  auto refused = accounts_.login({"ana", "a long enough one", code(secret_), ""});
  EXPECT_EQ(refused.error().status, 429);
  EXPECT_GT(refused.error().wait.count(), 0);
  pass(kLongestWait);
  EXPECT_TRUE(accounts_.login({"ana", "a long enough one", code(secret_), ""}));
  EXPECT_EQ(accounts_.login({"bea", "wrong wrong wrong", "1", ""}).error().status, 401) << "others do not wait";
}

TEST_F(DeskAccounts, SessionsEndByThemselvesAndByHand) {
  std::string first = owner();
  std::string second = *accounts_.login({"ana", "a long enough one", code(secret_), ""});
  auto who = accounts_.who(first);
  EXPECT_EQ(accounts_.list(*who)->at("sessions").size(), 2U);
  EXPECT_TRUE(accounts_.end_session(accounts_.who(second)->session, *who));
  EXPECT_FALSE(accounts_.who(second));
  EXPECT_TRUE(accounts_.who(first));
  pass(kSessionLasts);
  EXPECT_FALSE(accounts_.who(first));
}

TEST_F(DeskAccounts, OthersSeeTheirOwnAndCannotEndOthersSessions) {
  auto ana = accounts_.who(owner());
  std::string bea = make("bea", *accounts_.invite(Role::carer, *ana));
  auto who = accounts_.who(bea);
  EXPECT_EQ(who->role, Role::carer);
  EXPECT_EQ(accounts_.list(*who)->at("accounts").size(), 1U);
  EXPECT_EQ(accounts_.list(*ana)->at("accounts").size(), 2U);
  EXPECT_EQ(accounts_.end_session(ana->session, *who).error().status, 404);
  EXPECT_EQ(accounts_.remove("ana", *ana).error().status, 409) << "somebody has to be left";
  EXPECT_TRUE(accounts_.remove("bea", *ana));
  pass(std::chrono::seconds(3));
  EXPECT_FALSE(accounts_.who(bea));
}

TEST_F(DeskAccounts, APasswordIsChangedByWhoKnowsItAndEndsTheOtherSessions) {
  std::string first = owner();
  std::string second = *accounts_.login({"ana", "a long enough one", code(secret_), ""});
  auto who = accounts_.who(first);
  EXPECT_EQ(accounts_.change_password(*who, "wrong wrong wrong", "another long one").error().status, 401);
  EXPECT_EQ(accounts_.change_password(*who, "a long enough one", "short").error().status, 400);
  EXPECT_TRUE(accounts_.change_password(*who, "a long enough one", "another long one"));
  EXPECT_FALSE(accounts_.who(second));
  EXPECT_TRUE(accounts_.who(first));
  pass(std::chrono::seconds(60));
  EXPECT_TRUE(accounts_.login({"ana", "another long one", code(secret_), ""}));
}

TEST_F(DeskAccounts, NoSecretIsKeptThatOpensAnything) {
  std::string token = owner();
  std::string kept = store_.document("desk")->body;
  EXPECT_EQ(kept.find(token), std::string::npos);
  EXPECT_EQ(kept.find("a long enough one"), std::string::npos);
  EXPECT_NE(kept.find("$argon2id$"), std::string::npos);
}

}  // namespace
}  // namespace bot
