#include "adapters/call.hpp"

#include <nlohmann/json.hpp>

#include "adapters/signature.hpp"

namespace adapters {

std::string written(const nlohmann::json& body) {
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

HttpCall json_call(std::string method, std::string url, Headers headers, const nlohmann::json& body) {
  headers.emplace_back("Content-Type", "application/json; charset=utf-8");
  return {std::move(method), std::move(url), std::move(headers), written(body)};
}

HttpCall form_call(std::string url, Headers headers, const Form& fields) {
  headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  return {"POST", std::move(url), std::move(headers), form_body(fields)};
}

HttpCall multipart_call(std::string url, Headers headers, const Form& fields, const File& file) {
  std::string boundary = "steady-" + sha256_hex(file.bytes).substr(0, 32);  // of no part: it would hold its own hash
  std::string body;
  auto part = [&](std::initializer_list<std::string_view> pieces) {
    body.append("--").append(boundary);
    for (std::string_view piece : pieces) body.append(piece);
  };
  constexpr std::string_view kNamed = "\r\nContent-Disposition: form-data; name=\"";
  for (const auto& [name, value] : fields) part({kNamed, name, "\"\r\n\r\n", value, "\r\n"});
  part({kNamed, file.field, "\"; filename=\"", file.name, "\"\r\nContent-Type: ", file.type, "\r\n\r\n", file.bytes,
        "\r\n"});
  part({"--\r\n"});
  headers.emplace_back("Content-Type", "multipart/form-data; boundary=" + boundary);
  return {"POST", std::move(url), std::move(headers), std::move(body)};
}

HttpCall standard_call(std::string url, std::string id, std::string_view type, nlohmann::json data, Time now,
                       std::initializer_list<const Secret*> secrets) {
  std::string timestamp = std::to_string(now.time_since_epoch().count()), signatures;
  std::string body = written({{"type", type}, {"timestamp", timestamp}, {"data", std::move(data)}});
  for (const Secret* secret : secrets)
    if (!secret->empty())
      signatures += (signatures.empty() ? "" : " ") + standard_signature(secret->reveal(), id, timestamp, body);
  return {"POST",
          std::move(url),
          {{"Content-Type", "application/json"},
           {"webhook-id", std::move(id)},
           {"webhook-timestamp", std::move(timestamp)},
           {"webhook-signature", std::move(signatures)}},
          std::move(body)};
}

HttpCall get_call(std::string url, Headers headers) { return {"GET", std::move(url), std::move(headers), ""}; }

Headers bearer(const Secret& token) { return {{"Authorization", "Bearer " + token.reveal()}}; }

Headers basic(const std::string& user, const Secret& password) {
  return {{"Authorization", "Basic " + base64(user + ":" + password.reveal())}};
}

std::string base_of(const Channel& channel, std::string_view usual) { return channel.setting_or("api_base", usual); }

}  // namespace adapters
