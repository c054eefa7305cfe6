// Properties 6 to 9: of what is written, without walking.
#include <algorithm>
#include <set>

#include "rules/checkins.hpp"
#include "rules/examples.hpp"
#include "rules/loader.hpp"
#include "rules/prover.hpp"
#include "rules/schedule.hpp"

namespace rules {
namespace {

using std::chrono::hours;

const Time kFrom{std::chrono::seconds(1'778'500'800)};  // 2026-05-11 12:00 UTC
constexpr unsigned kEveryDay = 0x7F;
constexpr hours kTenYears{24 * 3653}, kAround{24 * 8};

void take_over(Proof& proof, int property, const Problems& problems) {
  for (const Problem& p : problems) proof.fail(property, "", p.text());
}

void prove_directory(const Pack& pack, Proof& proof) {
  for (const auto& [code, country] : pack.directory.countries()) {
    if (pack.directory.emergency(code).empty()) proof.fail(8, code, "no emergency number");
    if (pack.directory.route(code, "suicide").line.empty()) proof.fail(8, code, "no route for somebody in danger");
    for (const Service& s : country.services) {
      if (s.sources.empty()) proof.fail(8, code, s.id + " names no source");
      if (s.checked.empty()) proof.fail(8, code, s.id + " was never checked: no date");
    }
  }
}

// The same with quiet hours of the person's own, and an hour earlier and later (flexible time).
void prove_own_hours(const CheckIn& schedule, Person person, Time at, const std::string& text, Proof& proof) {
  constexpr std::array<Quiet, 3> kOwn{Quiet{20, 10}, Quiet{0, 6}, Quiet{23, 7}};
  for (const Quiet& quiet : kOwn)
    for (int slot = 0; slot <= 2; ++slot) {
      CheckIn due = schedule;
      due.flexible = true;
      due.slot = slot;
      person.quiet = quiet;
      Time moved = at + hours(slot - 1);
      ++proof.turns;
      if (take_due(due, person, moved) != Due::skip && out_of_quiet(moved, person.zone, quiet) != moved)
        proof.fail(9, person.zone, text + " is sent at " + local_clock(moved, person.zone) + " in quiet hours");
    }
}

// Every zone, the days around every change of its clock in ten years: the schedules that the packs offer fall outside
// quiet hours, and one on a local day.
void prove_schedules(const Pack& pack, Proof& proof) {
  std::set<std::string> offered;
  for (const auto& [name, guide] : pack.guides)
    for (const Step& step : guide.steps) {
      auto take = [&](const std::vector<Act>& acts) {
        for (const Act& act : acts)
          if (act.kind == Act::Kind::checkin && act.value != kOff && act.value != kFlexible && act.value != kFixed)
            offered.insert(act.value);
      };
      take(step.acts);
      for (const Branch& b : step.next) take(b.acts);
    }
  for (const std::string& text : offered) {
    auto schedule = parse_check_in(text);
    if (!schedule) {
      proof.fail(9, text, "no schedule: “mon wed fri 20:30”, “daily 08:30”");
      continue;
    }
    if (schedule->days == 0) schedule->days = kEveryDay;  // on those that were chosen before
    for (const std::string& zone : zone_names()) {
      Time before{};
      bool ever = false;
      for (Time change : clock_changes(zone, kFrom, kFrom + kTenYears)) {
        for (Time at = next_due(*schedule, change - kAround, zone); at < change + kAround;
             at = next_due(*schedule, at, zone)) {
          ++proof.turns;
          CheckIn due = *schedule;
          Person p;
          p.zone = zone;
          p.last_unasked = before;
          bool sent = take_due(due, p, at) != Due::skip;
          if (sent && out_of_quiet(at, zone) != at) proof.fail(9, zone, text + " is sent at " + local_clock(at, zone));
          prove_own_hours(*schedule, p, at, text, proof);
          if (sent && at - before < hours(20)) proof.fail(9, zone, text + ": two within a day");
          if (sent) before = at;
          ever = ever || sent;
        }
      }
      if (!ever) proof.fail(9, zone, text + " is never sent: it falls into quiet hours");
    }
  }
}

}  // namespace

Proof prove_standing(const Pack& pack) {
  Proof proof;
  take_over(proof, 6, run_examples(pack));
  take_over(proof, 6, run_oracle(pack));
  Problems problems;
  check_texts(pack, problems);
  check_translations(pack, problems);
  check_completeness(pack, problems);
  take_over(proof, 7, problems);
  prove_directory(pack, proof);
  prove_schedules(pack, proof);
  return proof;
}

}  // namespace rules
