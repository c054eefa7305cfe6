#include "rules/translation.hpp"

#include <cld2/public/compact_lang_det.h>

#include "rules/pack.hpp"

namespace rules {

Texts::Texts(const Pack& pack, std::string_view language) : pack_(&pack) {
  auto it = pack.translations.find(language);
  translation_ = it == pack.translations.end() ? nullptr : &it->second;
}

const std::vector<std::string>& Texts::variants(const Wording& wording) const {
  if (translation_ != nullptr)
    if (auto it = translation_->texts.find(wording.variants.front()); it != translation_->texts.end())
      return it->second.variants;
  return wording.variants;
}

std::string Texts::text(std::string_view source) const {
  if (translation_ != nullptr)
    if (auto it = translation_->texts.find(source); it != translation_->texts.end()) return it->second.variants.front();
  return std::string(source);
}

const std::string* Texts::word(std::string_view name) const {
  if (translation_ != nullptr)
    if (auto it = translation_->words.find(name); it != translation_->words.end()) return &it->second;
  auto it = pack_->words.find(name);
  return it == pack_->words.end() ? nullptr : &it->second;
}

std::string Texts::word_or(std::string_view name, std::string_view otherwise) const {
  const std::string* found = word(name);
  return found == nullptr ? std::string(otherwise) : *found;
}

std::string installed_language(const Pack& pack, std::string_view hint) {
  auto primary = [](std::string_view tag) { return tag.substr(0, tag.find_first_of("-_")); };
  if (pack.detectors.contains(hint)) return std::string(hint);
  for (const auto& [language, detector] : pack.detectors)
    if (!hint.empty() && primary(language) == primary(hint)) return language;
  return "";
}

std::string guessed_language(const Pack& pack, std::string_view text) {
  bool sure = false;
  int valid = 0;  // bytes; only this form looks at them first: the others read outside their tables on broken UTF-8
  auto size = static_cast<int>(text.size());
  auto language = CLD2::DetectLanguageCheckUTF8(text.data(), size, true, &sure, &valid);
  return sure && valid == size ? installed_language(pack, CLD2::LanguageCode(language)) : "";
}

}  // namespace rules
