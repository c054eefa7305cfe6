#include "tests/adapters/sign.hpp"

#include <openssl/evp.h>

#include <fstream>

#include "adapters/encode.hpp"
#include "adapters/jwt.hpp"
#include "adapters/registry.hpp"
#include "adapters/signature.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;

// RFC 8032, test 1: the key whose public half the Discord table holds.
constexpr std::string_view kSeed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

std::string ed25519(const std::string& message) {
  std::string seed = *unhex(kSeed), out(64, '\0');
  auto* key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                           reinterpret_cast<const unsigned char*>(seed.data()), seed.size());
  auto* context = EVP_MD_CTX_new();
  std::size_t size = out.size();
  EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key);
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                 reinterpret_cast<const unsigned char*>(message.data()), message.size());
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return hex(out);
}

std::string bearer_jwt(const json& claims) {
  static const json vectors = json::parse(std::ifstream(STEADY_SOURCE "/tests/adapters/jwt_vectors.json"));
  static std::map<std::string, std::string> made;  // a row is posted cut at every byte, and signing is slow
  std::string& token = made[claims.dump()];
  if (token.empty())
    token = "Bearer " + signed_jwt(claims.dump(), vectors["private_pkcs8_pem"].get<std::string>(), "test-key-1");
  return token;
}

json times(Time now, json claims) {
  auto at = now.time_since_epoch().count();
  claims["iat"] = claims["nbf"] = at - 300;
  claims["exp"] = at + 3300;
  return claims;
}

std::string secret(const Case& c, const char* name) { return c.channel.secret(name).reveal(); }

// The header that proves a request, where it is one.
const char* proof(const std::string& platform) {
  static const std::map<std::string, const char*> headers{
      {"telegram", "X-Telegram-Bot-Api-Secret-Token"},
      {"generic", "webhook-signature"},
      {"slack", "X-Slack-Signature"},
      {"discord", "X-Signature-Ed25519"},
      {"whatsapp", "X-Hub-Signature-256"},
      {"messenger", "X-Hub-Signature-256"},
      {"instagram", "X-Hub-Signature-256"},
      {"twilio_sms", "X-Twilio-Signature"},
      {"twilio_whatsapp", "X-Twilio-Signature"},
      {"line", "x-line-signature"},
      {"viber", "X-Viber-Content-Signature"},
      {"webex", "X-Spark-Signature"},
      {"matrix", "Authorization"},
      {"teams", "Authorization"},
      {"googlechat", "Authorization"},
  };
  auto it = headers.find(platform);
  return it == headers.end() ? nullptr : it->second;
}

std::string twilio_signature(const Case& c, const std::string& body) {
  auto form = parse_form(body).value_or(Form{});
  std::sort(form.begin(), form.end());
  form.erase(std::unique(form.begin(), form.end()), form.end());
  std::string text = c.channel.hook_url;
  for (const auto& [name, value] : form) text += name + value;
  return base64(hmac_sha1(secret(c, "auth_token"), text));
}

std::string signature(const Case& c, const std::string& body, const std::string& timestamp) {
  const std::string& p = c.platform;
  if (p == "telegram") return secret(c, "webhook_secret");
  if (p == "generic") return "v1a,AAAA " + standard_signature(secret(c, "secret"), "msg_1", timestamp, body);
  if (p == "slack") return "v0=" + hex(hmac_sha256(secret(c, "signing_secret"), "v0:" + timestamp + ":" + body));
  if (p == "discord") return ed25519(timestamp + body);
  if (p == "whatsapp" || p == "messenger" || p == "instagram")
    return "sha256=" + hex(hmac_sha256(secret(c, "app_secret"), body));
  if (p.starts_with("twilio")) return twilio_signature(c, body);
  if (p == "line") return base64(hmac_sha256(secret(c, "channel_secret"), body));
  if (p == "viber") return hex(hmac_sha256(secret(c, "token"), body));
  if (p == "webex") return hex(hmac_sha1(secret(c, "webhook_secret"), body));
  if (p == "matrix") return "Bearer " + secret(c, "hs_token");
  if (p == "teams")
    return bearer_jwt(times(c.now, {{"iss", "https://api.botframework.com"},
                                    {"aud", c.channel.setting("app_id")},
                                    {"serviceurl", "https://smba.trafficmanager.net/emea/"}}));
  return bearer_jwt(
      times(c.now, {{"iss", "chat@system.gserviceaccount.com"}, {"aud", c.channel.setting("project_number")}}));
}

}  // namespace

