#include "rules/directory.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <nlohmann/json.hpp>

#include "rules/compose.hpp"

namespace rules {
namespace {

// What a language may say in its own way.
constexpr const char *kText = "text {number}", *kTextWord = "text {word} to {number}", *kChat = "chat at {place}",
                     *kCallOrText = "call or text", *kOr = "or {text}", *kFree = "free", *kAnyHour = "any hour",
                     *kFinderText = "a chat line from findahelpline.com",
                     *kLineOrFinder = "{line} or findahelpline.com",
                     *kLineOrFinderFull = "{line}, or findahelpline.com for every line near you",
                     *kFinderFull =
                         "findahelpline.com shows free lines in your country, and {emerg} is for an emergency",
                     *kTwoNumbers = "{ambulance} (ambulance; police {police})", *kEmergency = "112 or 911";

using json = nlohmann::json;
constexpr std::string_view kInternational = "international";
constexpr std::size_t kMaxHoursBytes = 30;
constexpr std::array<std::string_view, 8> kHourWords{"daily", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::size_t kMaxLineBytes = 48;  // longer names are left out of a sentence; the number stays

std::vector<std::string> strings(const json& j, const char* key) {
  std::vector<std::string> out;
  if (auto it = j.find(key); it != j.end())
    for (const auto& s : *it) out.push_back(s.get<std::string>());
  return out;
}

Trust trust_of(const json& s) {
  std::string confidence = s.value("confidence", ""), evidence = s.value("evidence", "");
  if (s.value("unverified", false) || (confidence != "double" && confidence != "official")) return Trust::weak;
  return evidence == "primary" ? Trust::firm : Trust::listed;
}

Service service_of(const json& s, const std::string& country) {
  Service out;
  out.country = country;
  out.id = s.at("id").get<std::string>();
  out.name = s.at("name").get<std::string>();
  out.needs = strings(s, "needs");
  out.audience = strings(s, "for");
  out.languages = strings(s, "languages");
  out.sources = strings(s, "sources");
  out.phone = s.value("phone", "");
  if (s.contains("sms")) {
    out.sms_to = s["sms"].value("to", "");
    out.sms_body = s["sms"].value("body", "");
  }
  out.whatsapp = s.value("whatsapp", "");
  out.chat = s.value("chat", "");
  out.url = s.value("url", "");
  out.hours = s.value("hours", "");
  out.note = s.value("note", "");
  out.checked = s.value("checked", "");
  out.region = s.value("region", "");
  out.free = s.value("cost", "") == "free";
  out.trust = trust_of(s);
  return out;
}

std::string digits(std::string_view s) {
  std::string out;
  std::copy_if(s.begin(), s.end(), std::back_inserter(out), [](char c) { return c >= '0' && c <= '9'; });
  return out;
}

std::string lower(std::string_view s) {
  std::string out(s);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool has(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// How good a first answer this is: firm before listed, for everyone, any hour, reachable by voice and in writing.
int worth(const Service& s, std::string_view need) {
  int points = static_cast<int>(s.trust) * 100;
  if (has(s.audience, "everyone") || s.audience.empty()) points += 40;
  if (s.any_hour()) points += 30;
  if (!s.phone.empty()) points += 20;
  if (!s.sms_to.empty() || !s.chat.empty()) points += 8;
  if (!s.needs.empty() && s.needs[0] == need) points += 10;
  if (s.region.empty()) points += 25;
  return points;
}

using Phrasebook = Directory::Phrasebook;

std::string written_form(const Service& s, const Phrasebook& say) {
  auto with = [](std::string_view name, const std::string& value) {
    return [=](std::string_view asked) { return asked == name ? value : std::string(); };
  };
  if (!s.sms_to.empty() && s.sms_body.empty()) return fill(say(kText), with("number", s.sms_to));
  if (!s.sms_to.empty())
    return fill(say(kTextWord), [&](std::string_view asked) { return asked == "word" ? s.sms_body : s.sms_to; });
  if (!s.whatsapp.empty()) return "WhatsApp " + s.whatsapp;
  if (!s.chat.empty()) return fill(say(kChat), with("place", s.chat));
  return "";
}

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& p : parts) out += (out.empty() ? "" : ", ") + p;
  return out;
}

// "Mon-Fri 9:00-21:00 (unverified)" in the words of a language; nothing when it says more than days and times.
std::string hours_of(const Service& s, const Phrasebook& say) {
  std::string_view plain = std::string_view(s.hours).substr(0, s.hours.find(" ("));
  if (plain.size() >= kMaxHoursBytes) return "";
  std::string out;
  for (std::size_t at = 0; at < plain.size();) {
    std::size_t end = at;
    while (end < plain.size() && std::isalpha(static_cast<unsigned char>(plain[end])) != 0) ++end;
    if (end == at) {
      out += plain[at++];
      continue;
    }
    std::string_view word = plain.substr(at, end - at);
    if (std::find(kHourWords.begin(), kHourWords.end(), word) == kHourWords.end()) return "";
    out += say(word);
    at = end;
  }
  return out;
}

Route route_of(const Service& s, const Phrasebook& say) {
  Route r;
  r.national = true;
  r.url = s.url;
  r.text = written_form(s, say);
  std::string reach = !s.phone.empty() ? s.phone : !r.text.empty() ? r.text : s.url;
  bool number_says_it = !digits(s.phone).empty() && digits(s.name).find(digits(s.phone)) != std::string::npos;
  bool by_page = s.phone.empty() && r.text.empty();
  r.line = by_page                                                          ? s.name + ": " + reach
           : number_says_it || s.name.size() + reach.size() > kMaxLineBytes ? reach
                                                                            : s.name + " " + reach;
  std::vector<std::string> parts{r.line};
  if (!s.phone.empty() && s.sms_to == s.phone && s.sms_body.empty()) {
    parts.push_back(say(kCallOrText));
  } else if (!s.phone.empty() && !s.sms_to.empty()) {
    parts.push_back(fill(say(kOr), [&](std::string_view) { return r.text; }));
  }
  if (s.free) parts.push_back(say(kFree));
  if (s.any_hour()) {
    parts.push_back(say(kAnyHour));
  } else if (std::string hours = hours_of(s, say); !hours.empty()) {
    parts.push_back(std::move(hours));
  }
  r.line_full = join(parts);
  return r;
}

Problem bad(const std::filesystem::path& file, std::string what) {
  return {file.string(), 0, 0, std::move(what), "see rules/directory/README.md, Format"};
}

}  // namespace

Result<Directory> Directory::load(const std::filesystem::path& folder) {
  Directory out;
  Problems problems;
  json places;
  std::error_code ec;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ec)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in(entry.path());
    json j = json::parse(in, nullptr, false);
    if (j.is_discarded()) {
      problems.push_back(bad(entry.path(), "not JSON"));
      continue;
    }
    if (entry.path().stem() == "places") {
      places = std::move(j);
      continue;
    }
    try {
      Country c;
      c.code = entry.path().stem().string();
      c.name = j.value("name", c.code);
      c.emergency = strings(j, "emergency");
      c.ambulance = j.value("ambulance", "");
      c.police = j.value("police", "");
      for (const auto& s : j.at("services")) {
        c.services.push_back(service_of(s, c.code));
        if (c.services.back().sources.empty())
          problems.push_back(bad(entry.path(), c.services.back().id + " has no source"));
      }
      if (c.emergency.empty()) problems.push_back(bad(entry.path(), "no emergency number"));
      out.countries_.emplace(c.code, std::move(c));
    } catch (const json::exception& e) {
      problems.push_back(bad(entry.path(), e.what()));
    }
  }
  if (ec) problems.push_back(bad(folder, ec.message()));
  for (auto& [code, place] : places.items()) {
    auto it = out.countries_.find(code);
    if (it == out.countries_.end()) continue;
    it->second.zone = place.value("zone", "");
    it->second.prefixes = strings(place, "prefixes");
  }
  if (!out.countries_.contains(kInternational)) problems.push_back(bad(folder, "international.json is missing"));
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  return out;
}

