// Directory: support services by country, and which of them to name to whom.
// Facts come with sources, confidence and evidence (rules/directory/README.md). Trust: by default only entries that two
// families of sources or the operator confirm AND whose best source is primary. Entries that only lists agree on come
// together with the international finder; single-source and unverified ones are never the only answer to someone in
// danger.
// Threads: immutable after load. Tested by tests/rules/parts_test.cpp.
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.hpp"

namespace rules {

enum class Trust : std::uint8_t { weak, listed, firm };

struct Service {
  std::string id, name, country;
  std::vector<std::string> needs, audience, languages, sources;
  std::string phone, sms_to, sms_body, whatsapp, chat, url, hours, note, checked, region;
  bool free = false;
  Trust trust = Trust::weak;
  [[nodiscard]] bool any_hour() const { return hours.starts_with("24/7") || hours.starts_with("phone 24/7"); }
};

struct Country {
  std::string code, name;
  std::vector<std::string> emergency;
  std::string ambulance, police;  // where no one number reaches both
  std::vector<Service> services;
  std::string zone;                   // the zone most people live in
  std::vector<std::string> prefixes;  // of phone numbers, "+1242"
};

// What a reply says of a route, ready for a sentence. Never empty: unknown countries get the international finder.
struct Route {
  std::string line;       // "988" or "Samaritans 116 123": shortest honest form
  std::string line_full;  // "988, call or text, free, any hour"
  std::string text;       // how to reach it in writing: "text 988"
  std::string url;
  bool national = false;
};

class Directory {
 public:
  static Result<Directory> load(const std::filesystem::path& folder);

  [[nodiscard]] const Country* country(std::string_view code) const;
  [[nodiscard]] std::size_t size() const { return countries_.size(); }
  [[nodiscard]] const std::map<std::string, Country, std::less<>>& countries() const { return countries_; }
  [[nodiscard]] std::string country_of_phone(std::string_view phone) const;  // by longest prefix; empty = unknown
  [[nodiscard]] std::string country_of_zone(std::string_view zone) const;
  [[nodiscard]] std::string country_named(std::string_view words) const;  // "united states", "uk", "us"

  // How the words between the numbers ("call or text", "free") are said in a language; the source language as it is.
  using Phrasebook = std::function<std::string(std::string_view english)>;
  // need: suicide, domestic-violence, sexual-violence, child, eating-disorder, substance, therapist, public-system (the
  // files' words), trauma-therapist (two of them).
  [[nodiscard]] Route route(std::string_view country, std::string_view need, const Phrasebook& say = as_it_is) const;
  [[nodiscard]] std::string emergency(std::string_view country, const Phrasebook& say = as_it_is) const;
  static std::string as_it_is(std::string_view english) { return std::string(english); }
  static const std::vector<std::string>& phrases();  // all that a phrasebook is asked for
  // Best first; `firm_only` leaves out what may not stand alone.
  [[nodiscard]] std::vector<const Service*> services(std::string_view country, std::string_view need,
                                                     bool firm_only) const;

 private:
  std::map<std::string, Country, std::less<>> countries_;  // ISO2; "international" too
};

}  // namespace rules
