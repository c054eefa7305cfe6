#include "bot/totp.hpp"

#include "adapters/signature.hpp"

namespace bot {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::int64_t kStepSeconds = 30;
constexpr std::uint32_t kDigits = 6, kTen6 = 1'000'000;

}  // namespace

std::string base32(std::string_view bytes) {
  std::string out;
  std::uint32_t held = 0, bits = 0;
  for (char c : bytes) {
    held = held << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) out += kAlphabet[held >> (bits - 5) & 31U];
  }
  if (bits > 0) out += kAlphabet[held << (5 - bits) & 31U];
  return out;
}

std::optional<std::string> unbase32(std::string_view text) {
  std::string out;
  std::uint32_t held = 0, bits = 0;
  for (char c : text) {
    if (c == ' ') continue;
    auto at = kAlphabet.find(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    if (at == std::string_view::npos) return std::nullopt;
    held = held << 5 | static_cast<std::uint32_t>(at);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>(held >> bits & 255U);
  }
  return out;
}

std::string totp(std::string_view key, std::int64_t step) {
  std::string counter;
  for (int shift = 56; shift >= 0; shift -= 8)
    counter += static_cast<char>(static_cast<std::uint64_t>(step) >> static_cast<unsigned>(shift) & 255U);
  std::string mac = adapters::hmac_sha1(key, counter);
  auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(mac[i])); };
  std::size_t at = byte(mac.size() - 1) & 15U;
  std::uint32_t number = ((byte(at) & 127U) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3)) % kTen6;
  std::string digits = std::to_string(number);
  return std::string(kDigits - digits.size(), '0') + digits;
}

std::optional<std::int64_t> totp_step(std::string_view key, std::string_view code, rules::Time now,
                                      std::int64_t after) {
  std::int64_t present = now.time_since_epoch().count() / kStepSeconds;
  for (std::int64_t step = present - 1; step <= present + 1; ++step)
    if (step > after && adapters::equal_secret(totp(key, step), code)) return step;
  return std::nullopt;
}

}  // namespace bot
