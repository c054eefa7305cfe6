#include "adapters/encode.hpp"

#include <algorithm>
#include <array>

namespace adapters {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kUpperHex = "0123456789ABCDEF";
constexpr std::size_t kMaxFields = 256;
constexpr std::array<std::pair<std::string_view, char>, 5> kEntities{
    {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t width(std::string_view text, std::size_t at) {  // bytes of the character that begins here
  std::size_t end = at + 1;
  while (end < text.size() && continues(text[end])) ++end;
  return end - at;
}

std::size_t units_of(std::size_t bytes, Unit unit) {
  if (unit == Unit::bytes) return bytes;
  return unit == Unit::utf16 && bytes == 4 ? 2 : 1;
}

std::optional<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%') {
      int high = i + 2 < text.size() ? digit(text[i + 1]) : -1, low = i + 2 < text.size() ? digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::size_t fitting(std::string_view text, std::size_t most, Unit unit) {  // bytes
  std::size_t at = 0, used = 0;
  while (at < text.size()) {
    std::size_t bytes = width(text, at);
    used += units_of(bytes, unit);
    if (used > most) break;
    at += bytes;
  }
  return at;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
                 c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    out.append({'%', kUpperHex[byte >> 4], kUpperHex[byte & 15]});
  }
  return out;
}

std::optional<Form> parse_form(std::string_view body) {
  Form out;
  for (std::size_t at = 0; at < body.size();) {
    std::size_t end = std::min(body.find('&', at), body.size());
    std::string_view field = body.substr(at, end - at);
    at = end + 1;
    if (field.empty()) continue;
    std::size_t equals = std::min(field.find('='), field.size());
    auto name = decode(field.substr(0, equals));
    auto value = decode(equals < field.size() ? field.substr(equals + 1) : std::string_view());
    if (!name || !value || out.size() == kMaxFields) return std::nullopt;
    out.emplace_back(std::move(*name), std::move(*value));
  }
  return out;
}

std::string form_body(const Form& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    out.append(percent_encode(name)).append("=").append(percent_encode(value));
  }
  return out;
}

std::string form_value(const Form& form, std::string_view name) {
  auto it = std::find_if(form.begin(), form.end(), [&](const auto& f) { return f.first == name; });
  return it == form.end() ? "" : it->second;
}

std::string query_value(std::string_view target, std::string_view name) {
  std::size_t question = target.find('?');
  if (question == std::string_view::npos) return "";
  auto form = parse_form(target.substr(question + 1));
  return form ? form_value(*form, name) : "";
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    out.append({kHex[byte >> 4], kHex[byte & 15]});
  }
  return out;
}

std::optional<std::string> unhex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::string escape_entities(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else out += c;
  }
  return out;
}

std::string unescape_entities(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto it = std::find_if(kEntities.begin(), kEntities.end(),
                           [&](const auto& e) { return text.substr(i).starts_with(e.first); });
    out += it == kEntities.end() ? text[i] : it->second;
    if (it != kEntities.end()) i += it->first.size() - 1;
  }
  return out;
}

std::size_t units(std::string_view text, Unit unit) {
  std::size_t out = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t bytes = width(text, at);
    out += units_of(bytes, unit);
    at += bytes;
  }
  return out;
}

std::vector<std::string> split(std::string_view text, std::size_t most, Unit unit) {
  std::vector<std::string> out;
  while (units(text, unit) > most) {
    std::size_t end = std::max(fitting(text, most, unit), width(text, 0));
    for (char at : {'\n', ' '})
      if (std::size_t found = text.substr(0, end).rfind(at); found != std::string_view::npos && found >= end / 2) {
        end = found + 1;
        break;
      }
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  if (!text.empty() || out.empty()) out.emplace_back(text);
  return out;
}

std::string cut(std::string_view text, std::size_t most, Unit unit) {
  return std::string(text.substr(0, fitting(text, most, unit)));
}

std::string with_numbers(const Outgoing& o, std::size_t buttons) {
  if (o.choices.empty() || o.choices.size() <= buttons) return o.text;
  std::string out = o.text;
  for (std::size_t i = 0; i < o.choices.size(); ++i)
    out.append(i == 0 ? "\n" : "  ").append(std::to_string(i + 1)).append(" ").append(o.choices[i].label);
  return out;
}

}  // namespace adapters
