// Tests of connection: what Discord's Gateway and Mattermost's socket say, and what is done about it, without a socket.
#include "adapters/connection.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace adapters {
namespace {

using json = nlohmann::json;
using std::chrono::seconds;

Channel channel() {
  Channel c;
  c.secrets["token"] = Secret("bot-token");
  c.settings["server"] = "https://mm.example";
  c.settings["bot_id"] = "bot";
  return c;
}

struct Gateway {
  std::unique_ptr<Connection> connection = discord_gateway(channel());
  Time now{seconds(1000)};
  Heard hears(const json& j) { return connection->heard(j.dump(), now); }
  Heard dispatch(const char* type, const json& d, int number = 1) {
    return hears({{"op", 0}, {"t", type}, {"s", number}, {"d", d}});
  }
};

TEST(DiscordGateway, IdentifiesBeatsAndResumes) {
  Gateway g;
  EXPECT_EQ(g.connection->url(), "wss://gateway.discord.gg/?v=10&encoding=json");
  EXPECT_TRUE(g.connection->opened(g.now).say.empty());
  json first = json::parse(g.hears({{"op", 10}, {"d", {{"heartbeat_interval", 40'000}}}}).say.at(0));
  EXPECT_EQ(first["op"], 2);
  EXPECT_EQ(first["d"]["intents"], 4096);
  g.dispatch("READY", {{"session_id", "S"}, {"resume_gateway_url", "wss://elsewhere.discord.gg"}}, 7);
  EXPECT_TRUE(g.connection->tick(g.now + seconds(19)).say.empty());
  Heard beat = g.connection->tick(g.now + seconds(20));
  EXPECT_EQ(json::parse(beat.say.at(0)), (json{{"op", 1}, {"d", 7}}));
  EXPECT_FALSE(beat.reconnect);
  EXPECT_TRUE(g.connection->tick(g.now + seconds(60)).reconnect) << "the beat stayed unanswered";
  EXPECT_TRUE(g.connection->closed(1006).broken.empty());
  EXPECT_EQ(g.connection->url(), "wss://elsewhere.discord.gg/?v=10&encoding=json");
  g.connection->opened(g.now);
  json again = json::parse(g.hears({{"op", 10}, {"d", {{"heartbeat_interval", 40'000}}}}).say.at(0));
  EXPECT_EQ(again, (json{{"op", 6}, {"d", {{"token", "bot-token"}, {"session_id", "S"}, {"seq", 7}}}}));
}

TEST(DiscordGateway, BeginsAnewAndGivesUp) {
  Gateway g;
  g.dispatch("READY", {{"session_id", "S"}});
  EXPECT_TRUE(g.hears({{"op", 7}}).reconnect);
  EXPECT_TRUE(g.hears({{"op", 9}, {"d", false}}).reconnect);
  json hello = json::parse(g.hears({{"op", 10}, {"d", {{"heartbeat_interval", 40'000}}}}).say.at(0));
  EXPECT_EQ(hello["op"], 2) << "the session is gone";
  EXPECT_FALSE(g.connection->closed(4004).broken.empty());
  EXPECT_FALSE(g.connection->closed(4014).broken.empty());
  EXPECT_TRUE(g.connection->closed(4000).broken.empty());
}

TEST(DiscordGateway, HearsPeopleInPrivateOnly) {
  Gateway g;
  json message{{"id", "1"}, {"channel_id", "7"}, {"author", {{"id", "5"}}}, {"content", "hi"}};
  auto said = g.dispatch("MESSAGE_CREATE", message).updates;
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].text + said[0].contact + said[0].id, "hi71");
  json other = message;
  other["guild_id"] = "9";
  EXPECT_TRUE(g.dispatch("MESSAGE_CREATE", other).updates.empty());
  other = message;
  other["author"]["bot"] = true;
  EXPECT_TRUE(g.dispatch("MESSAGE_CREATE", other).updates.empty());
  EXPECT_TRUE(g.dispatch("MESSAGE_UPDATE", message).updates.empty()) << "a link that unfolds";
  message["edited_timestamp"] = "2026";
  EXPECT_EQ(g.dispatch("MESSAGE_UPDATE", message).updates.at(0).kind, Kind::edited);
  message.erase("edited_timestamp");
  message["content"] = "";
  message["attachments"] = json::array({{{"content_type", "audio/ogg"}}});
  EXPECT_EQ(g.dispatch("MESSAGE_CREATE", message).updates.at(0).value, "voice");
  EXPECT_TRUE(g.connection->heard("no JSON", g.now).updates.empty());
}

TEST(MattermostSocket, ShowsItsTokenAndAsksForWhatWasMissed) {
  auto socket = mattermost_socket(channel());
  Time now{seconds(1000)};
  EXPECT_EQ(socket->url(), "wss://mm.example/api/v4/websocket");
  EXPECT_EQ(json::parse(socket->opened(now).say.at(0))["data"]["token"], "bot-token");
  socket->heard(R"({"event":"hello","data":{"connection_id":"c"},"seq":0})", now);
  json post{{"id", "p"}, {"user_id", "ana"}, {"channel_id", "ch"}, {"message", "hi"}};
  json event{{"event", "posted"}, {"data", {{"channel_type", "D"}, {"post", post.dump()}}}, {"seq", 5}};
  EXPECT_EQ(socket->heard(event.dump(), now).updates.at(0).text, "hi");
  EXPECT_EQ(socket->url(), "wss://mm.example/api/v4/websocket?connection_id=c&sequence_number=6");
  post["user_id"] = "bot";
  event["data"]["post"] = post.dump();
  EXPECT_TRUE(socket->heard(event.dump(), now).updates.empty()) << "its own words";
  event["data"]["channel_type"] = "O";
  EXPECT_TRUE(socket->heard(event.dump(), now).updates.empty());
  EXPECT_TRUE(socket->tick(now + seconds(29)).say.empty());
  EXPECT_EQ(json::parse(socket->tick(now + seconds(30)).say.at(0))["action"], "ping");
  EXPECT_FALSE(socket->heard(R"({"status":"FAIL","error":{"id":"x"},"seq_reply":1})", now).broken.empty());
}

}  // namespace
}  // namespace adapters
