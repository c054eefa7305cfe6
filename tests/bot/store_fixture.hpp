// store_fixture: what the tests of the stores share: a folder of their own, a turn that counts, a schema of their own
// on the PostgreSQL that STEADY_TEST_POSTGRES names (tests/with_postgres).
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <future>

#include "bot/postgres.hpp"
#include "bot/store.hpp"

namespace bot {

inline const rules::Time kNow{std::chrono::seconds(1'778'000'000)};
inline const Address kAna{"telegram", "5"};

class StoreFolder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("steady-store-" + std::to_string(::getpid()) + "-" +
                                                        testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string path() const { return (folder_ / "steady.db").string(); }

  static TurnResult turn(Store& store, const Address& who, const std::string& event, Decide decide,
                         rules::Time now = kNow) {
    std::promise<TurnResult> promise;
    auto result = promise.get_future();
    store.turn(who, event, now, std::move(decide), [&](TurnResult r) { promise.set_value(std::move(r)); });
    return result.get();
  }
  // Counts its turns in the person and answers with the number.
  static rules::Decision count(rules::Person p) {
    rules::Decision d;
    ++p.turn;
    d.next = std::move(p);
    rules::Reply reply;
    reply.text = std::to_string(d.next.turn);
    reply.choices = {{"A", "a.b.1.c"}};
    d.replies.push_back(std::move(reply));
    return d;
  }
  static void settle(Store& store, Settlement::Kind kind, const OutboxRow& row, rules::Time due = kNow) {
    store.settle({kind, row.id, due, {}, row.person, false});
  }
  std::filesystem::path folder_;
};

// The address of a new schema; empty: there is no server, and what needs one is skipped.
inline std::string new_schema(const std::string& prefix) {
  static int count = 0;
  const char* server = std::getenv("STEADY_TEST_POSTGRES");
  if (server == nullptr) return "";
  std::string name = prefix + std::to_string(::getpid()) + "_" + std::to_string(++count);
  std::string create = "CREATE SCHEMA " + name;
  PgConnection(server, std::chrono::seconds(5)).one(PgStatement{"create_schema", create.c_str()});
  return server + std::string("?options=-csearch_path%3D") + name;
}
inline constexpr const char* kNoServer = "STEADY_TEST_POSTGRES names no server: tests/with_postgres does";

}  // namespace bot
