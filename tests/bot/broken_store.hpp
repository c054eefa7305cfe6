// A store that keeps nothing and finds nothing: what its disk would say that is full.
#pragma once
#include "bot/store_parts.hpp"

namespace bot {

class BrokenStore : public Store {
 public:
  void turn(Address, std::string, rules::Time, Decide, Done done) override { done(failed_turn("disk full", false)); }
  void settle(Settlement) override {}
  std::vector<TimerRow> due(rules::Time, std::size_t) override { return {}; }
  std::optional<rules::Time> next_timer(const Address&) override { return {}; }
  std::vector<OutboxRow> outbox(std::int64_t, std::size_t) override { return {}; }
  std::vector<OutboxRow> claim(std::size_t) override { return {}; }
  std::vector<OutboxRow> outbox_of(const Address&, std::size_t) override { return {}; }
  std::optional<rules::Person> person(const Address&) override { return {}; }
  std::vector<AlarmRow> alarms_due(rules::Time, std::size_t) override { return {}; }
  void alarm_next(std::int64_t, int, rules::Time) override {}
  std::vector<AlarmRow> alarms(rules::Time, std::size_t) override { return {}; }
  std::vector<Standing> standing(rules::Time) override { return {}; }
  std::optional<Document> document(const std::string&) override { return {}; }
  bool put_document(const std::string&, const Document&) override { return false; }
  std::optional<AlarmRow> alarm(const std::string&) override { return {}; }
  bool acknowledge(const std::string&, rules::Time) override { return false; }
  void note(rules::Time, std::string, std::int64_t, std::string) override {}
  std::vector<AuditEntry> audit(std::int64_t, std::size_t) override { return {}; }
  AuditHead audit_head() override { return {}; }
  std::vector<std::string> contacts(const std::string&) override { return {}; }
  void move(const Address&, const std::string&) override {}
  [[nodiscard]] bool healthy() const override { return false; }
  void stop() override {}
};

}  // namespace bot
