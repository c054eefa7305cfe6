// pages: the files of bot/pages, embedded at build.
#pragma once
#include <string_view>

namespace bot {

struct Page {
  std::string_view name, content, type;
};
const Page* find_page(std::string_view name);  // "index.html"; null when there is none

}  // namespace bot
