#include "bot/command_person.hpp"

#include <fstream>
#include <future>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bot/command_rules.hpp"
#include "bot/drawing.hpp"
#include "bot/environment.hpp"
#include "bot/iso_time.hpp"
#include "bot/store_open.hpp"
#include "rules/records.hpp"

namespace bot {
namespace {

using json = nlohmann::ordered_json;

Address address(const PersonOptions& o) { return {o.channel, o.contact}; }

// The store and the person in it; none: why was said.
struct Found {
  std::unique_ptr<Store> store;
  rules::Person person;
};
std::unique_ptr<Store> open(const PersonOptions& o) { return open_for_command(o.store, o.data); }
std::optional<Found> find(const PersonOptions& o) {
  auto store = open(o);
  if (!store) return std::nullopt;
  auto person = store->person(address(o));
  if (!person) {
    std::cerr << (store->healthy() ? "nobody is known as " + o.contact + " on the channel " + o.channel
                                   : "the database in " + o.data.string() + " or its keys cannot be opened")
              << "\n";
    return std::nullopt;
  }
  return Found{std::move(store), std::move(*person)};
}

json known(double n) { return n < 0 ? json(nullptr) : json(n); }
json known(int n) { return n < 0 ? json(nullptr) : json(n); }

json json_of(const rules::Trajectory& t) {
  auto way = [](rules::Direction d) { return rules::kDirectionNames[static_cast<std::size_t>(d)]; };
  json j;
  j["moments"] = t.moments;
  j["since"] = t.moments == 0 ? json(nullptr) : json(iso(t.since));
  j["easily"] = {{"a_week", known(t.a_week)}, {"direction", way(t.easily)}};
  j["total"] = {
      {"of", t.total_of}, {"median", known(t.total_median)}, {"high", t.total_high}, {"direction", way(t.total)}};
  j["pass"] = {{"of", t.pass_of}, {"median_minutes", known(t.pass_minutes)}, {"direction", way(t.pass)}};
  j["repair"] = {{"of", t.ruptures}, {"repaired", t.repaired}, {"direction", way(t.repair)}};
  j["gap"] = {{"of", t.gap_of},
              {"before_acting", t.gap_before},
              {"median_minutes", known(t.gap_minutes)},
              {"direction", way(t.gap)}};
  j["balance_28_days"] = {{"attention", t.attention}, {"experience", t.experience}, {"past", t.past}};
  j["balance_28_days"]["thin"] = t.thin.empty() ? json(nullptr) : json(t.thin);
  j["hard_weeks"] = {{"of", rules::kRecentWeeks},
                     {"weeks", t.hard_weeks},
                     {"moments", t.hard_moments},
                     {"eased_within_a_day", t.hard_eased}};
  return j;
}

bool write(const std::string& file, const std::string& bytes) {
  if (std::ofstream out(file, std::ios::binary); out.write(bytes.data(), static_cast<std::streamsize>(bytes.size())))
    return true;
  std::cerr << file << " cannot be written\n";
  return false;
}

}  // namespace

int person_show(const PersonOptions& o) {
  auto found = find(o);
  if (!found) return 1;
  std::cout << rules::describe(found->person);
  return 0;
}

int person_export_all(const PersonOptions& o) {
  auto store = open(o);
  if (!store) return 1;
  store->note(SystemEnvironment().now(), "export", 0, "of a channel, by command");
  for (const auto& contact : store->contacts(o.channel)) {
    auto person = store->person({o.channel, contact});
    json kept = person ? json::parse(rules::to_json(*person)) : json(nullptr);  // null: it does not open
    std::cout << json{{"channel", o.channel}, {"contact", contact}, {"kept", std::move(kept)}}.dump() << "\n";
  }
  return 0;
}

int person_export(const PersonOptions& o) {
  auto found = find(o);
  if (!found) return 1;
  found->store->note(SystemEnvironment().now(), "export", 0, "by command");
  std::cout << json{{"channel", o.channel},
                    {"contact", o.contact},
                    {"kept", json::parse(rules::to_json(found->person))}}
                   .dump(2)
            << "\n";
  return 0;
}

int person_trajectory(const PersonOptions& o) {
  auto now = o.now.empty() ? std::optional(SystemEnvironment().now()) : parse_iso(o.now);
  if (!now) {
    std::cerr << "--now takes a time such as 2026-11-24T02:11:00Z\n";
    return 2;
  }
  auto found = find(o);
  if (!found) return 1;
  std::cout << json_of(rules::trajectory_of(found->person, *now)).dump(2) << "\n";
  if (o.png.empty() && o.svg.empty()) return 0;
  auto pack = load_or_print(o.rules);
  if (pack == nullptr) return 1;
  auto picture = rules::picture_of(found->person, *now, rules::Texts(*pack, found->person.language));
  if (!o.png.empty() && !write(o.png, draw_png(picture))) return 1;
  return o.svg.empty() || write(o.svg, draw_svg(picture)) ? 0 : 1;
}

int person_forget(const PersonOptions& o) {
  auto found = find(o);
  if (!found) return 1;
  if (!o.sure) {
    std::cout << "Everything kept of " << o.contact << " on " << o.channel
              << " will be erased, but for a safety note while risk stands. Type yes: " << std::flush;
    std::string answer;
    if (!std::getline(std::cin, answer) || answer != "yes") {
      std::cout << "nothing was erased\n";
      return 1;
    }
  }
  SystemEnvironment environment;
  std::promise<TurnResult> promise;
  auto forget = [](const rules::Person& person) {
    rules::Decision decision;
    decision.next = rules::erased(person);
    decision.erase = true;
    return decision;
  };
  found->store->turn(address(o), "forget:" + environment.random_token(), environment.now(), forget,
                     [&](TurnResult result) { promise.set_value(std::move(result)); });
  TurnResult result = promise.get_future().get();
  if (result.kind != TurnResult::Kind::done) {
    std::cerr << "nothing was erased: " << result.problem << "\n";
    return 1;
  }
  std::cout << "erased; what is left:\n" << rules::describe(found->store->person(address(o)).value_or(rules::Person{}));
  return 0;
}

}  // namespace bot
