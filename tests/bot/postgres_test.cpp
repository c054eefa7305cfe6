// Tests of the addresses of a database; what talks to one is in store_test.cpp and store_postgres_test.cpp.
#include "bot/postgres.hpp"

#include <gtest/gtest.h>

namespace bot {
namespace {

TEST(PostgresHosts, OfSeveralIsOneOfEachThatTakesWrites) {
  EXPECT_EQ(hosts_of("postgres://steady@db/steady"), std::vector<std::string>{"postgres://steady@db/steady"});
  auto two = hosts_of("postgres://me:it%27s@a,b:5433/steady");
  ASSERT_EQ(two.size(), 2U);
  EXPECT_NE(two[0].find("host='a' "), std::string::npos);
  EXPECT_NE(two[1].find("host='b' port='5433' "), std::string::npos) << two[1];
  for (const auto& one : two) {
    EXPECT_NE(one.find("password='it\\'s' "), std::string::npos) << one;
    EXPECT_NE(one.find("target_session_attrs='read-write' "), std::string::npos) << one;
  }
  EXPECT_NE(hosts_of("postgres://a,b/steady?port=5440")[1].find("port='5440'"), std::string::npos);
  EXPECT_EQ(hosts_of("postgres://a,b/steady?target_session_attrs=primary")[0].find("read-write"), std::string::npos);
  EXPECT_EQ(hosts_of("no url").size(), 1U);
}

}  // namespace
}  // namespace bot
