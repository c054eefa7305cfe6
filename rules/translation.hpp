// translation: what a language says in place of the texts of the guides, which are written once, in kSourceLanguage.
// As in gettext, a text is found by what the guide says (the first of its variants), so a translation whose text has
// changed is noticed, and a label that stands in many steps is translated once.
// Threads: values; read by any number. Tested by tests/rules/translation_test.cpp and by check_translations().
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rules/guide.hpp"
#include "rules/signal.hpp"

namespace rules {

inline constexpr std::string_view kSourceLanguage = "en";

struct Translation {
  struct Text {
    std::vector<std::string> variants;
    Place place;
  };
  std::map<std::string, Text, std::less<>> texts;         // by the first variant of the guide's
  std::map<std::string, std::string, std::less<>> words;  // named words, as Pack::words
  bool safety_only = false;                               // the rest is said in kSourceLanguage
};

struct Pack;

// One language's view of the texts of a pack.
class Texts {
 public:
  Texts(const Pack& pack, std::string_view language);
  [[nodiscard]] bool safety_only() const { return translation_ != nullptr && translation_->safety_only; }
  [[nodiscard]] const std::vector<std::string>& variants(const Wording& wording) const;
  [[nodiscard]] std::string text(std::string_view source) const;       // a label, a phrase of the directory
  [[nodiscard]] const std::string* word(std::string_view name) const;  // null when there is none
  [[nodiscard]] std::string word_or(std::string_view name, std::string_view otherwise) const;

 private:
  const Pack* pack_;
  const Translation* translation_;  // null: the source language
};

// The installed language that `hint` means: "es-MX" is es, "pt" is pt-BR; "" when none is.
std::string installed_language(const Pack& pack, std::string_view hint);
inline constexpr std::size_t kMinGuessedBytes = 20;  // shorter texts look alike in many languages
// The language that a text is written in, when that is sure (CLD2); "" otherwise. Only to offer a language or to add a
// reading, never to skip one.
std::string guessed_language(const Pack& pack, std::string_view text);

}  // namespace rules
