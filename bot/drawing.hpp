// drawing: a rules::Picture as PNG or SVG, by Cairo; the one renderer (conversation.md 9.5). One hue, no red or green,
// no arrows. Units: pixels, kDrawingWidth wide; the height follows from what there is to say. Fails with
// std::runtime_error, in Cairo's words. Threads: any. Tested by tests/bot/drawing_test.cpp.
// Source: cairographics.org/manual 1.16.
#pragma once
#include <string>

#include "rules/picture.hpp"

namespace bot {

inline constexpr int kDrawingWidth = 900;

std::string draw_png(const rules::Picture& picture);
std::string draw_svg(const rules::Picture& picture);

}  // namespace bot