const Country* Directory::country(std::string_view code) const {
  auto it = countries_.find(code);
  return it == countries_.end() ? nullptr : &it->second;
}

std::string Directory::country_of_phone(std::string_view phone) const {
  std::string number = digits(phone), best;
  if (phone.empty() || (phone[0] != '+' && !phone.starts_with("00"))) return "";
  if (phone.starts_with("00")) number.erase(0, 2);
  std::size_t length = 0;
  for (const auto& [code, c] : countries_)
    for (const auto& prefix : c.prefixes)
      if (std::string p = digits(prefix); p.size() > length && number.starts_with(p)) {
        length = p.size();
        best = code;
      }
  return best;
}

std::string Directory::country_of_zone(std::string_view zone) const {
  for (const auto& [code, c] : countries_)
    if (!zone.empty() && c.zone == zone) return code;
  return "";
}

std::string Directory::country_named(std::string_view words) const {
  std::string wanted = lower(words);
  if (wanted == "uk" || wanted == "england" || wanted == "scotland" || wanted == "wales") wanted = "gb";
  if (wanted == "usa" || wanted == "america" || wanted == "the us" || wanted == "the states") wanted = "us";
  for (const auto& [code, c] : countries_)
    if (lower(code) == wanted || lower(c.name) == wanted || "the " + lower(c.name) == wanted) return code;
  return "";
}

