// Tests of rules/prover: the installed packs are proved, and faults that are put into a copy of the English pack are
// found, each under its property and with what shows it. Release only: a walk takes seconds.
#include "rules/prover.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace rules {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream all;
  all << in.rdbuf();
  return std::move(all).str();
}

TEST(Prover, ProvesTheInstalledPacks) {
  auto pack = load_pack(STEADY_SOURCE "/rules", false);
  ASSERT_TRUE(pack);
  Proof proof = prove(**pack);
  for (const auto& f : proof.failures)
    ADD_FAILURE() << kProperties[static_cast<std::size_t>(f.property - 1)] << "\n" << f.where << "\n" << f.shows;
  EXPECT_EQ(proof.proved(), 9);
  EXPECT_GT(proof.states, 10'000U);
}

struct Fault {
  const char *name, *file, *from, *to;
  int property;
  const char* shows;
};

class Seeded : public testing::TestWithParam<Fault> {};

TEST_P(Seeded, IsFound) {
  const Fault& fault = GetParam();
  fs::path folder = fs::path(testing::TempDir()) / (std::string("seeded-") + fault.name);
  fs::remove_all(folder);
  fs::create_directories(folder / "packs");
  fs::copy(STEADY_SOURCE "/rules/directory", folder / "directory");
  fs::copy(STEADY_SOURCE "/rules/packs/en", folder / "packs/en");
  if (fault.property == 7) fs::copy(STEADY_SOURCE "/rules/packs/es", folder / "packs/es");
  for (const auto& entry : fs::recursive_directory_iterator(folder / "packs"))
    if (entry.path().filename().string().starts_with("reader.")) fs::remove(entry.path());
  std::string text = text_of(folder / fault.file);
  std::size_t at = text.find(fault.from);
  ASSERT_NE(at, std::string::npos) << "the pack has changed: " << fault.from;
  std::ofstream(folder / fault.file) << text.replace(at, std::string_view(fault.from).size(), fault.to);
  auto pack = load_pack(folder, false);
  if (!pack) {  // it does not even load, and says why
    EXPECT_NE(pack.error().front().text().find(fault.shows), std::string::npos) << pack.error().front().text();
    fs::remove_all(folder);
    return;
  }
  Proof proof = fault.property <= 5 ? prove_walking(**pack) : prove_standing(**pack);
  bool found = std::any_of(proof.failures.begin(), proof.failures.end(), [&](const Failure& f) {
    return f.property == fault.property && (f.where + "\n" + f.shows).find(fault.shows) != std::string::npos;
  });
  std::string all;
  for (const auto& f : proof.failures) all += std::to_string(f.property) + " " + f.where + ": " + f.shows + "\n";
  EXPECT_TRUE(found) << "wanted " << fault.property << ": " << fault.shows << "\n" << all;
  fs::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Seeded,
    testing::Values(
        Fault{"no_route", "packs/en/lines.yaml",
              "\"{line} is there while we write.\", \"As you write, {line} is open.\",\n        \"While we write, "
              "{line} is there.\"",
              "\"I'm reading.\"", 1, "crisis.plan"},
        Fault{"stop_not_obeyed", "packs/en/lines.yaml", "  control.stop: control.stop\n", "", 2, "“stop”"},
        Fault{"erase_leads_elsewhere", "packs/en/lines.yaml", "control.erase: control.erase",
              "control.erase: menu.open", 2, "What"},
        Fault{"export_says_only", "packs/en/control.yaml", "    do: [export]\n", "", 2, "Here is all I keep"},
        Fault{"human_not_there", "packs/en/lines.yaml", "  control.human: control.human\n", "", 2, "human"},
        Fault{"trap", "packs/en/reading.yaml", "saves: a1, next: two", "saves: a1, asks_anew: true, next: one", 3,
              "reading.one"},
        Fault{"ordinary_guide_at_high_risk", "packs/en/learn.yaml",
              "closed: {when: \"risk in [high, immediate]\", go: crisis.stay}\n", "", 4, "said learn."},
        Fault{"repair_behind_the_gate", "packs/en/repair.yaml", " or gate == closed", "", 4, "said repair."},
        Fault{"a_moment_at_high_risk", "packs/en/notice.yaml",
              "closed: {when: \"risk in [high, immediate]\", go: crisis.stay}\n", "", 4, "said notice."},
        Fault{"too_many_choices", "packs/en/menu.yaml", "      plan: My plan\n",
              "      p1: One\n      p2: Two\n      p3: Three\n      p4: Four\n      p5: Five\n      p6: Six\n      p7: "
              "Seven\n"
              "      p8: Eight\n      p9: Nine\n      plan: My plan\n",
              5, "more than 14 choices"},
        Fault{"a_long_payload", "packs/en/menu.yaml", "      country: Country\n",
              "      country: Country\n      a_value_that_is_far_too_long_for_the_narrowest_of_all_platforms: Long\n",
              5, "a payload over 64 bytes"},
        Fault{"a_finding_that_does_not_find", "packs/en/risk_suicide.yaml", "yes: [\"I want to die\"",
              "yes: [\"I want to dye\"", 6, "does not hear: I want to dye"},
        Fault{"a_missing_translation", "packs/es/texts_talk_control.yaml", "  \"Help now\": \"Ayuda ahora\"\n", "", 7,
              "not translated: Help now"},
        Fault{"a_stale_translation", "packs/es/texts_talk_control.yaml", "\"Help now\"", "\"Help right now\"", 7,
              "no guide says: Help right now"},
        Fault{"no_date", "directory/GB.json", "\"checked\":", "\"looked_at\":", 8, "never checked"},
        Fault{"a_schedule_in_quiet_hours", "packs/en/checkin.yaml", "daily 20:30", "daily 23:30", 9, "never sent"},
        Fault{"crisis_left_in_one_step", "packs/en/crisis.yaml", "      - {if: \"no\", go: denied}\n",
              "      - {if: \"no\", go: onboarding.country_ask}\n", 4, "leaves the crisis in one step"},
        Fault{"an_ordinary_guide_beside_a_person_on_call", "packs/en/crisis.yaml", "      - {if: \"no\", go: denied}\n",
              "      - {if: \"no\", go: menu.open}\n", 4, "handed over"},
        Fault{"help_not_obeyed", "packs/en/lines.yaml", "  control.help: control.help\n", "", 2, "help"},
        Fault{"a_second_trap", "packs/en/kit.yaml",
              "    saves: kit_sign\n    asks_anew: true\n    next:\n      - {go: act}",
              "    saves: kit_sign\n    asks_anew: true\n    next:\n      - {go: sign}", 3, "kit."},
        Fault{"a_translation_that_drops_the_route", "packs/es/texts_crisis.yaml",
              "{line} también escucha cuando no lo sabes.", "Aquí se escucha también cuando no lo sabes.", 7, "{line}"},
        Fault{"an_example_that_must_not_be_heard", "packs/en/risk_suicide.yaml", "no: [\"dying to see him\"",
              "no: [\"I want to die\", \"dying to see him\"", 6, "I want to die"},
        Fault{"a_check_in_before_dawn", "packs/en/checkin.yaml", "mon wed fri 08:30", "mon wed fri 06:30", 9,
              "never sent"},
        Fault{"no_source", "directory/GB.json", "\"sources\":", "\"read_at\":", 8, "has no source"},
        Fault{"a_translated_label_too_long", "packs/es/texts_talk_control.yaml", "\"Ayuda ahora\"",
              "\"Ayuda ahora mismo y sin esperar\"", 7, "longer than 20 characters"},
        Fault{"a_text_in_one_wording", "packs/en/plan.yaml", "    fixed: true\n", "", 7, "1 of 3 wordings"},
        Fault{"two_wordings_that_begin_alike", "packs/en/talk.yaml", "\"This one may be beyond me.\"",
              "\"I may not be the tool for this.\"", 7, "two wordings begin with 'I may'"},
        Fault{"a_wording_without_the_line", "packs/en/worry.yaml", "{dv} is there for not-sure, too.",
              "Not-sure is an answer, too.", 7, "not the help lines of its other wordings"},
        Fault{"a_translation_in_one_wording", "packs/es/texts_talk_control.yaml",
              "    - \"Todo fuera: datos, plan, registros, ¿sí?\"\n", "", 7, "2 of 3 wordings"},
        Fault{"a_broken_schedule", "packs/en/checkin.yaml", "tue fri 20:30", "tue fri 2030", 9, "no schedule"}),
    [](const auto& fault) { return fault.param.name; });

}  // namespace
}  // namespace rules
