#include "rules/letters.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <utility>

namespace rules {
namespace {

// Letters of other scripts that pass for Latin ones, sorted by code point.
constexpr std::array<std::pair<std::int32_t, char>, 53> kLookAlikes{{
    {0x131, 'i'}, {0x142, 'l'}, {0x251, 'a'}, {0x261, 'g'}, {0x269, 'i'},  {0x26A, 'i'}, {0x280, 'r'}, {0x28F, 'y'},
    {0x3B1, 'a'}, {0x3B5, 'e'}, {0x3B7, 'n'}, {0x3B9, 'i'}, {0x3BA, 'k'},  {0x3BD, 'v'}, {0x3BF, 'o'}, {0x3C1, 'p'},
    {0x3C4, 't'}, {0x3C5, 'u'}, {0x3C7, 'x'}, {0x3C9, 'w'}, {0x430, 'a'},  {0x432, 'b'}, {0x433, 'r'}, {0x435, 'e'},
    {0x438, 'u'}, {0x43A, 'k'}, {0x43C, 'm'}, {0x43D, 'h'}, {0x43E, 'o'},  {0x440, 'p'}, {0x441, 'c'}, {0x442, 't'},
    {0x443, 'y'}, {0x445, 'x'}, {0x44C, 'b'}, {0x455, 's'}, {0x456, 'i'},  {0x458, 'j'}, {0x461, 'w'}, {0x4AF, 'y'},
    {0x4BB, 'h'}, {0x4CF, 'l'}, {0x501, 'd'}, {0x51B, 'q'}, {0x51D, 'w'},  {0x561, 'w'}, {0x570, 'h'}, {0x578, 'n'},
    {0x57D, 'u'}, {0x581, 'g'}, {0x582, 'i'}, {0x585, 'o'}, {0x1D0F, 'o'},
}};

char look_alike(std::int32_t c) {
  auto it = std::lower_bound(kLookAlikes.begin(), kLookAlikes.end(), c,
                             [](const auto& entry, std::int32_t value) { return entry.first < value; });
  return it != kLookAlikes.end() && it->first == c ? it->second : '\0';
}

Mark ascii(char c, std::string& out) {
  if (c >= 'a' && c <= 'z') return out.push_back(c), Mark::letters;
  if (c >= 'A' && c <= 'Z') return out.push_back(static_cast<char>(c + 32)), Mark::letters;
  if (c >= '0' && c <= '9') return out.push_back(c), Mark::letters;
  switch (c) {
    case '\'':
    case '`': return Mark::apostrophe;
    case '\n':
    case '\r': return Mark::newline;
    case ' ':
    case '\t': return Mark::space;
    case '.':
    case ';':
    case '!': return Mark::stop;
    case '?': return Mark::question;
    case '"': return Mark::quote;
    case ',':
    case ':':
    case '(':
    case ')':
    case '[':
    case ']': return Mark::pause;
    default: return c < 32 || c == 127 ? Mark::nothing : Mark::symbol;
  }
}

const icu::Normalizer2& nfkd() {
  static const icu::Normalizer2* const instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    return icu::Normalizer2::getNFKDInstance(status);
  }();
  return *instance;
}

bool invisible(std::int32_t c) {
  return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         c == 0xAD || c == 0x34F || c == 0x180E || (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0x1F3FB && c <= 0x1F3FF) ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

Mark folded_letters(std::int32_t c, std::string& out) {
  icu::UnicodeString folded = icu::UnicodeString(c).foldCase();
  icu::UnicodeString plain;
  if (!nfkd().getDecomposition(folded.char32At(0), plain)) plain = folded;
  Mark mark = Mark::nothing;
  for (std::int32_t i = 0; i < plain.length(); i = plain.moveIndex32(i, 1)) {
    std::int32_t part = u_foldCase(plain.char32At(i), U_FOLD_CASE_DEFAULT);
    if (part < 128) {
      mark = ascii(static_cast<char>(part), out);
    } else if (char twin = look_alike(part)) {
      out.push_back(twin);
      mark = Mark::letters;
    } else if (u_isalnum(part)) {
      icu::UnicodeString(part).toUTF8String(out);
      mark = Mark::letters;
    } else if (u_charType(part) != U_NON_SPACING_MARK && u_charType(part) != U_ENCLOSING_MARK &&
               mark != Mark::letters) {
      mark = Mark::symbol;
    }
  }
  return mark;
}

}  // namespace

Mark plain_letters(std::int32_t c, std::string& out) {
  if (c >= 0 && c < 128) return ascii(static_cast<char>(c), out);
  if (c < 0 || c == 0xFFFD) return Mark::pause;
  switch (c) {
    case 0x2018:
    case 0x2019:
    case 0x2BC:
    case 0xB4: return Mark::apostrophe;
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0xAB:
    case 0xBB: return Mark::quote;
    case 0x2013:
    case 0x2014:
    case 0x2022:
    case 0xBF:
    case 0xA1:
    case 0x2026: return Mark::pause;
    case 0x2028:
    case 0x2029: return Mark::newline;
    case 0x3002: return Mark::stop;
    case 0xFF1F: return Mark::question;
    default: break;
  }
  if (invisible(c)) return Mark::nothing;
  if (u_isUWhiteSpace(c)) return Mark::space;
  if (u_charType(c) == U_NON_SPACING_MARK || u_charType(c) == U_ENCLOSING_MARK) return Mark::nothing;
  return folded_letters(c, out);
}

}  // namespace rules