std::vector<const Service*> Directory::services(std::string_view code, std::string_view need, bool firm_only) const {
  std::vector<const Service*> out;
  const Country* c = country(code);
  if (c == nullptr) return out;
  for (const auto& s : c->services) {
    bool matches = has(s.needs, need) || (need == "suicide" && has(s.needs, "crisis")) ||
                   (need == "trauma-therapist" && has(s.needs, "therapist") && has(s.needs, "trauma"));
    if (matches && (!firm_only || s.trust == Trust::firm)) out.push_back(&s);
  }
  std::stable_sort(out.begin(), out.end(),
                   [&](const Service* a, const Service* b) { return worth(*a, need) > worth(*b, need); });
  return out;
}

Route Directory::route(std::string_view code, std::string_view need, const Phrasebook& say) const {
  // Looked for in peace: a page will do, and so will one that a single source names, beside the finder.
  bool by_page = need == "therapist" || need == "trauma-therapist" || need == "public-system";
  auto out_of_reach = [&](const Service* s) {
    return s->phone.empty() && written_form(*s, say).empty() && !(by_page && !s->url.empty());
  };
  auto found = services(code, need, true);
  std::erase_if(found, out_of_reach);
  if (!found.empty()) return route_of(*found.front(), say);
  Route r;
  r.text = say(kFinderText);
  r.url = "https://findahelpline.com";
  auto listed = services(code, need, false);
  std::erase_if(listed, [&](const Service* s) {
    return by_page ? out_of_reach(s) : s->trust == Trust::weak || s->phone.empty();
  });
  auto line = [&](std::string_view phrase, const std::string& value) {
    return fill(say(phrase), [&](std::string_view) { return value; });
  };
  if (!listed.empty()) {  // lists agree, no operator's page was seen: never alone
    Route l = route_of(*listed.front(), say);
    r.line = line(kLineOrFinder, l.line);
    r.line_full = line(kLineOrFinderFull, l.line);
    r.national = true;
    return r;
  }
  if (need == "trauma-therapist" || need == "public-system") {  // then any therapist
    if (Route any = route(code, "therapist", say); any.national) return any;
  }
  if (need != "suicide" && need != "emotional-support") {  // the crisis line listens to this too
    Route crisis = route(code, "suicide", say);
    if (crisis.national) return crisis;
  }
  r.line = "findahelpline.com";
  r.line_full = line(kFinderFull, emergency(code, say));
  return r;
}

std::string Directory::emergency(std::string_view code, const Phrasebook& say) const {
  const Country* c = country(code);
  if (c != nullptr && code != kInternational && c->ambulance.empty()) return c->emergency.front();
  if (c != nullptr && !c->ambulance.empty())  // who wrote may be hurt, or may be threatened
    return fill(say(kTwoNumbers),
                [&](std::string_view name) { return name == "ambulance" ? c->ambulance : c->police; });
  return say(kEmergency);  // one of the two reaches help, or is forwarded, in most countries
}

const std::vector<std::string>& Directory::phrases() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> out{kText,       kTextWord,   kChat,       kCallOrText,   kOr,
                                 kFree,       kAnyHour,    kFinderText, kLineOrFinder, kLineOrFinderFull,
                                 kFinderFull, kTwoNumbers, kEmergency};
    out.insert(out.end(), kHourWords.begin(), kHourWords.end());
    return out;
  }();
  return all;
}

}  // namespace rules
