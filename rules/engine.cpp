#include "rules/engine.hpp"

#include <algorithm>

#include "rules/turn.hpp"

namespace rules {

void join(const Pack& pack, Said& said, std::string_view before, Level level_before, std::string_view language) {
  if (before.empty()) return;
  Reading both = read(pack, std::string(before) + " " + said.text, language);
  if (both.level() > std::max(level_before, said.reading.level())) said.joined = std::move(both);
}

Decision decide(const Pack& pack, Person person, const Input& input, Time now) {
  Turn turn(pack, std::move(person), input.contact, now);
  std::visit(
      [&](const auto& event) {
        using E = std::decay_t<decltype(event)>;
        if constexpr (std::is_same_v<E, Said>) turn.said(event);
        if constexpr (std::is_same_v<E, Chose>) turn.chose(event.payload);
        if constexpr (std::is_same_v<E, Elapsed>) turn.elapsed(event.timer);
        if constexpr (std::is_same_v<E, NonText>) turn.non_text(event.kind);
        if constexpr (std::is_same_v<E, Began>) turn.began();
        if constexpr (std::is_same_v<E, Blocked>) turn.blocked();
      },
      input.event);
  return turn.finish();
}

}  // namespace rules
