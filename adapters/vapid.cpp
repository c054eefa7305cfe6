#include "adapters/vapid.hpp"

#include <nlohmann/json.hpp>

#include "adapters/jwt.hpp"

namespace adapters {
namespace {

constexpr std::chrono::hours kTokenLasts{12};  // RFC 8292, 2: 24 at most
constexpr const char* kWaits = "3600";         // seconds that a push service keeps it for a device that sleeps

}  // namespace

HttpCall push_call(const std::string& subscriber, const std::string& contact, std::string_view secret, Time now,
                   bool urgent) {
  std::size_t host = subscriber.find("://");
  if (host == std::string::npos) return {};
  std::string origin = subscriber.substr(0, subscriber.find('/', host + 3));
  auto until = (now + kTokenLasts).time_since_epoch().count();
  std::string token = signed_es256(nlohmann::json{{"aud", origin}, {"exp", until}, {"sub", contact}}.dump(), secret);
  HttpCall call;
  call.url = subscriber;
  call.headers = {{"Authorization", "vapid t=" + token + ", k=" + es256_public(secret)},
                  {"TTL", kWaits},
                  {"Urgency", urgent ? "high" : "normal"}};
  return call;
}

}  // namespace adapters
