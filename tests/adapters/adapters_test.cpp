// Tests of adapters/: each platform's table (tests/adapters/NAME.json), and for free for every receive row: one byte of
// the secret changed is refused, the body cut at every byte never crashes and never gives another update, unknown
// fields change nothing, no secret occurs in what is answered.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "adapters/fields.hpp"
#include "adapters/registry.hpp"
#include "adapters/signature.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;
const Time kNow{std::chrono::seconds(1'767'323'045)};

struct Case {
  std::string platform;
  json row;
  Channel channel;
};

Channel channel_of(const json& j, const std::string& platform) {
  Channel c;
  c.name = "test";
  c.platform = platform;
  for (const auto& [k, v] : j["settings"].items()) c.settings[k] = v.get<std::string>();
  for (const auto& [k, v] : j["secrets"].items()) c.secrets[k] = Secret(v.get<std::string>());
  return c;
}

std::vector<Case> cases(const char* kind) {
  std::vector<Case> out;
  for (const char* platform : {"telegram", "generic", "web"}) {
    std::ifstream in(std::string(STEADY_SOURCE "/tests/adapters/") + platform + ".json");
    json table = json::parse(in);
    for (const auto& row : table[kind]) out.push_back({platform, row, channel_of(table["channel"], platform)});
  }
  return out;
}

std::string body_of(const json& row) {
  return row["body"].is_string() ? row["body"].get<std::string>() : row["body"].dump();
}

using Headers = std::map<std::string, std::string>;
Headers headers_of(const Case& c, const std::string& body) {
  Headers h;
  if (c.platform == "telegram") h["X-Telegram-Bot-Api-Secret-Token"] = c.channel.secret("webhook_secret").reveal();
  if (c.platform == "web") h["Cookie"] = "a=b; steady_web=" + std::string(43, 'x') + "; c=d";
  if (c.platform == "generic") {
    h["webhook-id"] = "msg_1";
    h["webhook-timestamp"] = std::to_string(kNow.time_since_epoch().count());
    h["webhook-signature"] =
        "v1a,AAAA " + standard_signature(c.channel.secret("secret").reveal(), "msg_1", h["webhook-timestamp"], body);
  }
  if (c.row.contains("headers"))
    for (const auto& [k, v] : c.row["headers"].items()) h[k] = v.get<std::string>();
  return h;
}

tl::expected<Received, Refusal> receive(const Case& c, const std::string& body, const Headers& headers) {
  Request r{"POST", "/", body, [&](std::string_view name) -> std::string_view {
              auto it = headers.find(std::string(name));
              return it == headers.end() ? std::string_view() : std::string_view(it->second);
            }};
  return find(c.platform)->receive(c.channel, r, kNow);
}

json told(const tl::expected<Received, Refusal>& r) {
  if (!r) return {{"refused", r.error().status}};
  json out = json::array();
  constexpr std::array<const char*, 6> kKinds{"text", "choice", "began", "blocked", "edited", "non_text"};
  for (const auto& u : r->updates) {
    json j{{"id", u.id}, {"contact", u.contact}, {"kind", kKinds[static_cast<std::size_t>(u.kind)]}};
    if (!u.text.empty()) j["text"] = u.text;
    if (!u.value.empty()) j["value"] = u.value;
    out.push_back(std::move(j));
  }
  return out;
}

class Receives : public testing::TestWithParam<Case> {};

TEST_P(Receives, AsTheTableSays) {
  const Case& c = GetParam();
  std::string body = body_of(c.row);
  Headers headers = headers_of(c, body);
  auto received = receive(c, body, headers);
  EXPECT_EQ(told(received), c.row["expect"]);
  if (!received) return;
  EXPECT_NE(received->body.find(c.row.value("reply", "")), std::string::npos) << received->body;
  EXPECT_EQ(received->calls.size(), c.row.value("calls", std::size_t{0}));
  for (const auto& [name, secret] : c.channel.secrets)
    EXPECT_EQ(received->body.find(secret.reveal()), std::string::npos);
  const char* signature = c.platform == "telegram"  ? "X-Telegram-Bot-Api-Secret-Token"
                          : c.platform == "generic" ? "webhook-signature"
                                                    : nullptr;
  if (signature != nullptr) {
    Headers wrong = headers;
    wrong[signature].back() = wrong[signature].back() == 'A' ? 'B' : 'A';
    wrong[signature][wrong[signature].size() / 2 + 8] ^= 1;
    EXPECT_EQ(told(receive(c, body, wrong)), (json{{"refused", 401}}));
    wrong.erase(signature);
    EXPECT_EQ(told(receive(c, body, wrong)), (json{{"refused", 401}}));
  }
  if (c.row["body"].is_object()) {
    json more = c.row["body"];
    more["unknown_field"] = {{"deep", {1, 2, {{"text", "x"}}}}};
    std::string wider = more.dump();
    EXPECT_EQ(told(receive(c, wider, headers_of(c, wider))), c.row["expect"])
        << "an unknown field changes what is read";
  }
  for (std::size_t cut = 0; cut < body.size(); ++cut) {
    std::string part = body.substr(0, cut);
    auto half = receive(c, part, headers_of(c, part));
    EXPECT_FALSE(half) << "cut at " << cut << ": " << told(half);
  }
}

class Sends : public testing::TestWithParam<Case> {};

TEST_P(Sends, AsTheTableSays) {
  const Case& c = GetParam();
  if (c.row.contains("message")) {
    Outgoing o;
    o.contact = c.row["message"]["contact"].get<std::string>();
    o.text = c.row["message"]["text"].get<std::string>();
    o.key = "steady-1";
    if (c.row["message"].contains("choices"))
      for (const auto& choice : c.row["message"]["choices"])
        o.choices.push_back({choice[0].get<std::string>(), choice[1].get<std::string>()});
    HttpCall call = find(c.platform)->send(c.channel, o, kNow);
    EXPECT_EQ(call.url, c.row["url"].get<std::string>());
    EXPECT_EQ(json::parse(call.body), c.row["call"]);
  }
  if (c.row.contains("answer")) {
    HttpResult r;
    r.status = c.row["answer"]["status"].get<int>();
    r.sent = c.row["answer"].value("sent", true);
    r.body = c.row["answer"].value("body", "");
    r.retry_after = c.row["answer"].value("retry_after", "");
    struct Name {
      std::string operator()(const Delivered& d) const { return "delivered " + d.id; }
      std::string operator()(const Retry& d) const {
        return "retry " + std::to_string(d.after.count()) + (d.whole_channel ? " channel" : "");
      }
      std::string operator()(const Rejected& d) const { return "rejected " + d.code; }
      std::string operator()(const ContactStopped&) const { return "stopped"; }
      std::string operator()(const ChannelBroken&) const { return "broken"; }
      std::string operator()(const Migrated& d) const { return "migrated " + d.contact; }
      std::string operator()(const Unknown&) const { return "unknown"; }
    };
    EXPECT_EQ(std::visit(Name{}, find(c.platform)->conclude(r)), c.row["delivery"].get<std::string>());
  }
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  std::string name = info.param.platform + "_" + info.param.row["name"].get<std::string>();
  std::replace_if(
      name.begin(), name.end(), [](char ch) { return std::isalnum(static_cast<unsigned char>(ch)) == 0; }, '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Table, Receives, testing::ValuesIn(cases("receive")), name_of);
INSTANTIATE_TEST_SUITE_P(Table, Sends, testing::ValuesIn(cases("send")), name_of);

TEST(Signature, PublishedVectors) {  // platforms-1.md 8, recomputed there
  EXPECT_EQ(standard_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
                               "{\"test\": 2432232314}"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  EXPECT_EQ(standard_signature("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
                               "1767323045",
                               "{\"type\":\"message.inbound\",\"timestamp\":\"2026-01-02T03:04:05Z\",\"data\":{"
                               "\"contact\":\"u-42\",\"text\":\"hola café\"}}"),
            "v1,uH6sRqrDbW6/Pl5a1cjX3uYEWA8qnTNbeWvqgA1vZew=");
  EXPECT_EQ(standard_signature("no prefix", "a", "1", ""), "");
  EXPECT_FALSE(unbase64("***="));
  EXPECT_FALSE(equal_secret("a", "ab"));
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(FieldsOfJson, AreBounded) {
  constexpr std::array<std::string_view, 1> kWanted{"a"};
  EXPECT_FALSE(Fields::read(std::string(10'000, '[') + std::string(10'000, ']'), kWanted));
  EXPECT_FALSE(Fields::read("{\"a\":1,\"a\":2}", kWanted));
  EXPECT_FALSE(Fields::read("[1]", kWanted));
  EXPECT_FALSE(Fields::read("\"a\"", kWanted));
  EXPECT_FALSE(Fields::read("{\"a\":\"\xff\"}", kWanted));
  EXPECT_FALSE(Fields::read("{\"a\":\"\\ud800\"}", kWanted));
  EXPECT_TRUE(Fields::read("{\"a\":\"\\u0000\",\"b\":{\"a\":3}}", kWanted));
}

}  // namespace
}  // namespace adapters
