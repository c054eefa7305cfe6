#include "bot/environment.hpp"

#include <sodium.h>

#include <array>
#include <fstream>

namespace bot {

rules::Time ShiftedEnvironment::now() const {
  std::int64_t seconds = 0;
  std::ifstream(file_) >> seconds;
  return SystemEnvironment::now() + std::chrono::seconds(seconds);
}

std::string SystemEnvironment::random_token() const {
  std::array<unsigned char, 32> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::array<char, sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_URLSAFE_NO_PADDING)> text{};
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return text.data();
}

}  // namespace bot
