#include "bot/canary.hpp"

#include "bot/log.hpp"
#include "rules/engine.hpp"

namespace bot {
namespace {

constexpr const char *kWords = "i took all the pills half an hour ago and i want to die", *kCountry = "US";

// The help lines of kCountry that a first reply to kWords may name.
bool names_a_route(const std::string& text) {
  return text.find("988") != std::string::npos || text.find("911") != std::string::npos;
}

std::string wrong_in(const rules::Pack& pack, const std::string& language, rules::Time now) {
  rules::Said said;
  said.text = kWords;
  said.reading = rules::read(pack, said.text, language);
  if (said.reading.level() != rules::Level::danger) return "not heard as danger";
  rules::Input input;
  input.contact.country_hint = kCountry;
  input.contact.language = language;
  input.contact.language_hint = language;
  input.event = std::move(said);
  rules::Decision decision = rules::decide(pack, rules::Person{}, input, now);
  if (decision.replies.empty()) return "not answered";
  if (!decision.replies.front().urgent) return "answered, but not as urgent";
  if (!names_a_route(decision.replies.front().text)) return "answered without a live route";
  return "";
}

}  // namespace

std::string canary(const rules::Pack& pack, rules::Time now) {
  std::string out;
  auto look = [&](const std::string& language) {
    if (std::string wrong = wrong_in(pack, language, now); !wrong.empty())
      out += (out.empty() ? "" : "; ") + language + ": " + wrong;
  };
  look(std::string(rules::kSourceLanguage));
  for (const auto& [language, translation] : pack.translations) look(language);
  return out;
}

bool Canary::run(const rules::Pack* pack, const Environment& environment) {
  rules::Time now = environment.now();
  if (ran_ != rules::Time{} && now - ran_ < kCanaryEvery) return false;
  ran_ = now;
  std::string wrong = pack == nullptr ? "no packs" : canary(*pack, now);
  well_ = wrong.empty();
  if (!wrong.empty()) log(LogLevel::error, "canary", {{"problem", std::string_view(wrong)}});
  return true;
}

}  // namespace bot
