// labels: a Reading in the words of tests/corpora/messages/README.md (level, needs, pull, moment, ask), for `steady
// rules read` and the measures. Deciding does not use them. Tested by tests/rules/parts_test.cpp.
#pragma once
#include <string>
#include <vector>

#include "rules/reading.hpp"

namespace rules {

struct Labels {
  std::string level, pull, ask;
  std::vector<std::string> needs, signals;
  bool moment = false;
};

Labels labels_of(const Reading& reading);

}  // namespace rules
