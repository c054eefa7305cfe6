// Tests of signature, encode, fields, document and jwt: published vectors, and what is broken.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "adapters/encode.hpp"
#include "adapters/fields.hpp"
#include "adapters/jwt.hpp"
#include "adapters/signature.hpp"

namespace adapters {
namespace {

using json = nlohmann::json;

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
  EXPECT_EQ(sha1_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(hmac_sha1("key", "The quick brown fox jumps over the lazy dog")),  // RFC 2202's companion vector
            "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9");
}

TEST(Signature, Ed25519) {  // platforms-1.md 3.2
  auto key = unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  auto good = unhex(
      "eae7f07ebddae83a72c9c57bea015596e5cbce2d25b92465039f422046356a8ce95a5ba970baa8c51a6ed35539d63d267c5bef9"
      "12a02265d45d4a8260525a90c");
  std::string message =
      R"(1700000000{"application_id":"845027738276462632","id":"1171234567890123456","token":"aW50ZXJhY3Rpb24=","type":1,"user":{"id":"53908232506183680","username":"mason"},"version":1})";
  EXPECT_TRUE(ed25519_verified(*key, message, *good));
  EXPECT_FALSE(ed25519_verified(*key, message + " ", *good));
  EXPECT_FALSE(ed25519_verified(*key, message, good->substr(1)));
  EXPECT_FALSE(ed25519_verified("short", message, *good));
}

TEST(Signature, OfARotation) {
  Channel c;
  EXPECT_EQ(refused_token(c, "token", "")->status, 503);
  c.secrets["token"] = Secret("new");
  EXPECT_EQ(refused_token(c, "token", "old")->status, 401);
  c.secrets["token_old"] = Secret("old");
  EXPECT_FALSE(refused_token(c, "token", "old"));
  EXPECT_FALSE(refused_token(c, "token", "new"));
  EXPECT_TRUE(refused_token(c, "token", ""));
}

TEST(Jwt, FixedVectors) {
  json v = json::parse(std::ifstream(STEADY_SOURCE "/tests/adapters/jwt_vectors.json"));
  Time clock{std::chrono::seconds(v["clock"].get<std::int64_t>())};
  std::string keys = v["botframework"]["jwks"].dump(), token = v["botframework"]["token"].get<std::string>();
  auto jwt = verified_jwt(token, keys, clock);
  ASSERT_TRUE(jwt) << jwt.error();
  EXPECT_EQ(jwt->claims["iss"].text(), "https://api.botframework.com");
  EXPECT_TRUE(verified_jwt(token, keys, clock + std::chrono::minutes(59)));  // run out four minutes ago
  EXPECT_FALSE(verified_jwt(token, keys, clock + std::chrono::minutes(61)));
  EXPECT_FALSE(verified_jwt(token, keys, clock - std::chrono::minutes(11)));
  EXPECT_FALSE(verified_jwt(token, R"({"keys":[]})", clock));
  EXPECT_FALSE(verified_jwt("", keys, clock));
  EXPECT_FALSE(verified_jwt("a.b.c", keys, clock));
  std::string spoiled = token;
  spoiled[token.size() - 20] ^= 1;
  EXPECT_FALSE(verified_jwt(spoiled, keys, clock));
  std::string body = token.substr(token.find('.') + 1, token.rfind('.') - token.find('.') - 1);
  EXPECT_FALSE(verified_jwt(base64url(R"({"alg":"none"})") + "." + body + ".", keys, clock));
  std::string by_public_key = base64url(R"({"alg":"HS256","kid":"test-key-1"})") + "." + body;
  EXPECT_FALSE(verified_jwt(by_public_key + "." + base64url(hmac_sha256(keys, by_public_key)), keys, clock));
}

TEST(Jwt, Signs) {
  json v = json::parse(std::ifstream(STEADY_SOURCE "/tests/adapters/jwt_vectors.json"));
  std::string pem = v["private_pkcs8_pem"].get<std::string>();
  std::string token = signed_jwt(R"({"exp":2000})", pem, "test-key-1");
  EXPECT_TRUE(verified_jwt(token, v["botframework"]["jwks"].dump(), Time(std::chrono::seconds(1000))));
  EXPECT_EQ(signed_jwt("{}", "no key"), "");
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

TEST(DocumentOfJson, IsReadWithoutExceptions) {
  auto d = Document::read(R"({"a":{"b":[1,{"c":"x"}],"n":null,"big":4912661846655238145}})");
  ASSERT_TRUE(d);
  EXPECT_EQ((*d)["a"]["b"].items().at(1)["c"].text(), "x");
  EXPECT_EQ((*d)["a"]["big"].text(), "4912661846655238145");
  EXPECT_EQ((*d)["a"]["b"]["c"]["d"].text(), "");
  EXPECT_FALSE((*d)["a"]["n"].there());
  EXPECT_FALSE(Document::read("[1]"));
  EXPECT_FALSE(Document::read(std::string(10'000, '{')));
  EXPECT_FALSE(Document::glance("broken")["a"].there());
}

TEST(Encode, FormsAndEscapes) {
  EXPECT_EQ(percent_encode("a b&é/!"), "a%20b%26%C3%A9%2F%21");
  auto form = parse_form("Body=hola+caf%C3%A9+%2B1&To=&=x&Flag");
  ASSERT_TRUE(form);
  EXPECT_EQ(form_value(*form, "Body"), "hola café +1");
  EXPECT_EQ(form->size(), 4U);
  EXPECT_FALSE(parse_form("a=%zz"));
  EXPECT_FALSE(parse_form("a=%"));
  EXPECT_EQ(parse_form(form_body({{"a b", "c&d=e"}}))->at(0), (std::pair<std::string, std::string>("a b", "c&d=e")));
  EXPECT_EQ(query_value("/x?a=1&b=%20", "b"), " ");
  EXPECT_EQ(query_value("/x", "b"), "");
  EXPECT_FALSE(unhex("abc"));
  EXPECT_FALSE(unhex("zz"));
  EXPECT_EQ(unescape_entities(escape_entities("<a> & b")), "<a> & b");
  EXPECT_EQ(unescape_entities("&amp;lt; &x; &"), "&lt; &x; &");
}

TEST(Encode, SplitsWithoutLoss) {
  EXPECT_EQ(units("a😀é", Unit::utf16), 4U);
  EXPECT_EQ(units("a😀é", Unit::code_points), 3U);
  EXPECT_EQ(units("a😀é", Unit::bytes), 7U);
  std::string text = "First line of it\nsecond line with words 😀😀😀 and an endandnoblankinititgoeson";
  for (std::size_t most : {1U, 2U, 4U, 7U, 20U, 1000U}) {
    std::string joined;
    for (const auto& part : split(text, most, Unit::utf16)) {
      EXPECT_TRUE(units(part, Unit::utf16) <= std::max<std::size_t>(most, 2)) << part;
      joined += part;
    }
    EXPECT_EQ(joined, text);
  }
  EXPECT_EQ(split("one two three", 9, Unit::bytes).front(), "one two ");
  EXPECT_EQ(split("", 9, Unit::bytes), std::vector<std::string>{""});
  EXPECT_EQ(cut("äöü", 3, Unit::bytes), "ä");
}

}  // namespace
}  // namespace adapters
