// What the desk does with the packs: read, change as a draft, check, try, play, publish, take back; guides as graphs.
#include <nlohmann/json.hpp>

#include "bot/desk.hpp"
#include "bot/explain.hpp"
#include "bot/iso_time.hpp"
#include "rules/prover.hpp"
#include "rules/rehearsal.hpp"
#include "rules/schedule.hpp"

namespace bot {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxTried = 4'000, kMaxPlayed = 200;
constexpr std::chrono::hours kMaxWait{24 * 366};
constexpr std::chrono::seconds kPlayStart{1'798'822'800};  // a play begins on 2027-01-01, 17:00 UTC: the same each time

Json problems_json(const rules::Problems& problems) {
  Json out = Json::array();
  for (const auto& p : problems)
    out.push_back({{"file", p.file}, {"line", p.line}, {"column", p.column}, {"what", p.what}, {"instead", p.instead}});
  return out;
}

Json body_of(const DeskCall& call) {
  auto body = Json::parse(call.body, nullptr, false);
  if (!body.is_object()) refuse(400, "the body is a JSON object");
  return body;
}

Json verdict(bool passed, Json problems, Json unproved) {
  return {{"running", false}, {"passed", passed}, {"problems", std::move(problems)}, {"unproved", std::move(unproved)}};
}

Json replies_json(const rules::Decision& decision, rules::Time at) {
  Json out = Json::array();
  for (const auto& reply : decision.replies) {
    Json taps = Json::array();
    for (const auto& c : reply.choices) taps.push_back({{"label", c.label}, {"value", c.value}});
    out.push_back(
        {{"text", reply.text}, {"taps", std::move(taps)}, {"at", iso(at)}, {"picture", reply.picture != nullptr}});
  }
  return out;
}

}  // namespace

// The packs in force, or the caller's draft over what is installed.
std::shared_ptr<const rules::Pack> Desk::pack_for(const DeskCall& call, bool draft) {
  if (!draft) {
    auto pack = parts_.packs.get();
    if (pack == nullptr) refuse(503, "no packs are in force");
    return pack;
  }
  Files files = parts_.shelf.draft(call.who.name);
  std::string id = Shelf::id_of(files);
  std::lock_guard lock(draft_mutex_);
  if (draft_pack_ != nullptr && draft_id_ == id) return draft_pack_;
  auto pack = parts_.shelf.load(files, false);
  if (!pack) refuse(409, "the draft does not load: " + pack.error().front().text());
  draft_id_ = id;
  draft_pack_ = *pack;
  return draft_pack_;
}

Desk::Json Desk::packs(DeskCall& call) {
  std::string current;
  Json versions = Json::array();
  for (const auto& v : parts_.shelf.versions(current)) {
    Json names = Json::array();
    for (const auto& [name, text] : v.files) names.push_back(name);
    versions.push_back({{"id", v.id}, {"at", iso(v.at)}, {"by", v.by}, {"note", v.note}, {"files", std::move(names)}});
  }
  Json changed = Json::array();
  for (const auto& [name, text] : parts_.shelf.draft(call.who.name)) changed.push_back(name);
  auto pack = parts_.packs.get();
  return {{"loaded", pack == nullptr ? Json(nullptr) : Json(pack->version)},
          {"current", current},
          {"versions", std::move(versions)},
          {"draft", std::move(changed)},
          {"files", parts_.shelf.names()}};
}

// As installed, as in force, and as in the draft; null: not there.
Desk::Json Desk::file(DeskCall& call) {
  std::string name = query_of(call, "name");
  if (!parts_.shelf.may_hold(name)) refuse(404, "there is no such file");
  Files changed = parts_.shelf.in_force(), draft = parts_.shelf.draft(call.who.name);
  std::string text = changed.contains(name) ? changed.at(name) : parts_.shelf.installed(name);
  auto mine = draft.find(name);
  return {{"name", name}, {"text", text}, {"draft", mine == draft.end() ? Json(nullptr) : Json(mine->second)}};
}

// {"name", "text"}: into the draft; without text it is as in force again. A draft begins with what is in force.
Desk::Json Desk::put_file(DeskCall& call) {
  Json body = body_of(call);
  std::string name = text_of(call, "name");
  Files draft = parts_.shelf.draft(call.who.name);
  if (draft.empty()) draft = parts_.shelf.in_force();
  if (body.contains("text")) draft[name] = text_of(call, "text");
  else draft.erase(name);
  if (std::string problem = parts_.shelf.put_draft(call.who.name, draft); !problem.empty()) refuse(400, problem);
  return Json::object();
}

// Takes half a minute: begun by POST, looked for by GET. One at a time.
Desk::Json Desk::check(DeskCall& call) {
  if (checking_.exchange(true)) refuse(409, "another draft is being checked; try again in a minute");
  if (checker_.joinable()) checker_.join();
  checker_ = std::thread([this, files = parts_.shelf.draft(call.who.name)] {
    Json verdict = verdict_on(files);
    std::lock_guard lock(draft_mutex_);
    verdict_id_ = Shelf::id_of(files);
    verdict_ = verdict.dump();
    checking_ = false;
  });
  return {{"running", true}};
}

Desk::Json Desk::checked(DeskCall& call) {
  std::string id = Shelf::id_of(parts_.shelf.draft(call.who.name));
  std::lock_guard lock(draft_mutex_);
  if (checking_) return {{"running", true}};
  if (verdict_.empty() || verdict_id_ != id) return {{"running", false}, {"passed", nullptr}};
  return Json::parse(verdict_);
}

Desk::Json Desk::verdict_on(const Files& files) {
  try {
    auto pack = parts_.shelf.load(files, true);
    if (!pack) return verdict(false, problems_json(pack.error()), Json::array());
    auto proof = rules::prove(**pack, [this] { return !stopping_; });
    Json unproved = Json::array();
    for (const auto& f : proof.failures)
      unproved.push_back({{"property", rules::kProperties[static_cast<std::size_t>(f.property - 1)]},
                          {"where", f.where},
                          {"shows", f.shows}});
    Json out = verdict(proof.failures.empty() && !proof.stopped, Json::array(), std::move(unproved));
    out["states"] = proof.states;
    out["turns"] = proof.turns;
    return out;
  } catch (const std::exception& e) {  // a disk that is full
    return verdict(false, problems_json({{"the check", 0, 0, e.what(), ""}}), Json::array());
  }
}

Desk::Json Desk::publish(DeskCall& call) {
  Files files = parts_.shelf.draft(call.who.name);
  {
    std::lock_guard lock(draft_mutex_);
    if (files.empty() || verdict_id_ != Shelf::id_of(files) || !Json::parse(verdict_)["passed"].get<bool>())
      refuse(409, "only a draft that passed its check is published: check it first");
  }
  if (std::string problem = parts_.shelf.publish(call.who.name, text_of(call, "note"), files); !problem.empty())
    refuse(409, problem);
  parts_.shelf.put_draft(call.who.name, {});
  parts_.reload();
  return Json::object();
}

Desk::Json Desk::put_in_force(DeskCall& call) {
  std::string id = text_of(call, "id");
  if (std::string problem = parts_.shelf.put_in_force(id); !problem.empty()) refuse(409, problem);
  parts_.store.note(parts_.environment.now(), "publish", 0,
                    (id.empty() ? "what is installed" : id) + " by " + call.who.name);
  parts_.reload();
  return Json::object();
}

Desk::Json Desk::try_message(DeskCall& call) {
  std::string text = text_of(call, "text"), language = text_of(call, "language");
  if (text.size() > kMaxTried) refuse(413, "a message to try has 4,000 bytes at most");
  auto pack = pack_for(call, body_of(call).value("draft", false));
  if (!pack->detectors.contains(language)) refuse(400, "no language of the packs is called " + language);
  return explained(*pack, text, language, parts_.environment.now());
}

// {"draft", "country", "language", "moves": [{"text"} | {"tap"} | {"wait": "20m"}]}: played anew from the beginning;
// the same moves give the same answers. Answered: for each move what was said to it.
Desk::Json Desk::play(DeskCall& call) {
  Json body = body_of(call);
  auto pack = pack_for(call, body.value("draft", false));
  rules::Contact contact;
  contact.country_hint = body.value("country", "");
  contact.language_hint = body.value("language", "");
  contact.operator_name = parts_.config.alarms.operator_name;
  rules::Rehearsal played(*pack, contact, rules::Time(kPlayStart));
  Json moves = body.value("moves", Json::array()), out = Json::array();
  if (moves.size() > kMaxPlayed) refuse(413, "a play has 200 moves at most");
  for (const auto& move : moves) {
    Json said = Json::array(), why = Json::array();
    auto took = [&](const rules::Decision& decision) {
      for (auto& reply : replies_json(decision, played.now)) said.push_back(std::move(reply));
      for (const auto& w : decision.why) why.push_back(w);
    };
    if (move.contains("tap")) {
      took(played.tap(move["tap"].get<std::string>()));
    } else if (move.contains("wait")) {
      auto length = rules::parse_duration(move["wait"].get<std::string>());
      if (!length || *length > kMaxWait) refuse(400, "wait takes a length of time such as 20m, 3h or 2d, up to a year");
      for (const auto& decision : played.wait(*length)) took(decision);
    } else {
      std::string text = move.value("text", "");
      if (text.empty() || text.size() > kMaxTried)
        refuse(400, "a move has a text of up to 4,000 bytes, a tap or a wait");
      took(played.say(text));
    }
    out.push_back({{"said", std::move(said)}, {"why", std::move(why)}});
  }
  Json timers = Json::object();
  for (const auto& [name, at] : played.timers()) timers[name] = iso(at);
  return {{"moves", std::move(out)},
          {"now", iso(played.now)},
          {"risk", rules::kRiskNames[static_cast<std::size_t>(played.person.risk)]},
          {"timers", std::move(timers)}};
}

Desk::Json Desk::guides(DeskCall& call) {
  auto pack = pack_for(call, query_of(call, "draft") == "true");
  Json out = Json::array();
  for (const auto& [name, guide] : pack->guides)
    out.push_back({{"name", name}, {"steps", guide.steps.size()}, {"safety", guide.safety}});
  return {{"guides", std::move(out)}};
}

Desk::Json Desk::guide(DeskCall& call) {
  auto pack = pack_for(call, query_of(call, "draft") == "true");
  const auto* guide = pack->guide(query_of(call, "name"));
  if (guide == nullptr) refuse(404, "there is no such guide");
  return graph_of(*guide);
}

}  // namespace bot
