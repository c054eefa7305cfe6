// Tests of bot/config: all problems at once, each with its place.
#include "bot/config.hpp"

#include <gtest/gtest.h>

namespace bot {
namespace {

TEST(Config, AnEmptyFileIsTheEmbeddedDefault) {
  auto c = parse_config("", "steady.yaml");
  ASSERT_TRUE(c);
  EXPECT_EQ(c->listen_address, "127.0.0.1");
  ASSERT_EQ(c->channels.size(), 1U);
  EXPECT_EQ(c->channels[0].platform, "web");
}

TEST(Config, ReadsChannelsAndTheEnvironment) {
  setenv("STEADY_TEST_TOKEN", "1:abc", 1);
  auto c = parse_config(
      "listen: {address: 0.0.0.0, port: 9000}\npublic_url: https://steady.example/\nchannels:\n  tg: {platform: "
      "telegram, token: $STEADY_TEST_TOKEN, webhook_secret: abc}\n",
      "steady.yaml");
  ASSERT_TRUE(c) << c.error()[0].text();
  EXPECT_EQ(c->listen_port, 9000);
  EXPECT_EQ(c->public_url, "https://steady.example");
  EXPECT_EQ(c->channels[0].secret("token").reveal(), "1:abc");
  EXPECT_EQ(c->channels[0].setting("token"), "") << "a secret among the settings could be printed";
}

TEST(Config, ReportsEverythingAtOnceWithPlaces) {
  auto c = parse_config(
      "lisen: {port: 1}\nlog: loud\npublic_url: ftp://x\nthreads: many\nchannels:\n  tg: {platform: telegramm}\n  two: "
      "{platform: telegram, tokn: x}\n  BAD: {platform: web}\n  g: {platform: generic, url: https://x, secret: "
      "$STEADY_NOT_SET}\n",
      "steady.yaml");
  ASSERT_FALSE(c);
  std::string all;
  for (const auto& p : c.error()) all += p.text() + "\n";
  for (const char* wanted : {"steady.yaml:1:8: the configuration has no 'lisen'", "did you mean 'listen'",
                             "steady.yaml:2:6: no log level is called 'loud'", "steady.yaml:3:13",
                             "steady.yaml:4:10: threads is not a whole number", "did you mean 'telegram'",
                             "a telegram channel has no 'tokn'", "did you mean 'token'", "lacks token",
                             "is not of a-z 0-9", "the environment has no STEADY_NOT_SET"})
    EXPECT_NE(all.find(wanted), std::string::npos) << wanted << "\nin:\n" << all;
}

TEST(Config, ReadsWhoIsAlarmed) {
  auto c = parse_config(
      "alarms:\n  operator: Elm House\n  smtp: {url: smtps://mail.example.org, from: steady@example.org}\n  routes:\n"
      "    - {webhook: https://pager.example.org, secret: whsec_YQ==}\n    - email: ops@example.org\n",
      "steady.yaml");
  ASSERT_TRUE(c) << c.error()[0].text();
  ASSERT_EQ(c->alarms.routes.size(), 2U);
  EXPECT_EQ(c->alarms.routes[1].to, "ops@example.org");
  EXPECT_EQ(c->alarms.operator_name, "Elm House");
  const std::pair<const char*, const char*> wrong[]{
      {"alarms:\n  operator: Elm House\n", "need both routes and an operator"},
      {"alarms:\n  routes:\n    - email: a@b.c\n", "an email route needs smtp"},
      {"alarms:\n  operator: X\n  routes:\n    - webhook: https://x\n", "no secret that begins with whsec_"},
      {"alarms:\n  operator: X\n  routes:\n    - {channel: nobody, contact: 1}\n", "or a channel with a contact"},
      {"alarms:\n  operator: X\n  routes:\n    - pager: 1\n", "an alarm route has no 'pager'"},
  };
  for (auto [text, wanted] : wrong) {
    auto refused = parse_config(text, "steady.yaml");
    ASSERT_FALSE(refused) << text;
    std::string all;
    for (const auto& p : refused.error()) all += p.text() + "\n";
    EXPECT_NE(all.find(wanted), std::string::npos) << all;
  }
}

TEST(Config, RefusesWhatIsNoYaml) {
  for (const char* bad : {"a: [", "- a", "x", "a: &b c\nd: *b"}) EXPECT_FALSE(parse_config(bad, "f")) << bad;
  EXPECT_FALSE(load_config("/nonexistent.yaml"));
}

}  // namespace
}  // namespace bot
