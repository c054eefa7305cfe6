// Tests of the small parts of rules/: condition, person, json_writer, schedule, directory, risk, episode, compose,
// records, last resort.
#include <gtest/gtest.h>

#include "rules/compose.hpp"
#include "rules/condition.hpp"
#include "rules/directory.hpp"
#include "rules/engine.hpp"
#include "rules/episode.hpp"
#include "rules/json_writer.hpp"
#include "rules/records.hpp"
#include "rules/risk.hpp"
#include "rules/schedule.hpp"

namespace rules {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Time at(std::int64_t s) { return Time(seconds(s)); }
const Time kNow = at(1'778'000'000);  // 2026-05-05T16:53:20Z

const Directory& directory() {
  static const Directory d = Directory::load(STEADY_SOURCE "/rules/directory").value();
  return d;
}

struct Test {
  const char* text;
  bool holds;
};
class Conditions : public testing::TestWithParam<Test> {};
TEST_P(Conditions, Hold) {
  auto parsed = parse_condition(GetParam().text);
  ASSERT_TRUE(parsed) << parsed.error().what;
  bool result = holds(*parsed, [](std::string_view name) -> std::string {
    if (name == "strength") return "7";
    if (name == "risk") return "low";
    if (name == "pull") return "pursue";
    if (name == "zero") return "0";
    if (name == "refused") return "no";
    if (name == "heard:acted.*") return "yes";
    return name.starts_with("heard:") ? "no" : "";
  });
  EXPECT_EQ(result, GetParam().holds) << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(
    Table, Conditions,
    testing::Values(Test{"strength >= 7", true}, Test{"strength > 7", false},
                    Test{"strength < 8 and pull == pursue", true}, Test{"not pull == pursue", false},
                    Test{"pull in [withdraw, pursue]", true}, Test{"pull in [withdraw]", false},
                    Test{"risk >= low", true}, Test{"risk >= high", false}, Test{"risk < high", true},
                    Test{"unknown", false}, Test{"zero", false}, Test{"refused", false}, Test{"heard(acted.*)", true},
                    Test{"heard(pull.*)", false}, Test{"unknown > 3", false}, Test{"pull == x or strength == 7", true},
                    Test{"(pull == x or strength == 7) and not zero", true}, Test{"pull != pursue", false}));

TEST(Condition, SaysWhereItIsWrong) {
  for (const char* bad : {"strength >=", "and", "(a", "a in b", "heard(", "a b"})
    EXPECT_FALSE(parse_condition(bad)) << bad;
}

TEST(PersonJson, RoundTripsEverything) {
  Person p;
  p.seed = 7;
  p.first_seen = p.last_seen = p.risk_since = kNow;
  p.country = "US";
  p.risk = Risk::high;
  p.closed_gates["partner"] = kNow;
  p.paused_until = kNow + hours(3);
  p.stack.push_back({"notice", "notice.body", 3, 1, kNow, {{"notice.body", 1}}, {"pull"}});
  p.facts["strength"] = {"7", kNow};
  p.facts["keep.plan_signs"] = {"“quoted” \n line", kNow};
  open_episode(p, kNow);
  add_point(p, 7, kNow);
  p.episodes.push_back(*p.episode);
  p.episodes.back().closed = kNow;
  p.actions["pursue/walk"] = {1, 2, 3, kNow};
  p.signs.push_back({Need::eating, 2, kNow});
  p.uses["a"] = {2, 1, kNow};
  std::string json = to_json(p);
  auto loaded = person_from_json(json);
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_EQ(to_json(*loaded), json);
  EXPECT_EQ(loaded->episode->points.size(), 1U);
}

TEST(JsonWriter, WritesWhatAReaderReads) {
  JsonWriter w(16);
  w.open('{').key("a\"b").row("x\\y\n", std::int64_t{-5}, true);
  w.key("bad")
      .value("\xFFok \xE2\x80\x99")
      .key("none")
      .open('[')
      .close(']')
      .key("list")
      .value(std::vector<std::string>{"1", "2"});
  EXPECT_EQ(w.close('}').take(),
            "{\"a\\\"b\":[\"x\\\\y\\n\",-5,true],\"bad\":\"\xEF\xBF\xBDok "
            "\xE2\x80\x99\",\"none\":[],\"list\":[\"1\",\"2\"]}");
}

TEST(PersonJson, RefusesWhatItDoesNotKnow) {
  for (const char* bad : {"", "{}", "[]", "{\"format\":99}", "{\"format\":1,\"risk\":\"mild\"}",
                          "{\"format\":1,\"facts\":3}", "not json"})
    EXPECT_FALSE(person_from_json(bad)) << bad;
}

TEST(PersonMemory, WithoutConsentADayOldMomentIsGone) {
  Person p;
  open_episode(p, kNow);
  close_episode(p, kNow + minutes(30));
  p.facts["strength"] = {"7", kNow};
  p.facts["keep.risk_kind"] = {"self", kNow};
  p.risk = Risk::watch;
  forget_expired(p, kNow + hours(23));
  EXPECT_EQ(p.episodes.size(), 1U);
  forget_expired(p, kNow + hours(25));
  EXPECT_TRUE(p.episodes.empty());
  EXPECT_TRUE(p.fact("strength").empty());
  EXPECT_EQ(p.risk, Risk::watch);
  EXPECT_EQ(p.fact("keep.risk_kind"), "self");
  Person keeping;
  keeping.consent = "yes";
  open_episode(keeping, kNow);
  forget_expired(keeping, kNow + hours(25));
  EXPECT_EQ(keeping.episodes.size(), 1U);  // closed by time, kept by consent
}

TEST(Records, ErasingKeepsOnlyTheSafetyNote) {
  Person p;
  p.risk = Risk::high;
  p.country = "US";
  p.muted = true;
  p.closed_gates["partner"] = kNow;
  p.facts["strength"] = {"7", kNow};
  open_episode(p, kNow);
  Person left = erased(p);
  EXPECT_EQ(left.risk, Risk::high);
  EXPECT_TRUE(left.muted);
  EXPECT_TRUE(left.facts.empty());
  EXPECT_FALSE(left.episode);
  EXPECT_EQ(left.closed_gates.size(), 1U);
  p.risk = Risk::none;
  EXPECT_TRUE(erased(p).country.empty());
  EXPECT_NE(describe(p).find("strength: 7"), std::string::npos);
}

TEST(Risk, FallsOnlyByTimeAndRecheck) {
  Person p;
  raise(p, Risk::immediate, kNow);
  EXPECT_FALSE(recheck_negative(p, kNow + hours(20)));
  EXPECT_EQ(p.risk, Risk::immediate);
  EXPECT_TRUE(recheck_negative(p, kNow + hours(24)));
  EXPECT_EQ(p.risk, Risk::high);
  EXPECT_FALSE(recheck_negative(p, kNow + hours(30)));
  EXPECT_TRUE(recheck_negative(p, kNow + hours(49)));
  EXPECT_EQ(p.risk, Risk::low);
  raise(p, Risk::watch, kNow + hours(50));  // a lesser finding does not lower it
  EXPECT_EQ(p.risk, Risk::low);
  raise(p, Risk::high, kNow + hours(60));  // a new one starts the time again
  EXPECT_FALSE(recheck_negative(p, kNow + hours(80)));
}

TEST(Schedule, TellsLocalTime) {
  EXPECT_EQ(local_clock(at(1'778'393'760), "America/New_York"), "2:16");
  EXPECT_EQ(local_date(kNow, "Europe/London").day, 5U);
  EXPECT_EQ(local_date(kNow, "Europe/London").month, 5U);
  EXPECT_TRUE(is_night(at(1'778'393'760), "America/New_York"));
  EXPECT_FALSE(zone_exists("Mars/Olympus"));
  EXPECT_EQ(local_clock(kNow, "Mars/Olympus"), local_clock(kNow, "UTC"));
}

TEST(Schedule, TomorrowIsAfterNineLocal) {
  for (const char* zone : {"America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia",
                           "America/Santiago"}) {
    for (int h = 0; h < 48; ++h) {
      Time now = kNow + hours(h);
      Time t = *after("tomorrow", now, zone);
      EXPECT_EQ(local_clock(t, zone), "9:00") << zone;
      EXPECT_GT(t, now);
      EXPECT_LE(t - now, hours(34)) << zone << h;
    }
  }
}

TEST(Schedule, QuietHoursEndAtEight) {
  Time night = at(1'778'393'760);  // 2:16 in New York
  EXPECT_EQ(local_clock(out_of_quiet(night, "America/New_York"), "America/New_York"), "8:00");
  EXPECT_EQ(out_of_quiet(kNow, "Europe/London"), kNow);
}

TEST(Schedule, SurvivesClockChanges) {
  Time before = at(1'774'746'000);  // 2026-03-29T01:00Z: London's clocks go from 1:00 to 2:00
  Time t = next_local(before - hours(2), "Europe/London", 1, 30);  // 1:30 does not exist that night
  EXPECT_EQ(local_clock(t, "Europe/London"), "2:00");
}

TEST(Schedule, ReadsDurations) {
  EXPECT_EQ(parse_duration("20m"), minutes(20));
  EXPECT_EQ(parse_duration("PT20M"), minutes(20));
  EXPECT_EQ(parse_duration("P1DT2H"), hours(26));
  EXPECT_EQ(parse_duration("3d"), hours(72));
  for (const char* bad : {"", "20", "m", "-5m", "P1M", "20x", "99999999999d"}) EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(DirectoryData, NamesALiveRouteEverywhere) {
  EXPECT_EQ(directory().size(), 97U);
  for (const auto& [code, country] : directory().countries()) {
    Route r = directory().route(code, "suicide");
    EXPECT_FALSE(r.line.empty()) << code;
    EXPECT_FALSE(r.line_full.empty()) << code;
    EXPECT_FALSE(directory().emergency(code).empty()) << code;
    auto firm = directory().services(code, "suicide", true);
    EXPECT_TRUE(!firm.empty() || r.line_full.find("findahelpline.com") != std::string::npos)
        << code << ": an unconfirmed line stands alone";
    for (const auto* s : firm) EXPECT_EQ(s->trust, Trust::firm);
  }
  EXPECT_EQ(directory().route("US", "suicide").line, "988");
  EXPECT_NE(directory().route("", "suicide").line_full.find("findahelpline.com"), std::string::npos);
  EXPECT_EQ(directory().route("US", "suicide").text, "text 988");
}

// Most of them have a page and no telephone; looked for in peace, that will do.
TEST(DirectoryData, FindsATherapistOnAPage) {
  EXPECT_NE(directory().route("GB", "therapist").line_full.find("https://"), std::string::npos);
  EXPECT_NE(directory().route("GB", "public-system").line.find("NHS Talking Therapies"), std::string::npos);
  EXPECT_NE(directory().route("DE", "trauma-therapist").line.find("DeGPT"), std::string::npos);
  std::string single = directory().route("IT", "trauma-therapist").line_full;  // one source only: beside the finder
  EXPECT_TRUE(single.find("EMDR") != std::string::npos && single.find("findahelpline") != std::string::npos) << single;
  EXPECT_EQ(directory().route("GB", "suicide").line, "Samaritans 116 123");
}

TEST(DirectoryData, KnowsCountriesByPhoneZoneAndName) {
  EXPECT_EQ(directory().country_of_phone("+1 202 555 0100"), "US");
  EXPECT_EQ(directory().country_of_phone("+1 416 555 0100"), "CA");
  EXPECT_EQ(directory().country_of_phone("+44 20 7946 0000"), "GB");
  EXPECT_EQ(directory().country_of_phone("12025550100"), "");  // no international form: a platform's own number
  EXPECT_EQ(directory().country_of_zone("Europe/Paris"), "FR");
  EXPECT_EQ(directory().country_named("the UK") + directory().country_named("uk"), "GB");
  EXPECT_EQ(directory().country_named("united states"), "US");
}

TEST(LastResort, AgreesWithTheDirectory) {
  for (const char* code :
       {"US", "CA", "GB", "IE", "AU", "NZ", "ES", "FR", "DE", "AT", "NL", "IN", "BR", "MX", "JP", "KR"}) {
    std::string text = last_resort(code, "en").text;
    const Country* c = directory().country(code);
    ASSERT_NE(c, nullptr);
    bool emergency = std::any_of(c->emergency.begin(), c->emergency.end(),
                                 [&](const auto& n) { return text.find(n) != std::string::npos; });
    EXPECT_TRUE(emergency) << code << " " << text;
    bool line = std::any_of(c->services.begin(), c->services.end(), [&](const auto& s) {
      return s.trust != Trust::weak && !s.phone.empty() && text.find(s.phone) != std::string::npos;
    });
    EXPECT_TRUE(line) << code << " " << text;
    EXPECT_TRUE(last_resort(code, "es").urgent);
  }
  EXPECT_NE(last_resort("", "en").text.find("911"), std::string::npos);
  EXPECT_EQ(phone_country("+1 202 555 0100"), "US");
}

TEST(Episode, RanksWhatHelped) {
  Person p;
  p.actions["pursue/walk"] = {0, 4, 3, kNow};
  p.actions["pursue/cold"] = {0, 4, 1, kNow};
  p.actions["pursue/feet"] = {0, 1, 1, kNow};   // tried once: not yet one's own best
  p.actions["pursue/phone"] = {0, 8, 1, kNow};  // below a quarter after five tries: retired
  auto best = best_actions(p, "pursue");
  ASSERT_EQ(best.size(), 2U);
  EXPECT_EQ(best[0].action, "walk");
  EXPECT_EQ(best[1].action, "cold");
}

TEST(Compose, RotatesWithoutRandomness) {
  Wording w{{}, {"One a", "Two b", "Three c"}, "x"};
  Person p;
  p.sitting_since = kNow;
  std::vector<std::string> said;
  for (int i = 0; i < 4; ++i) said.push_back(choose_variant(w.variants, w.id, p, kNow + minutes(i), false));
  EXPECT_EQ(said, (std::vector<std::string>{"One a", "Two b", "Three c", "One a"}));
  Person other;
  other.seed = 1;
  EXPECT_EQ(choose_variant(w.variants, w.id, other, kNow, false), "Two b");
}

TEST(Compose, CountsAndCutsGraphemes) {
  EXPECT_EQ(graphemes("e\u0301a"), 2);
  EXPECT_EQ(cut_graphemes("👩‍👩‍👧 family", 2), "👩‍👩‍👧 ");
  EXPECT_EQ(fill("{Body} {n}",
                 [](std::string_view name) { return name == "body" ? std::string("chest") : std::string("7"); }),
            "Chest 7");
}

TEST(Forgetting, NothingOfTheUnconsentingOutlivesADayButTheSafetyNote) {
  Person p;
  p.last_seen = kNow;
  p.facts["strength"] = {"7", kNow};
  p.facts["keep.plan_signs"] = {"the bridge", kNow};
  p.facts["keep.risk_kind"] = {"suicide", kNow};
  p.episodes.resize(1);
  p.episodes[0].opened = kNow;
  p.actions["pursue/walk"] = {1, 2, 3, kNow};
  p.log.push_back({"evidence", kNow, {}});
  p.uses["notice.body"] = {1, 0, kNow};
  Time due = next_forgetting(p);
  EXPECT_EQ(due, kNow + hours(25));
  forget_expired(p, due);
  EXPECT_EQ(p.facts.size(), 1U);
  EXPECT_EQ(p.fact("keep.risk_kind"), "suicide");
  EXPECT_TRUE(p.episodes.empty() && p.actions.empty() && p.log.empty() && p.uses.empty());
  EXPECT_EQ(next_forgetting(p), kNow + kSilenceNotice);
}

TEST(Forgetting, WhoConsentedIsKeptUntilTwoYearsOfSilence) {
  Person p;
  p.consent = "yes";
  p.last_seen = kNow;
  p.facts["keep.plan_signs"] = {"the bridge", kNow};
  p.episodes.resize(1);
  p.episodes[0].opened = kNow;
  EXPECT_EQ(next_forgetting(p), kNow + kSilenceNotice);
  forget_expired(p, kNow + hours(24 * 400));
  EXPECT_EQ(p.episodes.size(), 1U);
  EXPECT_FALSE(p.fact("keep.plan_signs").empty());
  forget_expired(p, kNow + hours(24 * 731));
  EXPECT_TRUE(p.episodes.empty());
}

TEST(Forgetting, AHandoverIsShownWhileItLastsAndOutlivesNoDay) {
  Person p;
  p.first_seen = p.last_seen = Time(std::chrono::hours(480'000));
  p.handover.emplace();
  p.handover->since = p.handover->heard = p.last_seen;
  p.handover->lines.push_back({Handover::From::person, p.last_seen, "lantern"});
  EXPECT_NE(describe(p).find("lantern"), std::string::npos);
  EXPECT_EQ(to_json(erased(p)).find("lantern"), std::string::npos);
  Time next = next_forgetting(p);
  EXPECT_LE(next, p.last_seen + kScratchHours + std::chrono::hours(1));
  forget_expired(p, next);
  EXPECT_EQ(to_json(p).find("lantern"), std::string::npos);
}

TEST(PersonJson, APlanOfBeforeIsThePlanOfItsPull) {
  auto p = person_from_json(
      R"({"format":1,"facts":{"keep.kit_pull":["pursue",1],"keep.kit_act":["walk",1],"keep.kit_sign":["chest",1]}})");
  ASSERT_TRUE(p);
  EXPECT_EQ(p->fact("keep.kit_pursue_act"), "walk");
  EXPECT_EQ(p->fact("keep.kit_pursue_sign"), "chest");
  EXPECT_TRUE(p->fact("keep.kit_act").empty());
}

}  // namespace
}  // namespace rules
