#include "bot/drawing.hpp"

#include <cairo-svg.h>
#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <stdexcept>

namespace bot {
namespace {

constexpr double kLeft = 190, kRight = 24, kTop = 88;                 // the strips begin right of their marks
constexpr double kStrip = 92, kLowStrip = 28, kGap = 48, kLine = 22;  // heights
constexpr double kRadius = 5.5, kWidth = kDrawingWidth - kLeft - kRight;
constexpr double kTitleSize = 20, kNameSize = 15, kMarkSize = 12, kNameAbove = 22;

struct Colour {
  double red, green, blue;
};
constexpr Colour kInk{0.13, 0.15, 0.18}, kSoft{0.42, 0.45, 0.49}, kRule{0.86, 0.87, 0.89}, kShade{0.94, 0.94, 0.95},
    kHue{0.16, 0.38, 0.62};

class Drawing {
 public:
  Drawing(cairo_surface_t* surface, const rules::Picture& picture)
      : context_(cairo_create(surface), &cairo_destroy), picture_(picture) {
    cairo_select_font_face(context(), "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  }

  static double height(const rules::Picture& picture) {
    double all = kTop;
    for (const auto& strip : picture.strips) all += strip_height(strip) + kGap;
    return all + kStrip + kGap + static_cast<double>(picture.hard.size()) * kLine + kGap / 2 +
           static_cast<double>(picture.routes.size()) * kLine + kGap;
  }

  void draw() {
    colour({1, 1, 1});
    cairo_paint(context());
    words(kRight, kTop / 3, picture_.title, kTitleSize, kInk);
    shade_hard_weeks();
    y_ = kTop;
    for (const auto& s : picture_.strips) strip(s);
    bars();
    for (const auto& line : picture_.hard) {
      words(kLeft, y_, line, kMarkSize, kSoft);
      y_ += kLine;
    }
    routes();
    check();
  }

 private:
  static double strip_height(const rules::Strip& strip) { return strip.marks.empty() ? kLowStrip : kStrip; }
  [[nodiscard]] cairo_t* context() const { return context_.get(); }
  void check() const {
    if (auto status = cairo_status(context()); status != CAIRO_STATUS_SUCCESS)
      throw std::runtime_error(cairo_status_to_string(status));
  }

  void colour(Colour c) { cairo_set_source_rgb(context(), c.red, c.green, c.blue); }
  void words(double x, double y, const std::string& text, double size, Colour c, bool to_the_left = false) {
    colour(c);
    cairo_set_font_size(context(), size);
    cairo_text_extents_t extents;
    cairo_text_extents(context(), text.c_str(), &extents);
    cairo_move_to(context(), to_the_left ? x - extents.x_advance : x, y + size / 3);
    cairo_show_text(context(), text.c_str());
  }
  void line(double x1, double y1, double x2, double y2, Colour c, double width) {
    colour(c);
    cairo_set_line_width(context(), width);
    cairo_move_to(context(), x1, y1);
    cairo_line_to(context(), x2, y2);
    cairo_stroke(context());
  }

  void shade_hard_weeks() {
    double bottom = kTop + kStrip;  // of the bars: all strips are above them
    for (const auto& s : picture_.strips) bottom += strip_height(s) + kGap;
    colour(kShade);
    for (std::size_t i = 0; i < picture_.weeks.size(); ++i) {
      if (!picture_.weeks[i].hard) continue;
      cairo_rectangle(context(), kLeft + week_width() * static_cast<double>(i), kTop, week_width(), bottom - kTop);
      cairo_fill(context());
    }
  }

  void strip(const rules::Strip& s) {
    double height = strip_height(s), bottom = y_ + height;
    words(kRight, y_ - kNameAbove, s.name, kNameSize, kInk);
    for (std::size_t m = 0; m < s.marks.size(); ++m) {
      double y = bottom - height * static_cast<double>(m) / static_cast<double>(s.marks.size() - 1);
      line(kLeft, y, kLeft + kWidth, y, kRule, 1);
      words(kLeft - 10, y, s.marks[m], kMarkSize, kSoft, true);
    }
    if (s.marks.empty()) line(kLeft, bottom - height / 2, kLeft + kWidth, bottom - height / 2, kRule, 1);
    middle(s, bottom, height);
    for (const auto& dot : s.dots) {
      cairo_new_path(context());  // words leave a point behind
      cairo_arc(context(), kLeft + dot.at * kWidth, bottom - dot.height * height, kRadius, 0, 2 * std::numbers::pi);
      colour(dot.filled ? kHue : Colour{1, 1, 1});
      cairo_fill_preserve(context());
      colour(kHue);
      cairo_set_line_width(context(), 1.5);
      cairo_stroke(context());
    }
    y_ = bottom + kGap;
  }

  void middle(const rules::Strip& s, double bottom, double height) {
    if (s.middle.empty()) return;
    cairo_new_path(context());
    for (const auto& point : s.middle)
      cairo_line_to(context(), kLeft + point.at * kWidth, bottom - point.height * height);
    colour(kSoft);
    cairo_set_line_width(context(), 2);
    cairo_stroke(context());
  }

  static double week_width() { return kWidth / rules::kRecentWeeks; }

  void bars() {
    double most = 1, bottom = y_ + kStrip;
    for (const auto& week : picture_.weeks) most = std::max(most, week.size);
    words(kRight, y_ - kNameAbove, picture_.weeks_name, kNameSize, kInk);
    line(kLeft, bottom, kLeft + kWidth, bottom, kRule, 1);
    words(kLeft - 10, bottom, "0", kMarkSize, kSoft, true);
    words(kLeft - 10, y_, std::to_string(std::lround(most)), kMarkSize, kSoft, true);
    for (std::size_t i = 0; i < picture_.weeks.size(); ++i) {
      const auto& week = picture_.weeks[i];
      if (week.known)
        bar(kLeft + week_width() * (static_cast<double>(i) + 0.2), bottom, kStrip * week.size / most, week.counted);
    }
    y_ = bottom + kGap / 2 + kLine;
  }

  void bar(double x, double bottom, double height, bool counted) {
    double width = week_width() * 0.6, top = bottom - height;
    cairo_rectangle(context(), x, top, width, height);
    colour(kHue);
    if (counted) return cairo_fill(context());
    cairo_set_line_width(context(), 1);
    cairo_stroke_preserve(context());
    cairo_save(context());  // stripes, only within the bar
    cairo_clip(context());
    for (double up = bottom + width; up > top; up -= 6) line(x, up, x + width, up - width, kHue, 1);
    cairo_restore(context());
  }

  void routes() {
    int most = 1;
    for (const auto& route : picture_.routes) most = std::max(most, route.second);
    y_ += kGap / 2;
    words(kRight, y_ - kNameAbove, picture_.routes_name, kNameSize, kInk);
    y_ += kLine / 2;
    for (const auto& [name, points] : picture_.routes) {
      words(kLeft - 10, y_, name, kMarkSize, kSoft, true);
      double length = kWidth * 0.6 * points / most;
      colour(kHue);
      cairo_rectangle(context(), kLeft, y_ - 6, length, 12);
      cairo_fill(context());
      words(kLeft + length + 8, y_, std::to_string(points), kMarkSize, kSoft);
      y_ += kLine;
    }
  }

  std::unique_ptr<cairo_t, decltype(&cairo_destroy)> context_;
  const rules::Picture& picture_;
  double y_ = 0;
};

cairo_status_t append(void* to, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), length);  // NOLINT: Cairo's type
  return CAIRO_STATUS_SUCCESS;
}

using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;

}  // namespace

std::string draw_png(const rules::Picture& picture) {
  Surface surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, kDrawingWidth, static_cast<int>(Drawing::height(picture))),
      &cairo_surface_destroy);
  Drawing(surface.get(), picture).draw();
  std::string out;
  if (auto status = cairo_surface_write_to_png_stream(surface.get(), &append, &out); status != CAIRO_STATUS_SUCCESS)
    throw std::runtime_error(cairo_status_to_string(status));
  return out;
}

std::string draw_svg(const rules::Picture& picture) {
  std::string out;
  Surface surface(cairo_svg_surface_create_for_stream(&append, &out, kDrawingWidth, Drawing::height(picture)),
                  &cairo_surface_destroy);
  Drawing(surface.get(), picture).draw();
  cairo_surface_finish(surface.get());
  return out;
}

}  // namespace bot
