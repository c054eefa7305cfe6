// Tests of bot/http_client: which URLs and addresses are taken. The wire is tested end to end (tests/e2e).
#include "bot/http_client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

namespace bot {
namespace {

TEST(Url, IsReadStrictly) {
  Url u = parse_url("https://example.org:8443/a/b?c=d#e");
  EXPECT_EQ(u.host, "example.org");
  EXPECT_EQ(u.port, "8443");
  EXPECT_EQ(u.target, "/a/b?c=d");
  EXPECT_EQ(parse_url("http://[::1]:9/").host, "::1");
  EXPECT_EQ(parse_url("https://x").target, "/");
  for (const char* bad : {"", "ftp://x", "https://", "https://user@host/", "https://a:b@127.0.0.1/", "javascript:x",
                          "https://host:80a/", "https://ho st/"})
    EXPECT_TRUE(parse_url(bad).host.empty()) << bad;
}

TEST(PrivateAddress, CoversEveryInnerRange) {
  for (const char* inner : {"127.0.0.1",
                            "127.255.255.254",
                            "10.1.2.3",
                            "172.16.0.1",
                            "172.31.255.255",
                            "192.168.0.1",
                            "169.254.169.254",
                            "100.64.0.1",
                            "100.127.255.255",
                            "0.0.0.0",
                            "224.0.0.1",
                            "240.0.0.1",
                            "255.255.255.255",
                            "192.0.0.1",
                            "198.18.0.1",
                            "::1",
                            "::",
                            "fe80::1",
                            "fc00::1",
                            "fdff::1",
                            "ff02::1",
                            "::ffff:127.0.0.1",
                            "::ffff:10.0.0.1",
                            "64:ff9b::7f00:1",
                            "nonsense"})
    EXPECT_TRUE(private_address(inner)) << inner;
  for (const char* outer :
       {"8.8.8.8", "149.154.167.220", "172.32.0.1", "100.128.0.1", "192.169.0.1", "2606:4700::1111", "::ffff:8.8.8.8"})
    EXPECT_FALSE(private_address(outer)) << outer;
}

TEST(HttpClient, RefusesInnerAddressesUnlessAllowed) {
  for (const char* url : {"http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/",
                          "http://[::ffff:127.0.0.1]:9/", "http://0.0.0.0:9/", "nonsense"}) {
    boost::asio::io_context context;
    HttpClient client(context);
    adapters::HttpResult result{200, true, {}, {}};
    client.call({"POST", url, {}, ""}, false, [&](adapters::HttpResult r) { result = std::move(r); });
    context.run_for(std::chrono::seconds(6));
    EXPECT_EQ(result.status, 0) << url;
    EXPECT_FALSE(result.sent) << url;
  }
}

}  // namespace
}  // namespace bot
