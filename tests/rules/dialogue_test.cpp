// Whole conversations: input and expected output in one file (tests/rules/dialogues/NAME.txt). The person is saved and
// reloaded between every two lines. STEADY_UPDATE=1 rewrites the expected lines; a human reads the diff.
//   country US · language es (as the platform tells it) · now 2026-05-10T06:11:00Z · taps rich|three|none · person
//   {json} · operator NAME · you: text     tap: label     wait: 20m     timer: name     on call: text     opens: page
//   bot: text ⏎ second line [labels]
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "rules/rehearsal.hpp"
#include "rules/schedule.hpp"

namespace rules {
namespace {

const Pack& pack() {
  static const std::shared_ptr<const Pack> loaded = [] {
    auto p = load_pack(STEADY_SOURCE "/rules", false);
    if (!p)
      for (const auto& problem : p.error()) ADD_FAILURE() << problem.text();
    return p.value();
  }();
  return *loaded;
}

Time time_of(const std::string& iso) {
  std::tm tm{};
  strptime(iso.c_str(), "%Y-%m-%dT%H:%M:%SZ", &tm);
  return Time(std::chrono::seconds(timegm(&tm)));
}

std::string one_line(const Reply& reply) {
  std::string out;
  for (char c : reply.text) out += c == '\n' ? std::string(" ⏎ ") : std::string(1, c);
  if (reply.picture) out += " (picture)";
  bool scale = reply.choices.size() == 11;
  std::string labels;
  for (const auto& c : reply.choices) labels += (labels.empty() ? "" : "|") + c.label;
  if (!labels.empty()) out += " [" + (scale ? "0..10" : labels) + "]";
  return out;
}

class Player {
 public:
  void header(const std::string& key, const std::string& value) {
    if (key == "country") contact_.country_hint = value;
    if (key == "language") contact_.language_hint = value;
    if (key == "operator") contact_.operator_name = value;
    if (key == "now") start_ = time_of(value);
    if (key == "taps") contact_.taps = value == "three" ? Taps::three : value == "none" ? Taps::none : Taps::rich;
    if (key == "person") {
      auto person = person_from_json(value);
      ASSERT_TRUE(person) << person.error();
      person_ = std::move(*person);
    }
  }
  std::vector<std::string> line(const std::string& kind, const std::string& text) {
    said_.clear();
    if (!played_) {
      played_.emplace(pack(), contact_, start_);
      played_->person = person_;
    }
    if (kind == "wait") {
      for (const auto& decision : played_->wait(*after(text, played_->now, "") - played_->now)) took(decision);
    } else if (kind == "timer") {  // that something else sets off
      took(played_->elapse(text));
    } else if (kind == "opens") {  // the page, or /start
      took(played_->begin());
    } else if (kind == "on call") {
      took(played_->tell(text));
    } else if (kind == "tap") {
      auto it = std::find_if(choices_.begin(), choices_.end(), [&](const Choice& c) { return c.label == text; });
      EXPECT_NE(it, choices_.end()) << "no tap is called " << text;
      took(played_->tap(it == choices_.end() ? "" : it->value));
    } else {
      took(played_->say(text));
    }
    save_and_reload();
    return said_;
  }

 private:
  void save_and_reload() {
    std::string stored = to_json(played_->person);
    auto loaded = person_from_json(stored);
    ASSERT_TRUE(loaded) << loaded.error() << "\n" << stored;
    EXPECT_EQ(to_json(*loaded), stored) << "saving and loading changes the person";
    played_->person = std::move(*loaded);
  }
  void took(const Decision& decision) {
    for (const auto& reply : decision.replies) {
      said_.push_back(one_line(reply));
      choices_ = reply.choices;
    }
  }

  Contact contact_;
  Time start_{};
  Person person_;
  std::optional<Rehearsal> played_;
  std::vector<Choice> choices_;
  std::vector<std::string> said_;
};

class Dialogue : public testing::TestWithParam<std::string> {};

TEST_P(Dialogue, GoesAsWritten) {
  std::string path = std::string(STEADY_SOURCE "/tests/rules/dialogues/") + GetParam();
  std::ifstream in(path);
  std::string line, expected, played;
  Player player;
  while (std::getline(in, line)) {
    expected += line + "\n";
    if (line.starts_with("bot:")) continue;
    played += line + "\n";
    std::size_t colon = line.find(": "), space = line.find(' ');
    if (line.empty() || line.starts_with("#")) continue;
    if (line.starts_with("you: ") || line.starts_with("tap: ") || line.starts_with("wait: ") ||
        line.starts_with("timer: ") || line.starts_with("on call: ") || line.starts_with("opens: ")) {
      for (const auto& said : player.line(line.substr(0, colon), line.substr(colon + 2)))
        played += "bot: " + said + "\n";
    } else {
      player.header(line.substr(0, space), line.substr(space + 1));
    }
  }
  if (std::getenv("STEADY_UPDATE") != nullptr) std::ofstream(path) << played;
  EXPECT_EQ(played, expected) << "run with STEADY_UPDATE=1 and read the diff, if the change is meant";
}

std::vector<std::string> files() {
  std::vector<std::string> out;
  for (const auto& f : std::filesystem::directory_iterator(STEADY_SOURCE "/tests/rules/dialogues"))
    if (f.path().extension() == ".txt") out.push_back(f.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

INSTANTIATE_TEST_SUITE_P(Files, Dialogue, testing::ValuesIn(files()), [](const auto& file) {
  std::string name = std::filesystem::path(file.param).stem().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
});

}  // namespace
}  // namespace rules
