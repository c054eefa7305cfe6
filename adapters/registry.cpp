#include "adapters/registry.hpp"

#include <array>

namespace adapters {

std::span<const Adapter* const> all() {
  static const std::array<const Adapter*, 21> list{
      &telegram(),  &web(),        &generic(),         &slack(),      &discord(), &whatsapp(),   &messenger(),
      &instagram(), &twilio_sms(), &twilio_whatsapp(), &line(),       &matrix(),  &mattermost(), &rocketchat(),
      &zulip(),     &signal(),     &teams(),           &googlechat(), &webex(),   &viber(),      &xmpp()};
  return list;
}

const Adapter* find(std::string_view platform) {
  for (const Adapter* a : all())
    if (a->platform() == platform) return a;
  return nullptr;
}

}  // namespace adapters
