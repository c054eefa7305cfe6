// Tests of bot/audit: a trail that was changed, cut or forged says so, and says where.
#include "bot/audit.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace bot {
namespace {

struct Trail {
  std::vector<AuditEntry> entries;
  AuditHead head;
};

Trail trail(const std::string& key = "key", int length = 5) {
  Trail out;
  for (int i = 1; i <= length; ++i) {
    AuditEntry e{i, rules::Time(std::chrono::seconds(1'778'000'000 + i)), "notice", 7, "suicide US", {}};
    e.hash = audit_hash(key, out.head.hash, e);
    out.head = {e.seq, e.hash, {}};
    out.entries.push_back(std::move(e));
  }
  out.head.signature = audit_signature(key, out.head);
  return out;
}

std::string problem(const Trail& t, const std::string& key = "key") {
  AuditCheck check(key);
  for (const auto& e : t.entries) check.take(e);
  return check.problem(t.head);
}

TEST(Audit, AsWrittenIsRight) {
  EXPECT_EQ(problem(trail()), "");
  EXPECT_EQ(problem(trail("key", 0)), "");
  EXPECT_EQ(problem(trail(), "another key"), "entry 1 was changed");
}

TEST(Audit, EveryFieldOfEveryEntryIsHeld) {
  const std::function<void(AuditEntry&)> changes[]{
      [](AuditEntry& e) { e.at += std::chrono::seconds(1); }, [](AuditEntry& e) { e.what = "alarm"; },
      [](AuditEntry& e) { e.person = 8; }, [](AuditEntry& e) { e.detail = "suicide GB"; },
      [](AuditEntry& e) { e.hash[0] = e.hash[0] == 'a' ? 'b' : 'a'; }};
  for (std::size_t i = 0; i < 5; ++i)
    for (const auto& change : changes) {
      Trail t = trail();
      change(t.entries[i]);
      EXPECT_EQ(problem(t), "entry " + std::to_string(i + 1) + " was changed");
    }
}

TEST(Audit, WhatIsMissingIsMissed) {
  Trail hole = trail();
  hole.entries.erase(hole.entries.begin() + 2);
  EXPECT_EQ(problem(hole), "entry 3 is missing");
  Trail cut = trail();
  cut.entries.pop_back();
  EXPECT_EQ(problem(cut), "entries 5 to 5 are missing");
  Trail gone = trail();
  gone.entries.clear();
  EXPECT_EQ(problem(gone), "entries 1 to 5 are missing");
  Trail beheaded = trail();
  beheaded.head = {};
  EXPECT_EQ(problem(beheaded), "the head is not signed with this key");
}

TEST(Audit, ACutTrailCannotBeSignedWithoutTheKey) {
  Trail cut = trail();
  cut.entries.pop_back();
  cut.head = {4, cut.entries.back().hash, audit_signature("a guess", {4, cut.entries.back().hash, {}})};
  EXPECT_EQ(problem(cut), "the head is not signed with this key");
}

}  // namespace
}  // namespace bot
