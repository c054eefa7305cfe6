#include "bot/canary.hpp"

#include <unistd.h>

#include <array>
#include <climits>
#include <nlohmann/json.hpp>

#include "adapters/call.hpp"
#include "adapters/signature.hpp"
#include "bot/answers.hpp"
#include "bot/config.hpp"
#include "bot/log.hpp"
#include "rules/engine.hpp"

namespace bot {
namespace {

constexpr const char *kWords = "i took all the pills half an hour ago and i want to die", *kCountry = "US";

// The help lines of kCountry that a first reply to kWords may name.
bool names_a_route(std::string_view text) {
  return text.find("988") != std::string_view::npos || text.find("911") != std::string_view::npos;
}

std::string wrong_in(const rules::Pack& pack, const std::string& language, rules::Time now) {
  rules::Said said;
  said.text = kWords;
  said.reading = rules::read(pack, said.text, language);
  if (said.reading.level() != rules::Level::danger) return "not heard as danger";
  rules::Input input;
  input.contact.country_hint = kCountry;
  input.contact.language = language;
  input.contact.language_hint = language;
  input.event = std::move(said);
  rules::Decision decision = rules::decide(pack, rules::Person{}, input, now);
  if (decision.replies.empty()) return "not answered";
  if (!decision.replies.front().urgent) return "answered, but not as urgent";
  if (!names_a_route(decision.replies.front().text)) return "answered without a live route";
  return "";
}

}  // namespace

std::string canary(const rules::Pack& pack, rules::Time now) {
  std::string out;
  auto look = [&](const std::string& language) {
    if (std::string wrong = wrong_in(pack, language, now); !wrong.empty())
      out += (out.empty() ? "" : "; ") + language + ": " + wrong;
  };
  look(std::string(rules::kSourceLanguage));
  for (const auto& [language, translation] : pack.translations) look(language);
  return out;
}

Canary::Canary(Environment& environment, Call call)
    : environment_(environment), call_(std::move(call)), token_(environment.random_token()) {}

adapters::Channel Canary::channel(const std::string& address, unsigned short port) {
  std::string host = address == "0.0.0.0" ? "127.0.0.1" : address == "::" ? "[::1]" : address;
  if (host.find(':') != std::string::npos && host.front() != '[') host = "[" + host + "]";
  base_ = "http://" + host + ":" + std::to_string(port);
  std::array<char, HOST_NAME_MAX + 1> name{};
  ::gethostname(name.data(), name.size() - 1);
  contact_ = std::string(name.data()) + ":" + std::to_string(port);  // nodes of one store are strangers to each other
  channel_.name = kCanaryChannel;
  channel_.platform = "generic";
  channel_.settings = {{"url", base_ + std::string(kCanaryPath) + token_}, {"allow_private", "true"}};
  channel_.secrets.emplace("secret", adapters::Secret("whsec_" + adapters::base64(environment_.random_token())));
  return channel_;
}

void Canary::run(const rules::Pack* pack) {
  auto now = environment_.steady();
  {
    std::lock_guard lock(mutex_);
    if (posted_ && now - *posted_ > kCanaryWithin)
      failed("posted to this service, and not answered within " + std::to_string(kCanaryWithin.count()) + " s");
    if (posted_ || (next_ && now < *next_)) return;
    next_ = now + kCanaryEvery;
    std::string wrong = pack == nullptr ? "no packs" : canary(*pack, environment_.now());
    if (!wrong.empty()) return failed(wrong);
    posted_ = now;
  }
  post();
}

void Canary::post() {
  auto call =
      adapters::standard_call(base_ + std::string(kHooks) + channel_.name, environment_.random_token(),
                              "message.inbound", {{"contact", contact_}, {"text", kWords}, {"country", kCountry}},
                              environment_.now(), {&channel_.secret("secret")});
  call_(std::move(call), [this](const adapters::HttpResult& result) {
    std::lock_guard lock(mutex_);
    if (posted_ && result.status / 100 != 2)
      failed("posted to this service, which said " + std::to_string(result.status));
  });
}

HttpResponse Canary::arrived(std::string_view token, std::string_view body) {
  HttpResponse out;
  std::lock_guard lock(mutex_);
  if (!adapters::equal_secret(token, token_)) return refusal(404, "no such path");
  out.status = 204;
  if (!posted_) return out;
  if (names_a_route(body)) {
    well_ = true;
    posted_.reset();
  } else {
    failed("posted to this service, and answered without a live route");
  }
  return out;
}

void Canary::failed(const std::string& how) {
  well_ = false;
  posted_.reset();
  next_ = environment_.steady() + kCanaryAgain;
  log(LogLevel::error, "canary", {{"problem", std::string_view(how)}});
}

}  // namespace bot
