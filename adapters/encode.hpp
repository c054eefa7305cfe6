// encode: how text travels: percent-encoding, forms, hex, entities; and the cutting of texts that are too long for one
// message. Pure; threads: any. Decoding failures are "no value", never an exception. Tested by
// tests/adapters/encode_test.cpp. Source: RFC 3986 2, WHATWG URL 5 (forms), read 2026-11-24.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/adapter.hpp"

namespace adapters {

using Form = std::vector<std::pair<std::string, std::string>>;  // in the order in which they stand

std::string percent_encode(std::string_view text);      // all but letters, digits and -._~
std::optional<Form> parse_form(std::string_view body);  // none: broken escapes, or more than 256 fields
std::string form_body(const Form& fields);
std::string form_value(const Form& form, std::string_view name);  // of the first of that name; "" when absent
std::string query_value(std::string_view target, std::string_view name);

std::string hex(std::string_view bytes);  // lower case
std::optional<std::string> unhex(std::string_view text);

std::string escape_entities(std::string_view text);    // & < >
std::string unescape_entities(std::string_view text);  // &amp; &lt; &gt; &quot; &apos;

std::size_t units(std::string_view text, Unit unit);
// At line ends, else at blanks, else between characters; nothing is lost. One part when it fits.
std::vector<std::string> split(std::string_view text, std::size_t most, Unit unit);
std::string cut(std::string_view text, std::size_t most, Unit unit);  // what fits, of labels

// "\n1 Chest  2 Throat": for what has no buttons, or not enough of them.
std::string with_numbers(const Outgoing& outgoing, std::size_t buttons);

}  // namespace adapters
