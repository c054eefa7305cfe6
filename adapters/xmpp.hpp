// xmpp: what its two files share: who we are, and text as XML takes it. Protocol and source: xmpp.cpp.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "adapters/connection.hpp"

namespace adapters {

std::string jid_of(const Channel& channel);           // steady@bot.example.org
std::string printable(std::string_view text);         // without what XML 1.0 cannot hold
std::string escape_attribute(std::string_view text);  // & < > ' "

}  // namespace adapters
