#include "bot/push.hpp"

#include <nlohmann/json.hpp>

#include "adapters/jwt.hpp"
#include "adapters/vapid.hpp"
#include "bot/answers.hpp"

namespace bot {

void Push::handle(const HttpRequest& request, const Address& address, Answer answer) {
  if (public_url_.empty()) return answer(refusal(404, "there is no public_url, and so no push"));
  HttpResponse out;
  if (request.method != "POST") {
    out.body = nlohmann::json{{"key", adapters::es256_public(secret_.reveal())}}.dump();
    return answer(std::move(out));
  }
  auto body = nlohmann::json::parse(request.body, nullptr, false);
  bool formed = body.is_object() && body.contains("endpoint") && body["endpoint"].is_string() && body.contains("on") &&
                body["on"].is_boolean();
  std::string endpoint = formed ? body["endpoint"].get<std::string>() : "";
  Url url = parse_url(endpoint);
  if (url.host.empty() || endpoint.size() > kMaxEndpointBytes || (!url.tls && !local()))
    return answer(refusal(400, "the body is {\"endpoint\": an https address, \"on\": true or false}"));
  change(address, endpoint, body["on"].get<bool>(), [answer = std::move(answer)](const TurnResult& result) {
    if (result.kind == TurnResult::Kind::failed && !result.late) return answer(refusal(503, "not kept; try again"));
    HttpResponse kept;
    kept.status = 204;
    if (!result.late) answer(std::move(kept));
  });
}

void Push::change(const Address& address, const std::string& endpoint, bool on, Done done) {
  auto decide = [endpoint, on](rules::Person person) {
    std::erase(person.pushed, endpoint);
    if (on) person.pushed.push_back(endpoint);
    if (person.pushed.size() > rules::kMaxPushed) person.pushed.erase(person.pushed.begin());
    rules::Decision decision;
    decision.next = std::move(person);
    return decision;
  };
  store_.turn(address, "push:" + environment_.random_token(), environment_.now(), decide, std::move(done));
}

void Push::tell(const OutboxRow& row) {
  if (public_url_.empty()) return;
  for (const std::string& endpoint : row.pushed)
    call_(adapters::push_call(endpoint, public_url_, secret_.reveal(), environment_.now(), row.message.urgent), local(),
          [this, endpoint, address = Address{row.channel, row.message.contact}](const adapters::HttpResult& result) {
            constexpr int kNotFound = 404, kGone = 410;
            if (result.status == kNotFound || result.status == kGone)
              change(address, endpoint, false, [](const TurnResult&) {});
          });
}

}  // namespace bot
