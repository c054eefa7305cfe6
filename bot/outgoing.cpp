#include "bot/outgoing.hpp"

#include <nlohmann/json.hpp>

namespace bot {

using json = nlohmann::json;

adapters::Outgoing outgoing(const rules::Reply& reply, const std::string& contact) {
  adapters::Outgoing out;
  out.contact = contact;
  out.text = reply.text;
  for (const auto& c : reply.choices) out.choices.push_back({c.label, c.value});
  out.urgent = reply.urgent;
  out.unasked = reply.unasked;
  return out;
}

std::string kept_text(const rules::Reply& reply) {
  json j{{"text", reply.text}};
  for (const auto& c : reply.choices) j["choices"].push_back({c.label, c.value});
  if (reply.urgent) j["urgent"] = true;
  if (reply.unasked) j["unasked"] = true;
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

adapters::Outgoing parse_outgoing(std::string_view kept, std::string contact) {
  adapters::Outgoing out;
  out.contact = std::move(contact);
  json j = json::parse(kept);
  out.text = j.value("text", "");
  if (j.contains("choices"))
    for (const auto& c : j["choices"]) out.choices.push_back({c.at(0).get<std::string>(), c.at(1).get<std::string>()});
  out.urgent = j.value("urgent", false);
  out.unasked = j.value("unasked", false);
  return out;
}

}  // namespace bot
