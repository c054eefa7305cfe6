#include "rules/engine.hpp"

#include <algorithm>

#include "rules/records.hpp"
#include "rules/turn.hpp"

namespace rules {

namespace {

bool speaks(const Pack& pack, std::string_view language) {
  return language == kSourceLanguage || pack.translations.contains(language);
}

// What a first message tells of the language of somebody of whom nothing else does.
std::string language_in(const Pack& pack, const Said& said) {
  std::string guess = guessed_language(pack, said.text);
  const Finding* gravest = said.reading.gravest();
  if (gravest != nullptr && !gravest->language.empty()) {  // no language's rules speak for it against the guess
    std::string found(gravest->language);
    return speaks(pack, found) && (guess.empty() || guess == found) ? found : "";
  }
  return said.text.size() >= kMinGuessedBytes && speaks(pack, guess) ? guess : "";
}

}  // namespace

void join(const Pack& pack, Said& said) {
  if (said.before.empty()) return;
  // By the rules alone: two answers to two questions are no message that the second reader was trained on.
  Reading both = read(pack, said.before + " " + said.text, said.reading.language, Readers::rules);
  if (both.level() > std::max(said.level_before, said.reading.level())) said.joined = std::move(both);
}

std::string likely_language(const Pack& pack, const Contact& contact) {
  std::string hinted = installed_language(pack, contact.language_hint);
  return !hinted.empty() && speaks(pack, hinted) ? hinted : contact.language;
}

Decision decide(const Pack& pack, Person person, const Input& input, Time now) {
  const Said* said = std::get_if<Said>(&input.event);
  if (!speaks(pack, person.language)) {
    person.language = installed_language(pack, input.contact.language_hint);
    if (!speaks(pack, person.language)) person.language = said == nullptr ? "" : language_in(pack, *said);
  }
  std::string language = person.language.empty() ? input.contact.language : person.language;
  Said again;
  if (said != nullptr && said->reading.language != language) {
    again = *said;
    again.reading = read(pack, said->text, language);
    again.joined.reset();
    join(pack, again);
    said = &again;
  }
  Turn turn(pack, std::move(person), input.contact, language, now);
  std::visit(
      [&](const auto& event) {
        using E = std::decay_t<decltype(event)>;
        if constexpr (std::is_same_v<E, Said>) turn.said(*said);
        if constexpr (std::is_same_v<E, Chose>) turn.chose(event.payload);
        if constexpr (std::is_same_v<E, Elapsed>) turn.elapsed(event.timer);
        if constexpr (std::is_same_v<E, NonText>) turn.non_text(event.kind);
        if constexpr (std::is_same_v<E, Told>) turn.told(event.text);
        if constexpr (std::is_same_v<E, Began>) turn.began();
        if constexpr (std::is_same_v<E, Blocked>) turn.blocked();
      },
      input.event);
  Decision decision = turn.finish();
  if (decision.erase) decision.next = erased(decision.next);
  if (const auto* timer = std::get_if<Elapsed>(&input.event)) {
    auto same = [&](const TimerChange& t) { return t.name == timer->timer; };
    if (std::none_of(decision.timers.begin(), decision.timers.end(), same))  // set anew, or it has run out
      decision.timers.push_back({timer->timer, std::nullopt});
  }
  return decision;
}

}  // namespace rules
