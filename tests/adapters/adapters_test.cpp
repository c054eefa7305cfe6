// Tests of adapters/: each platform's table (tests/adapters/NAME.json), and for free for every receive row: what proves
// it spoiled is refused, the body cut at every byte never crashes and never gives another update, unknown fields change
// nothing, no secret occurs in what is answered. A table that lacks a required row fails.
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "adapters/encode.hpp"
#include "adapters/registry.hpp"
#include "adapters/signature.hpp"
#include "tests/adapters/sign.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;

std::vector<Case> cases(const char* kind) {
  std::vector<Case> out;
  for (const Adapter* a : all()) {
    json table = table_of(a->platform());
    Case c = case_of(a->platform(), table);
    for (const auto& row : table[kind]) {
      c.row = row;
      out.push_back(c);
    }
  }
  return out;
}

json told(const std::vector<Update>& updates) {
  json out = json::array();
  constexpr std::array<const char*, 6> kKinds{"text", "choice", "began", "blocked", "edited", "non_text"};
  for (const auto& u : updates) {
    json j{{"id", u.id}, {"contact", u.contact}, {"kind", kKinds[static_cast<std::size_t>(u.kind)]}};
    if (!u.text.empty()) j["text"] = u.text;
    if (!u.value.empty()) j["value"] = u.value;
    out.push_back(std::move(j));
  }
  return out;
}
json told(const tl::expected<Received, Refusal>& r) {
  return r ? told(r->updates) : json{{"refused", r.error().status}};
}

class Receives : public testing::TestWithParam<Case> {};

TEST_P(Receives, AsTheTableSays) {
  const Case& c = GetParam();
  std::string body = body_of(c.row);
  Posted whole = posted(c, body);
  auto received = receive(c, whole);
  EXPECT_EQ(told(received), c.row["expect"]) << (received ? "" : received.error().reason);
  if (c.row.contains("hint")) {
    EXPECT_EQ(received->updates.at(0).phone + received->updates.at(0).language, c.row["hint"]);
  }
  if (!received) return;
  EXPECT_NE(received->body.find(c.row.value("reply", "")), std::string::npos) << received->body;
  EXPECT_EQ(received->calls.size(), c.row.value("calls", std::size_t{0}));
  EXPECT_EQ(received->fetches.size(), c.row.value("fetches", std::size_t{0}));
  for (const auto& [name, secret] : c.channel.secrets)
    EXPECT_EQ(received->body.find(secret.reveal()), std::string::npos);
  if (c.row.value("method", "POST") != "POST" && c.platform != "matrix") return;
  if (c.platform != "web") {
    auto refused = receive(c, spoiled(c, whole));
    ASSERT_FALSE(refused) << "spoiled, and taken: " << told(refused);
    EXPECT_TRUE(refused.error().status == 401 || refused.error().status == 403) << refused.error().status;
  }
  if (c.row.contains("body") && c.row["body"].is_object()) {
    json more = c.row["body"];
    more["unknown_field"] = {{"deep", {1, 2, {{"text", "x"}}}}};
    EXPECT_EQ(told(receive(c, posted(c, more.dump()))), c.row["expect"]) << "an unknown field changes what is read";
  }
  for (std::size_t cut = 0; cut < body.size(); ++cut) {
    auto half = receive(c, posted(c, body.substr(0, cut)));
    if (c.row.contains("form") || c.row.contains("unread")) continue;  // a part of a form is a form
    EXPECT_FALSE(half) << "cut at " << cut << ": " << told(half);
  }
}

class Fetches : public testing::TestWithParam<Case> {};

TEST_P(Fetches, AsTheTableSays) {
  const Case& c = GetParam();
  HttpResult r;
  r.status = 200;
  r.body = c.row["answer"].dump();
  EXPECT_EQ(told(find(c.platform)->fetched(c.channel, r)), c.row["expect"]);
}

Outgoing outgoing_of(const json& message) {
  Outgoing o;
  o.contact = message["contact"].get<std::string>();
  o.text = message["text"].get<std::string>();
  o.key = "steady-1";
  o.unasked = message.value("unasked", false);
  o.outside_window = message.value("outside_window", false);
  if (message.contains("choices"))
    for (const auto& choice : message["choices"])
      o.choices.push_back({choice[0].get<std::string>(), choice[1].get<std::string>()});
  return o;
}

class Sends : public testing::TestWithParam<Case> {};

