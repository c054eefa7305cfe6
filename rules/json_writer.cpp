#include "rules/json_writer.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rules {

void JsonWriter::quote(std::string_view text) {
  bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 127 && c != '"' && c != '\\'; });
  if (plain) {
    out_ += '"';
    out_ += text;
    out_ += '"';
  } else {
    using json = nlohmann::json;
    out_ += json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  }
}

}  // namespace rules
