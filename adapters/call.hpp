// call: the HTTP calls that platforms take: a JSON body, a form, and who we are. Strings that are not UTF-8 are mended
// in what we send. Pure; threads: any. Tested through the tables of tests/adapters/.
#pragma once
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "adapters/encode.hpp"

namespace adapters {

using Headers = std::vector<std::pair<std::string, std::string>>;

std::string written(const nlohmann::json& body);
HttpCall json_call(std::string method, std::string url, Headers headers, const nlohmann::json& body);
HttpCall form_call(std::string url, Headers headers, const Form& fields);
struct File {
  std::string field, name, type, bytes;
};
HttpCall multipart_call(std::string url, Headers headers, const Form& fields, const File& file);  // RFC 7578
// Standard Webhooks 1.0.0: {"type", "timestamp", "data"}, signed with every secret that is not empty.
HttpCall standard_call(std::string url, std::string id, std::string_view type, nlohmann::json data, Time now,
                       std::initializer_list<const Secret*> secrets);
HttpCall get_call(std::string url, Headers headers);

Headers bearer(const Secret& token);
Headers basic(const std::string& user, const Secret& password);

// The platform's address, or one of the operator's own (a test server, a gateway).
std::string base_of(const Channel& channel, std::string_view usual);

}  // namespace adapters
