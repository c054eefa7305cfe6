// Tests of bot/vault: what is sealed opens with its key, in its place, unchanged, and in no other way.
#include "bot/vault.hpp"

#include <gtest/gtest.h>

namespace bot {
namespace {

const Vault kVault{adapters::Secret("a master key")};

TEST(Vault, OpensWhatItSealed) {
  DataKey key = kVault.new_key("person/1");
  for (std::string text : {std::string(), std::string("{\"format\":1}"), std::string(100'000, 'x')}) {
    std::string sealed = seal(key, text, "person/1");
    EXPECT_EQ(open_sealed(key, sealed, "person/1"), text);
    EXPECT_TRUE(text.empty() || sealed.find(text.substr(0, 8)) == std::string::npos);
    EXPECT_NE(seal(key, text, "person/1"), sealed) << "the same text twice looks the same";
  }
  auto again = kVault.unwrap(key.wrapped, "person/1");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->bytes, key.bytes);
}

TEST(Vault, OpensNothingElsewhereOrChanged) {
  DataKey key = kVault.new_key("person/1");
  std::string sealed = seal(key, "words", "person/1");
  EXPECT_FALSE(open_sealed(key, sealed, "person/2"));
  EXPECT_FALSE(open_sealed(kVault.new_key("person/1"), sealed, "person/1"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string spoiled = sealed;
    spoiled[i] = static_cast<char>(spoiled[i] ^ 1);
    EXPECT_FALSE(open_sealed(key, spoiled, "person/1")) << i;
    EXPECT_FALSE(open_sealed(key, sealed.substr(0, i), "person/1")) << i;
  }
}

TEST(Vault, AKeyOpensOnlyUnderItsMasterAndForItsPerson) {
  DataKey key = kVault.new_key("person/1");
  EXPECT_FALSE(kVault.unwrap(key.wrapped, "person/2"));
  EXPECT_FALSE(Vault(adapters::Secret("another")).unwrap(key.wrapped, "person/1"));
  EXPECT_FALSE(Vault().unwrap(key.wrapped, "person/1"));
  EXPECT_FALSE(Vault().ready());
}

}  // namespace
}  // namespace bot
