// registry: the visible list of platforms. Adding one: its .cpp, a line here, a line in CMakeLists.txt, a table in
// tests/adapters/.
#pragma once
#include <span>
#include <string_view>

#include "adapters/adapter.hpp"

namespace adapters {

const Adapter* find(std::string_view platform);  // null when unknown
std::span<const Adapter* const> all();

const Adapter& telegram();
const Adapter& web();
const Adapter& generic();
const Adapter& slack();
const Adapter& discord();
const Adapter& whatsapp();
const Adapter& messenger();
const Adapter& instagram();
const Adapter& twilio_sms();
const Adapter& twilio_whatsapp();
const Adapter& line();
const Adapter& matrix();
const Adapter& mattermost();
const Adapter& rocketchat();
const Adapter& zulip();
const Adapter& signal();
const Adapter& teams();
const Adapter& googlechat();
const Adapter& webex();
const Adapter& viber();
const Adapter& xmpp();

}  // namespace adapters
