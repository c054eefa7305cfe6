#include "bot/explain.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "rules/engine.hpp"

namespace bot {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t kGramsShown = 6;  // of the second reader, for each head that says yes

std::string_view name_of(rules::Level level) { return rules::kLevelNames[static_cast<std::size_t>(level)]; }
std::string_view name_of(rules::Need need) { return rules::kNeedNames[static_cast<std::size_t>(need)]; }

json signals_of(const rules::Reading& reading, const std::string& text) {
  json out = json::array();
  for (const auto& s : reading.signals) {
    json contexts = json::array(), where = json::array();
    for (std::size_t c = 0; c < rules::kContexts; ++c)
      if (rules::holds(s.contexts, static_cast<rules::Context>(c))) contexts.push_back(rules::kContextNames[c]);
    for (const auto& why : reading.why)
      if (why.rule == s.name) where.push_back(std::string(why.file) + ":" + std::to_string(why.line));
    out.push_back({{"name", s.name},
                   {"said", text.substr(s.from, s.to - s.from)},
                   {"contexts", std::move(contexts)},
                   {"where", std::move(where)}});
  }
  return out;
}

void second_reader(const rules::SecondReader& second, const rules::Reading& reading, json& out) {
  const auto& classifier = second.classifier();
  auto chances = classifier.chances(reading);
  out["doubt"] = {{"alarm", {second.alarm(chances), classifier.limits().alarm}},
                  {"crisis", {second.crisis(chances), classifier.limits().crisis}}};
  for (std::size_t h = 0; h < chances.size(); ++h) {
    const auto& head = classifier.heads()[h];
    if (chances[h] <= head.threshold) continue;
    json by = json::array();
    for (const auto& w : classifier.explain(reading, h, kGramsShown)) by.push_back(w.what);
    out["second"].push_back({{"head", head.name}, {"chance", std::lround(100 * chances[h])}, {"by", std::move(by)}});
  }
}

}  // namespace

json explained(const rules::Pack& pack, const std::string& text, const std::string& language, rules::Time now) {
  auto reading = rules::read(pack, text, language);
  json out{{"words", reading.text.normal},
           {"signals", signals_of(reading, text)},
           {"findings", json::array()},
           {"signs", json::object()},
           {"second", json::array()}};
  for (const auto& f : reading.findings)
    out["findings"].push_back({{"need", name_of(f.need)},
                               {"level", name_of(f.level)},
                               {"subject", f.subject == rules::Subject::self ? "self" : "other"},
                               {"past", f.past},
                               {"denied", f.denied},
                               {"rule", f.rule}});
  for (std::size_t n = 0; n < rules::kNeeds; ++n)
    if (reading.signs[n] > 0) out["signs"][std::string(rules::kNeedNames[n])] = reading.signs[n];
  if (auto second = pack.readers.find(language); second != pack.readers.end())
    second_reader(second->second, reading, out);
  out["level"] = name_of(reading.level());
  rules::Said said;
  said.text = text;
  said.reading = reading;
  rules::Contact contact;
  contact.language_hint = language;
  auto decision = rules::decide(pack, {}, {contact, std::move(said)}, now);
  out["answers"] = json::array();
  for (const auto& why : decision.why)
    if (why.starts_with("opens ") || why.starts_with("control ")) out["answers"].push_back(why);
  out["says"] = json::array();
  for (const auto& reply : decision.replies) out["says"].push_back(reply.text);
  return out;
}

json graph_of(const rules::Guide& guide) {
  constexpr std::array<const char*, 5> kAsks{"", "choice", "scale", "when", "free"};
  json out{{"name", guide.name}, {"safety", guide.safety}, {"steps", json::array()}, {"ways", json::array()}};
  auto way = [&](const std::string& from, std::string to, std::string on) {
    if (to.empty()) return;
    if (!rules::is_way(to) && to.find('.') == std::string::npos) to = guide.name + "." + to;
    out["ways"].push_back({{"from", from}, {"to", std::move(to)}, {"on", std::move(on)}});
  };
  for (const auto& [timer, step] : guide.timers) way("", step, "timer " + timer);
  for (const auto& step : guide.steps) {
    json taps = json::array();
    for (const auto& tap : step.taps) {
      taps.push_back(tap.label);
      if (tap.value.find('.') != std::string::npos) way(step.name, tap.value, tap.label);
    }
    out["steps"].push_back({{"name", step.name},
                            {"says", step.say.empty() ? "" : step.say.front().variants.front()},
                            {"asks", kAsks[static_cast<std::size_t>(step.type)]},
                            {"taps", std::move(taps)},
                            {"at", step.place.file + ":" + std::to_string(step.place.line)}});
    for (const auto& branch : step.next) {
      std::string on;
      for (const auto& answer : branch.answers) on += (on.empty() ? "" : ", ") + answer;
      way(step.name, branch.go, std::move(on));
    }
  }
  return out;
}

}  // namespace bot
