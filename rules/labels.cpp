#include "rules/labels.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace rules {
namespace {

// signal -> the corpus' word for what the person wants; the first heard wins.
constexpr std::array<std::pair<std::string_view, std::string_view>, 32> kAsks{{{"control.stop", "control:stop"},
                                                                               {"control.pause", "control:pause"},
                                                                               {"control.resume", "control:resume"},
                                                                               {"control.erase", "control:forget"},
                                                                               {"control.export", "control:export"},
                                                                               {"control.human", "control:human"},
                                                                               {"control.language", "control:language"},
                                                                               {"control.back", "control:back"},
                                                                               {"control.help", "control:help"},
                                                                               {"control.real", "are_you_human"},
                                                                               {"control.privacy", "are_you_human"},
                                                                               {"faq.fast", "faq:fastest"},
                                                                               {"faq.long", "faq:how_long"},
                                                                               {"faq.know", "faq:how_know"},
                                                                               {"faq.back", "faq:relapse"},
                                                                               {"faq.partner", "faq:partner_needed"},
                                                                               {"faq.alone", "faq:alone"},
                                                                               {"faq.therapy", "faq:therapy"},
                                                                               {"faq.can", "faq:possible"},
                                                                               {"find.therapist", "find_therapist"},
                                                                               {"evidence.log", "evidence"},
                                                                               {"evidence.came_through", "evidence"},
                                                                               {"evidence.contrary", "evidence"},
                                                                               {"setback.again", "setback"},
                                                                               {"setback.hopeless", "setback"},
                                                                               {"story.start", "story"},
                                                                               {"insight", "insight_loop"},
                                                                               {"repair.want", "repair"},
                                                                               {"body.*", "body"},
                                                                               {"social.thanks", "thanks"},
                                                                               {"social.greet", "greeting"},
                                                                               {"social.offtopic", "off_topic"}}};

std::string pull_of(const Reading& r) {
  if (r.heard("pull.both") != nullptr) return "both";
  bool pursue = r.heard("pull.pursue.*") != nullptr, withdraw = r.heard("pull.withdraw.*") != nullptr;
  return pursue && withdraw ? "both" : pursue ? "pursue" : withdraw ? "withdraw" : "none";
}

bool moment_of(const Reading& r) {
  constexpr std::array<std::string_view, 8> kNow{"flood.*",  "numb.hard",      "ask.should_i", "state.*",
                                                 "when.m.1", "when.n.minutes", "body.*",       "acted.none"};
  return std::any_of(kNow.begin(), kNow.end(), [&](auto p) { return r.heard(p) != nullptr; });
}

}  // namespace

Labels labels_of(const Reading& r) {
  Labels out;
  out.level = kLevelNames[static_cast<std::size_t>(r.level())];
  for (const auto& f : r.findings) {
    std::string need(kNeedNames[static_cast<std::size_t>(f.need)]);
    if (std::find(out.needs.begin(), out.needs.end(), need) == out.needs.end()) out.needs.push_back(std::move(need));
  }
  bool finding = r.level() > Level::none;
  out.pull = finding ? "none" : pull_of(r);
  if (!finding && out.pull == "none" && !r.likely_pull.empty()) out.pull = r.likely_pull;
  out.moment = moment_of(r);
  out.ask = "none";
  for (const auto& [signal, ask] : kAsks)
    if (r.heard(signal) != nullptr) {
      out.ask = ask;
      break;
    }
  if (out.ask == "none" && !r.likely_ask.empty()) out.ask = r.likely_ask;
  for (const auto& s : r.signals) {
    std::string name(s.name);
    if (std::find(out.signals.begin(), out.signals.end(), name) == out.signals.end())
      out.signals.push_back(std::move(name));
  }
  return out;
}

}  // namespace rules
