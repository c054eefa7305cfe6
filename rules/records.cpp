#include "rules/records.hpp"

#include "rules/schedule.hpp"

namespace rules {
namespace {

std::string two(unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); }

std::string when(const Person& p, Time t) {  // 2026-05-03 2:36
  Date d = local_date(t, p.zone);
  return std::to_string(d.year) + "-" + two(d.month) + "-" + two(d.day) + " " + local_clock(t, p.zone);
}

// One fact a line, under its name in the language asked for, or as the packs call it.
class Sheet {
 public:
  explicit Sheet(const Texts* texts) : texts_(texts) {}

  [[nodiscard]] std::string word(const std::string& name, const std::string& otherwise) const {
    return texts_ == nullptr ? otherwise : texts_->word_or(name, otherwise);
  }
  [[nodiscard]] std::string named(const std::string& name) const { return word("kept." + name, name); }
  [[nodiscard]] std::string value(const std::string& name, const std::string& v) const {
    return word("kept." + v, word(name + "." + v, v));
  }
  void line(const std::string& name, const std::string& value) {
    if (!value.empty()) text_ += named(name) + ": " + value + "\n";
  }
  [[nodiscard]] std::string take() { return text_.empty() ? named("nothing") : std::move(text_); }

 private:
  const Texts* texts_;
  std::string text_;
};

std::string episode_text(const Sheet& sheet, const Person& p, const Episode& e) {
  std::string out = when(p, e.opened);
  auto part = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) out += ", " + (name.empty() ? "" : sheet.named(name) + " ") + value;
  };
  auto minutes = [](int n) { return n < 0 ? "" : std::to_string(n) + " min"; };
  part("", sheet.value("trigger", e.trigger));
  part("pull", sheet.value("pull", e.pull));
  for (const auto& b : e.body) part("", sheet.value("body", b));
  for (const auto& point : e.points) part("", std::to_string(point.value) + " (" + local_clock(point.at, p.zone) + ")");
  part("onset", minutes(e.onset_minutes));
  part("acted", sheet.value("acted", e.acted));
  part("action", sheet.value("action", e.action));
  part("outcome", sheet.value("outcome", e.outcome));
  part("hold", minutes(e.hold_minutes));
  return out;
}

}  // namespace

std::string describe(const Person& p, const Texts* texts) {
  Sheet out(texts);
  auto yes = [&](bool b) { return b ? out.named("yes") : std::string(); };
  out.line("first written", p.first_seen == Time{} ? "" : when(p, p.first_seen));
  out.line("language", p.language);
  out.line("country", p.country + (p.country.empty() || p.country_sure ? "" : " (" + out.named("a guess") + ")"));
  out.line("time zone", p.zone);
  out.line("keeping facts", out.named(p.consent));
  out.line("adult", out.named(p.adult));
  out.line("writes first", out.named(p.muted ? "never (stopped)" : "only what was agreed"));
  if (p.paused_until) out.line("paused until", when(p, *p.paused_until));
  out.line("discreet", yes(p.discreet));
  out.line("quiet hours", p.quiet == Quiet{} ? "" : clock_of(60 * p.quiet.from) + "-" + clock_of(60 * p.quiet.to));
  out.line("safety note", p.risk == Risk::none ? ""
                                               : out.named(std::string(kRiskNames[static_cast<std::size_t>(p.risk)])) +
                                                     ", " + when(p, p.risk_since));
  out.line("browsers that are told", p.pushed.empty() ? "" : std::to_string(p.pushed.size()));
  out.line("people on call may read your words", yes(p.alerts_carry_words));
  if (p.handover) {
    out.line("somebody on call reads along", when(p, p.handover->since));
    for (const auto& l : p.handover->lines) out.line("written to each other", when(p, l.at) + ", " + l.text);
  }
  if (!p.discreet)
    for (const auto& [rel, since] : p.closed_gates) out.line("closed door", out.named(rel) + ", " + when(p, since));
  for (const auto& [kept, fact] : p.facts) {
    std::string name = kept.starts_with("keep.") ? kept.substr(5) : kept;
    out.line(name, out.value(name, fact.value));
  }
  if (p.episode) out.line("open moment", episode_text(out, p, *p.episode));
  for (const auto& e : p.episodes) out.line("moment", episode_text(out, p, e));
  for (const auto& e : p.log) {
    std::string fields;
    for (const auto& [name, value] : e.fields)
      fields.append(", ").append(out.named(name)).append(" ").append(out.value(name, value));
    out.line(e.kind, when(p, e.at) + fields);
  }
  for (const auto& [kind, c] : p.checkins) out.line("check-in", out.named(kind) + ", " + clock_of(c.minute));
  for (const auto& [use, counts] : p.actions) {
    std::string action = use.substr(use.find('/') + 1);
    out.line("what was tried", out.value("action", action) + ": " + std::to_string(counts.tried) + ", " +
                                   out.named("helped") + " " + std::to_string(counts.helped));
  }
  return out.take();
}

Person erased(const Person& p) {
  Person out;
  out.seed = p.seed;
  out.language = p.language;
  out.muted = p.muted;
  out.last_disclosed = p.last_disclosed;
  out.closed_gates = p.closed_gates;
  if (p.risk != Risk::none) {
    out.risk = p.risk;
    out.risk_since = p.risk_since;
    out.risk_checked = p.risk_checked;
    out.alarmed = p.alarmed;
    out.alarm_seen = p.alarm_seen;
    out.country = p.country;
    out.zone = p.zone;
    out.last_seen = p.last_seen;
  }
  return out;
}

}  // namespace rules
