// sign: makes a row of a table into the request that the platform would post, signed with the channel's test secrets;
// and the same with the signature spoiled. Tests only.
#pragma once
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "adapters/adapter.hpp"

namespace adapters {

struct Case {
  std::string platform;
  nlohmann::json row;
  Channel channel;
  Time now;
};

struct Posted {
  std::string method = "POST", target, body;
  std::map<std::string, std::string> headers;
};

nlohmann::json table_of(std::string_view platform);
Case case_of(std::string_view platform, const nlohmann::json& table);  // with its channel and time, without a row
Posted posted(const Case& c, const std::string& body);
std::string body_of(const nlohmann::json& row);  // as it stands in the row, or its JSON, or its form
Posted spoiled(const Case& c, Posted posted);    // one byte of what proves it is another
tl::expected<Received, Refusal> receive(const Case& c, const Posted& posted);

}  // namespace adapters
