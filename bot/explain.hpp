// explain: what was read in a message and by which line of which file, what would be answered; and a guide as a graph.
// For `steady rules explain` and the desk. Pure; threads: any.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "rules/pack.hpp"
#include "rules/person.hpp"

namespace bot {

// {"words", "signals": [{"name", "said", "contexts", "where"}], "findings": [{"need", "level", "subject", "past",
// "denied", "rule"}], "signs": {need: weight}, "doubt": {"alarm": [is, limit], "crisis": [is, limit]}, "second":
// [{"head", "chance", "by"}], "level", "answers": [...], "says": [...]}
nlohmann::ordered_json explained(const rules::Pack& pack, const std::string& text, const std::string& language,
                                 rules::Time now);

// {"name", "safety", "steps": [{"name", "says", "asks", "taps": [...], "at": "file:line"}],
// "ways": [{"from", "to", "on"}]}; to: a step, another guide's step, or end, resume, again.
nlohmann::ordered_json graph_of(const rules::Guide& guide);

}  // namespace bot
