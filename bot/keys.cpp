#include "bot/keys.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "adapters/registry.hpp"
#include "bot/vault.hpp"

namespace bot {
namespace {

// A name in a folder outlives a power cut when the folder is on the disk, too.
bool kept_name(const std::filesystem::path& folder) {
  int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool kept = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  return kept;
}

}  // namespace

adapters::Secret own_key(const std::filesystem::path& data, const std::string& name, const Environment& environment) {
  std::error_code ec;
  std::filesystem::create_directories(data / "keys", ec);
  std::filesystem::permissions(data / "keys", std::filesystem::perms::owner_all, ec);
  auto path = data / "keys" / name;
  std::string key;
  if (std::ifstream(path) >> key) return adapters::Secret(key);
  // One that is there and cannot be read now is never written over: what was sealed with it would be lost.
  if (std::filesystem::exists(path, ec) || ec) return {};
  auto unfinished = data / "keys" / (name + ".new");  // an end in the middle leaves no half a key
  std::filesystem::remove(unfinished, ec);
  int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
  if (file < 0) return {};
  key = environment.random_token();
  bool written = ::pwrite(file, key.data(), key.size(), 0) == static_cast<ssize_t>(key.size()) && ::fsync(file) == 0;
  ::close(file);
  if (written) std::filesystem::rename(unfinished, path, ec);
  return written && !ec && kept_name(path.parent_path()) ? adapters::Secret(key) : adapters::Secret();
}

void complete(adapters::Channel& channel, const std::filesystem::path& data, const Environment& environment,
              const Vault* shared) {
  for (const adapters::Setting& s : adapters::find(channel.platform)->settings()) {
    std::string key(s.key);
    if (s.source == adapters::Source::made && channel.secret(key).empty())
      channel.secrets[key] = shared == nullptr ? own_key(data, channel.name + "." + key, environment)
                                               : adapters::Secret(shared->derived(channel.name + "." + key));
  }
}

}  // namespace bot
