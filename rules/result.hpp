// Result: how the leaves report failure, and Problem: one thing that is wrong in a file a person wrote.
// Only load-time functions return Result; nothing on the path of a message can fail (house.md, errors).
#pragma once
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace rules {

struct Problem {
  std::string file;
  int line = 0;    // from 1; 0 = the whole file
  int column = 0;  // from 1
  std::string what;
  std::string instead;  // what to write instead; may be empty

  [[nodiscard]] std::string text() const {
    std::string out = file;
    if (line > 0) out += ":" + std::to_string(line) + ":" + std::to_string(column);
    out += ": " + what;
    if (!instead.empty()) out += "\n    " + instead;
    return out;
  }
};

using Problems = std::vector<Problem>;

template <class T>
using Result = tl::expected<T, Problems>;

}  // namespace rules
