#include "adapters/adapter.hpp"

#include "adapters/connection.hpp"

namespace adapters {

std::vector<std::string> Adapter::missing(const Channel& channel) const {
  std::vector<std::string> out;
  for (const Setting& s : settings()) {
    std::string key(s.key);
    bool given = s.secret ? !channel.secret(key).empty() : !channel.setting(key).empty();
    if (s.source == Source::asked && !given) out.push_back(key + ": " + std::string(s.what));
  }
  return out;
}

std::unique_ptr<Connection> Adapter::connection(const Channel&) const { return nullptr; }

}  // namespace adapters
