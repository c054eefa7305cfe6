#include "adapters/registry.hpp"

#include <array>

namespace adapters {

std::span<const Adapter* const> all() {
  static const std::array<const Adapter*, 3> list{&telegram(), &web(), &generic()};
  return list;
}

const Adapter* find(std::string_view platform) {
  for (const Adapter* a : all())
    if (a->platform() == platform) return a;
  return nullptr;
}

}  // namespace adapters