TEST_P(Sends, AsTheTableSays) {
  const Case& c = GetParam();
  if (c.row.contains("message")) {
    HttpCall call = find(c.platform)->send(c.channel, outgoing_of(c.row["message"]), c.now);
    EXPECT_EQ(call.method, c.row.value("method", "POST"));
    EXPECT_EQ(call.url, c.row["url"].get<std::string>());
    if (c.row.contains("raw")) {
      EXPECT_EQ(call.body, c.row["raw"].get<std::string>());
    } else if (c.row.contains("form")) {
      json sent = json::object();
      for (const auto& [name, value] : parse_form(call.body).value_or(Form{})) sent[name] = value;
      EXPECT_EQ(sent, c.row["form"]);
    } else {
      EXPECT_EQ(json::parse(call.body), c.row["call"]);
    }
    if (c.row.contains("headers"))
      for (const auto& [name, value] : c.row["headers"].items()) {
        std::pair<std::string, std::string> header(name, value.get<std::string>());
        EXPECT_TRUE(std::count(call.headers.begin(), call.headers.end(), header) == 1) << name;
      }
  }
  if (c.row.contains("answer")) {
    HttpResult r;
    r.status = c.row["answer"]["status"].get<int>();
    r.sent = c.row["answer"].value("sent", true);
    if (const auto& answer = c.row["answer"]; answer.contains("body"))
      r.body = answer["body"].is_string() ? answer["body"].get<std::string>() : answer["body"].dump();
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
INSTANTIATE_TEST_SUITE_P(Table, Fetches, testing::ValuesIn(cases("fetched")), name_of);
INSTANTIATE_TEST_SUITE_P(Table, Sends, testing::ValuesIn(cases("send")), name_of);

// A row says with `is` which requirement it meets; `without` of the table says what a platform does not have, and why.
TEST(EveryTable, HasTheRequiredRows) {
  for (const Adapter* a : all()) {
    if (a->platform() == "web") continue;  // our own page: nothing is sent to it, it is tested in e2e
    json table = table_of(a->platform());
    std::set<std::string> there;
    for (const char* kind : {"receive", "send", "fetched"})
      for (const auto& row : table[kind]) there.insert(row.value("is", ""));
    for (const auto& [name, why] : table["without"].items()) there.insert(name);
    for (const char* required : {"text", "choice", "began", "blocked", "edited", "non-text", "group", "echo", "ignored",
                                 "malformed", "sent", "throttled", "rejected", "5xx", "no answer", "broken"})
      EXPECT_TRUE(there.contains(required)) << a->platform() << ": no row for " << required;
  }
}

TEST(EveryAdapter, SendsWhatIsLongestAndWidest) {
  for (const Adapter* a : all()) {
    if (a->platform() == "web") continue;
    json table = table_of(a->platform());
    Channel channel = case_of(a->platform(), table).channel;
    Outgoing o;
    o.contact = table["send"][0]["message"]["contact"].get<std::string>();
    o.key = "steady-1234567";
    while (units(o.text + "ü", a->limits().unit) <= a->limits().text) o.text += "ü";
    for (int i = 0; i <= 10; ++i)
      o.choices.push_back({"ein langes Schild 12", std::string(60, 'v') + std::to_string(i)});
    HttpCall call = a->send(channel, o, Time{});
    EXPECT_TRUE(json::accept(call.body) || call.url == "stream:" || parse_form(call.body)) << a->platform();
    EXPECT_TRUE(a->limits().value_bytes >= 64) << a->platform();
    EXPECT_FALSE(call.url.empty());
  }
}

// One call, with the words beside the picture, and every tap.
TEST(EveryAdapter, SendsAPictureWhereItSaysSo) {
  std::string png("\x89PNG\r\n\x1a\n\0binary\xff", 16);
  int with = 0;
  for (const Adapter* a : all()) {
    if (!a->limits().pictures || a->platform() == "web") continue;
    ++with;
    json table = table_of(a->platform());
    Outgoing o;
    o.contact = table["send"][0]["message"]["contact"].get<std::string>();
    o.key = "steady-1234567";
    o.text = "14 moments";
    o.choices = {{"Menu", "menu.open"}};
    o.picture = png;
    HttpCall call = a->send(case_of(a->platform(), table).channel, o, Time{});
    bool whole = call.body.find(png) != std::string::npos;
    EXPECT_TRUE(whole || call.body.find(base64(png)) != std::string::npos) << a->platform();
    EXPECT_NE(call.body.find("14 moments"), std::string::npos) << a->platform();
    EXPECT_EQ(call.body.find("menu.open") == std::string::npos, a->limits().choices == 0) << a->platform();
    if (!whole) continue;
    auto type =
        std::find_if(call.headers.begin(), call.headers.end(), [](const auto& h) { return h.first == "Content-Type"; });
    ASSERT_NE(type, call.headers.end());
    std::string boundary = type->second.substr(type->second.find("boundary=") + 9);
    EXPECT_TRUE(call.body.starts_with("--" + boundary + "\r\n")) << a->platform();
    EXPECT_TRUE(call.body.ends_with("\r\n--" + boundary + "--\r\n")) << a->platform();
  }
  EXPECT_GE(with, 4);
}

TEST(EveryAdapter, RefusesWithoutItsSecret) {
  for (const Adapter* a : all()) {
    if (a->platform() == "web") continue;
    Case c{std::string(a->platform()), json::object(), Channel{}, Time{}};
    Posted p;
    p.body = "{}";
    auto received = receive(c, p);
    ASSERT_FALSE(received) << a->platform();
    EXPECT_TRUE(received.error().status == 503 || received.error().status == 401 || received.error().status == 403)
        << a->platform() << " " << received.error().status;
    EXPECT_FALSE(a->missing(Channel{}).empty()) << a->platform();
  }
}

}  // namespace
}  // namespace adapters
