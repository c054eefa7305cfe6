// compose: words into a reply: rotation of wordings without randomness, placeholders, limits by graphemes.
// Same person state and seed -> same words, always (conversation.md 11.1). Tested by tests/rules/parts_test.cpp.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/guide.hpp"
#include "rules/person.hpp"

namespace rules {

int graphemes(std::string_view utf8);
std::string cut_graphemes(std::string_view utf8, int most);  // never inside a grapheme

std::string capitalised(std::string_view words);
std::vector<std::string> placeholders(std::string_view text);
// {name} -> value(name); {Name} -> the value of name with a capital, of any alphabet.
std::string fill(std::string_view text, const std::function<std::string(std::string_view)>& value);

// Which variant of a text is next for this person; counts the use. `last_opening` is the begin of the bubble before.
const std::string& choose_variant(const std::vector<std::string>& variants, const std::string& id, Person& person,
                                  Time now, bool safety);
std::string opening_of(std::string_view text);  // its first two words

}  // namespace rules
