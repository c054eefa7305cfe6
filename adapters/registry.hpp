// registry: the visible list of platforms. Adding one: its .cpp, a line here, a line in CMakeLists.txt, a table in
// tests/adapters/.
#pragma once
#include <span>
#include <string_view>

#include "adapters/adapter.hpp"

namespace adapters {

const Adapter* find(std::string_view platform);  // null when unknown
std::span<const Adapter* const> all();

const Adapter& telegram();
const Adapter& web();
const Adapter& generic();

}  // namespace adapters