json table_of(std::string_view platform) {
  std::ifstream in(std::string(STEADY_SOURCE "/tests/adapters/") + std::string(platform) + ".json");
  return in ? json::parse(in) : json::object();
}

Case case_of(std::string_view platform, const json& table) {
  Case c;
  c.platform = platform;
  c.row = json::object();
  c.now = Time(std::chrono::seconds(table.value("now", std::int64_t{1'767'323'045})));
  c.channel.name = "test";
  c.channel.platform = platform;
  c.channel.hook_url = "https://bot.example.org/hooks/test";
  const json channel = table.value("channel", json::object());
  const json settings = channel.value("settings", json::object()), secrets = channel.value("secrets", json::object());
  for (const auto& [k, v] : settings.items()) c.channel.settings[k] = v.is_string() ? v.get<std::string>() : v.dump();
  for (const auto& [k, v] : secrets.items()) c.channel.secrets[k] = Secret(v.get<std::string>());
  return c;
}

std::string body_of(const json& row) {
  if (row.contains("form")) {
    Form form;
    for (const auto& [name, value] : row["form"].items()) form.emplace_back(name, value.get<std::string>());
    return form_body(form);
  }
  if (!row.contains("body")) return "";
  return row["body"].is_string() ? row["body"].get<std::string>() : row["body"].dump();
}

Posted posted(const Case& c, const std::string& body) {
  Posted out;
  out.body = body;
  out.method = c.row.value("method", "POST");
  out.target = "/hooks/test" + c.row.value("path", "");
  if (c.platform == "signal") out.target += "/" + secret(c, "path_secret");
  std::string timestamp = std::to_string(c.now.time_since_epoch().count());
  out.headers["Content-Type"] = c.row.contains("form") ? "application/x-www-form-urlencoded" : "application/json";
  out.headers["webhook-id"] = "msg_1";
  for (const char* name : {"webhook-timestamp", "X-Slack-Request-Timestamp", "X-Signature-Timestamp"})
    out.headers[name] = timestamp;
  if (c.platform == "web") out.headers["Cookie"] = "a=b; steady_web=" + std::string(43, 'x') + "; c=d";
  if (c.platform == "mattermost") out.headers["Authorization"] = "Token " + secret(c, "command_token");
  if (const char* header = proof(c.platform)) out.headers[header] = signature(c, body, timestamp);
  if (c.row.contains("headers"))
    for (const auto& [k, v] : c.row["headers"].items()) out.headers[k] = v.get<std::string>();
  return out;
}

Posted spoiled(const Case& c, Posted p) {
  auto spoil = [](std::string& text, std::size_t at) { text[at] = text[at] == '0' ? '1' : '0'; };
  if (const char* header = proof(c.platform)) {
    std::string& value = p.headers[header];
    spoil(value, value.size() * 3 / 4);
  } else if (c.platform == "signal") {
    spoil(p.target, p.target.size() - 1);
  } else if (c.platform == "mattermost") {
    spoil(p.headers["Authorization"], 8);
    if (std::size_t at = p.body.find("\"sign\":\""); at != std::string::npos) spoil(p.body, at + 12);
  } else {  // a token in the body
    std::string token = secret(c, c.platform == "zulip" ? "token" : "webhook_token");
    if (std::size_t at = p.body.find(token); !token.empty() && at != std::string::npos) spoil(p.body, at + 2);
  }
  return p;
}

tl::expected<Received, Refusal> receive(const Case& c, const Posted& p) {
  Request r{p.method, p.target, p.body, [&](std::string_view name) -> std::string_view {
              auto it = p.headers.find(std::string(name));
              return it == p.headers.end() ? std::string_view() : std::string_view(it->second);
            }};
  return find(c.platform)->receive(c.channel, r, c.now);
}

}  // namespace adapters
