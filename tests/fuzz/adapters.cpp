// libFuzzer target: any bytes as what a platform posts, signed with the channel's test secret so that they get past the
// signature, and unsigned; and as what a connection of ours hears. The first byte chooses the platform. What may not
// happen: a crash, an update without a contact or an id, an update out of a body whose proof is spoiled.
//   tests/fuzz/run [SECONDS] adapters   runs from the bodies of tests/adapters/*.json
#include <cstdio>
#include <cstdlib>

#include "adapters/connection.hpp"
#include "adapters/registry.hpp"
#include "tests/adapters/sign.hpp"

namespace {

using adapters::Case;

void require(bool holds, const char* what, const std::string& platform) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s: %s\n", platform.c_str(), what);
  std::abort();
}

std::vector<Case> channels() {
  std::vector<Case> out;
  for (const auto* a : adapters::all())
    out.push_back(adapters::case_of(a->platform(), adapters::table_of(a->platform())));
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Case> all = channels();
  if (size == 0) return 0;
  Case c = all[(data[0] & 0x7F) % all.size()];
  std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);  // NOLINT: bytes
  if ((data[0] & 0x80) != 0) c.row["form"] = nlohmann::json::object();  // the other content type
  if (c.platform == "matrix") c.row["method"] = "PUT", c.row["path"] = "/_matrix/app/v1/transactions/1";
  auto posted = adapters::posted(c, body);
  if (auto received = adapters::receive(c, posted))
    for (const auto& u : received->updates)
      require(!u.id.empty() && !u.contact.empty(), "an update of nobody", c.platform);
  bool in_body =
      c.platform == "zulip" || c.platform == "rocketchat" || c.platform == "mattermost";  // tables spoil those
  if (c.platform != "web" && !in_body)
    if (auto spoiled = adapters::receive(c, adapters::spoiled(c, posted)))
      require(spoiled->updates.empty(), "an update out of a spoiled body", c.platform);
  const auto* adapter = adapters::find(c.platform);
  adapters::HttpResult answer;
  answer.status = 200 + static_cast<int>(data[0]) * 2;
  answer.body = body;
  static_cast<void>(adapter->conclude(answer));
  static_cast<void>(adapter->token_of(answer));
  for (const auto& u : adapter->fetched(c.channel, answer))
    require(!u.id.empty() && !u.contact.empty(), "a fetched update of nobody", c.platform);
  if (auto connection = adapter->connection(c.channel)) {
    connection->opened(c.now);
    if (c.platform == "xmpp") connection->heard("<stream:stream xmlns:stream='x' id='1'><handshake/>", c.now);
    for (std::size_t at = 0; at < body.size(); at += 64)
      for (const auto& u : connection->heard(std::string_view(body).substr(at, 64), c.now).updates)
        require(!u.id.empty() && !u.contact.empty(), "a heard update of nobody", c.platform);
    connection->heard(body, c.now);
  }
  return 0;
}
