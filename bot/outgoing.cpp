#include "bot/outgoing.hpp"

#include <nlohmann/json.hpp>

#include "adapters/signature.hpp"
#include "bot/drawing.hpp"
#include "rules/json_writer.hpp"

namespace bot {

using json = nlohmann::json;

constexpr std::size_t kMaxPictureBytes = 1U << 20U;  // in base64

adapters::Outgoing outgoing(const rules::Reply& reply, const std::string& contact, rules::Time heard) {
  adapters::Outgoing out;
  out.contact = contact;
  out.text = reply.text;
  for (const auto& c : reply.choices) out.choices.push_back({c.label, c.value});
  if (reply.picture) {
    try {
      out.picture = draw_png(*reply.picture);
    } catch (const std::runtime_error&) {  // the words say the same
    }
  }
  out.urgent = reply.urgent;
  out.unasked = reply.unasked;
  out.heard = heard;
  return out;
}

std::string kept_text(const adapters::Outgoing& reply) {
  rules::JsonWriter w(reply.text.size() + 512);
  w.open('{').key("text").value(reply.text);
  if (!reply.choices.empty()) {
    w.key("choices").open('[');
    for (const auto& c : reply.choices) w.row(c.label, c.value);
    w.close(']');
  }
  if (!reply.picture.empty()) w.key("picture").value(adapters::base64(reply.picture));
  if (reply.urgent) w.key("urgent").value(true);
  if (reply.unasked)
    w.key("unasked").value(true).key("heard").value(std::int64_t{reply.heard.time_since_epoch().count()});
  return w.close('}').take();
}

adapters::Outgoing parse_outgoing(std::string_view kept, std::string contact) {
  adapters::Outgoing out;
  out.contact = std::move(contact);
  json j = json::parse(kept);
  out.text = j.value("text", "");
  if (j.contains("choices"))
    for (const auto& c : j["choices"]) out.choices.push_back({c.at(0).get<std::string>(), c.at(1).get<std::string>()});
  if (j.contains("picture"))
    out.picture = adapters::unbase64(j["picture"].get_ref<const std::string&>(), kMaxPictureBytes).value_or("");
  out.urgent = j.value("urgent", false);
  out.unasked = j.value("unasked", false);
  out.heard = rules::Time(std::chrono::seconds(j.value("heard", std::int64_t{0})));
  return out;
}

}  // namespace bot
