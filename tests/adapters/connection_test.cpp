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

struct Stream {
  Channel with = [] {
    Channel c;
    c.settings["server"] = "127.0.0.1:5347";
    c.settings["domain"] = "bot.localhost";
    c.secrets["component_secret"] = Secret("s3cr3t");
    return c;
  }();
  std::unique_ptr<Connection> connection = xmpp_stream(with);
  Time now{seconds(1000)};
  Heard hears(std::string_view bytes) { return connection->heard(bytes, now); }
  void ready() {
    connection->opened(now);
    hears(
        "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
        "xmlns='jabber:component:accept' from='bot.localhost' id='c2dbb5a4-6139-44b7-b1ca-ef2b3abcbe6d'>");
    hears("<handshake/>");
  }
};

TEST(XmppStream, ShowsItsSecret) {  // the digest that Prosody accepted: platforms-2.md 11
  Stream s;
  EXPECT_EQ(s.connection->url(), "stream://127.0.0.1:5347");
  EXPECT_TRUE(s.connection->opened(s.now).say.at(0).find("to='bot.localhost'") != std::string::npos);
  EXPECT_TRUE(
      s.hears("<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' id='c2dbb5a4-61")
          .say.empty());
  EXPECT_EQ(s.hears("39-44b7-b1ca-ef2b3abcbe6d'>").say.at(0),
            "<handshake>05b34214627ec1ec218a892c5ebafef8ebdf0720</handshake>");
  EXPECT_FALSE(s.connection->ready());
  s.hears("<handshake/>");
  EXPECT_TRUE(s.connection->ready());
}

TEST(XmppStream, HearsPeople) {
  Stream s;
  s.ready();
  s.hears("<message from='alice@localhost/phone' to='steady@bot.localhost' id='m1' ty");
  auto said = s.hears(
      "pe='chat'><body>Gr\xC3\xBC\xC3\x9F"
      "e &amp; hi</body><request xmlns='urn:xmpp:receipts'/></message>");
  ASSERT_EQ(said.updates.size(), 1U);
  EXPECT_EQ(said.updates[0].text,
            "Gr\xC3\xBC\xC3\x9F"
            "e & hi");
  EXPECT_EQ(said.updates[0].contact, "alice@localhost");
  EXPECT_EQ(said.updates[0].id, "alice@localhost:m1");
  EXPECT_TRUE(said.say.at(0).find("urn:xmpp:receipts' id='m1'") != std::string::npos);
  auto edited = s.hears(
      "<message from='a@b' id='m2'><body>x</body><replace id='m1' xmlns='urn:xmpp:message-correct:0'/></message>");
  EXPECT_EQ(edited.updates.at(0).kind, Kind::edited);
  EXPECT_TRUE(s.hears("<message from='a@b' type='groupchat'><body>i want to die</body></message>").updates.empty());
  EXPECT_TRUE(s.hears("<message from='a@b'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>")
                  .updates.empty());
  EXPECT_TRUE(s.hears("<message from='a@b'><encrypted xmlns='eu.siacs.conversations.axolotl'/><body>x</body></message>")
                  .say.at(0)
                  .find("OMEMO") != std::string::npos);
  EXPECT_EQ(s.hears("<message from='a@b' type='error'><error type='cancel'><item-not-found/></error></message>")
                .updates.at(0)
                .kind,
            Kind::blocked);
}

TEST(XmppStream, AnswersWhatEverybodyIsAsked) {
  Stream s;
  s.ready();
  auto began = s.hears("<presence from='a@b/x' type='subscribe'/>");
  EXPECT_EQ(began.updates.at(0).kind, Kind::began);
  EXPECT_TRUE(began.say.at(0).find("type='subscribed'") != std::string::npos);
  EXPECT_EQ(s.hears("<presence from='a@b' type='unsubscribe'/>").updates.at(0).kind, Kind::blocked);
  EXPECT_EQ(
      s.hears("<iq from='a@b/x' to='bot.localhost' id='1' type='get'><ping xmlns='urn:xmpp:ping'/></iq>").say.at(0),
      "<iq from='bot.localhost' to='a@b/x' id='1' type='result'/>");
  EXPECT_TRUE(s.hears("<iq from='a@b/x' id='2' type='get'><query xmlns='jabber:iq:version'/></iq>")
                  .say.at(0)
                  .find("service-unavailable") != std::string::npos);
  EXPECT_TRUE(s.hears("<iq from='a@b/x' id='3' type='result'/>").say.empty());
  EXPECT_EQ(s.connection->tick(s.now + seconds(61)).say.at(0), " ");
}

TEST(XmppStream, IsBounded) {
  Stream deep;
  deep.ready();
  std::string nested;
  for (int i = 0; i < 100; ++i) nested += "<a>";
  EXPECT_TRUE(deep.hears("<message from='a@b'>" + nested).reconnect);
  Stream wide;
  wide.ready();
  EXPECT_TRUE(wide.hears("<message from='a@b'><body>" + std::string(100'000, 'x')).reconnect);
  Stream typed;
  typed.connection->opened(typed.now);
  EXPECT_TRUE(typed.hears("<!DOCTYPE x [<!ENTITY a 'b'>]><stream:stream>").reconnect);
  Stream refused;
  refused.ready();
  auto told = refused.hears(
      "<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>");
  EXPECT_TRUE(told.reconnect);
  EXPECT_FALSE(told.broken.empty());
}

}  // namespace
}  // namespace adapters
