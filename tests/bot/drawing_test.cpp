// Tests of bot/drawing: what a picture shows is there in the pixels, and the same picture gives the same bytes.
#include "bot/drawing.hpp"

#include <cairo.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>

namespace bot {
namespace {

rules::Picture picture() {
  rules::Picture p;
  p.title = "2 moments";
  p.strips[0] = {"The gap", {"acted first", "did not act"}, {}, {}};
  p.strips[1] = {"How strong", {"0", "10"}, {}, {}};
  p.strips[2] = {"How long", {"15 min", "longer"}, {}, {}};
  p.strips[3] = {"Repair", {}, {}, {}};
  p.routes = {{{"live", 0}, {"people", 0}, {"back", 0}}};
  return p;
}

struct Pixels {
  explicit Pixels(std::string bytes) : png(std::move(bytes)) {
    auto read = [](void* self, unsigned char* data, unsigned int length) {
      auto& p = *static_cast<Pixels*>(self);
      if (p.at + length > p.png.size()) return CAIRO_STATUS_READ_ERROR;
      std::memcpy(data, p.png.data() + p.at, length);
      p.at += length;
      return CAIRO_STATUS_SUCCESS;
    };
    surface.reset(cairo_image_surface_create_from_png_stream(read, this));
  }
  // Pixels that are more blue than red: the one hue.
  [[nodiscard]] int blue() const {
    const unsigned char* data = cairo_image_surface_get_data(surface.get());
    int stride = cairo_image_surface_get_stride(surface.get()), n = 0;
    for (int y = 0; y < cairo_image_surface_get_height(surface.get()); ++y)
      for (int x = 0; x < cairo_image_surface_get_width(surface.get()); ++x) {
        const unsigned char* pixel = data + y * stride + x * 4;
        n += pixel[0] > pixel[2] + 40 ? 1 : 0;
        coloured += pixel[2] > pixel[0] + 40 || pixel[1] > pixel[0] + 40 ? 1 : 0;
      }
    return n;
  }
  std::string png;
  std::size_t at = 0;
  mutable int coloured = 0;  // of another hue
  std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface{nullptr, &cairo_surface_destroy};
};

TEST(Drawing, IsReadableAsAPngOfTheWidthThatIsSaid) {
  Pixels pixels(draw_png(picture()));
  ASSERT_EQ(cairo_surface_status(pixels.surface.get()), CAIRO_STATUS_SUCCESS);
  EXPECT_EQ(cairo_image_surface_get_width(pixels.surface.get()), kDrawingWidth);
  EXPECT_EQ(pixels.blue(), 0) << "nothing was lived, and something is drawn";
}

TEST(Drawing, AFilledDotHasMoreInkThanAnOpenOne) {
  auto with = [](bool filled) {
    auto p = picture();
    p.strips[0].dots.push_back({0.5, 1, filled});
    return Pixels(draw_png(p)).blue();
  };
  EXPECT_GT(with(false), 15);
  EXPECT_GT(with(true), with(false) * 3 / 2);
}

TEST(Drawing, EveryPartLeavesItsInkInOneHue) {
  auto p = picture();
  int before = 0;
  auto grew = [&](const char* what) {
    Pixels pixels(draw_png(p));
    int now = pixels.blue();
    EXPECT_GT(now, before) << what;
    EXPECT_EQ(pixels.coloured, 0) << what;
    before = now;
  };
  for (auto& strip : p.strips) {
    strip.dots.push_back({0.25, 0.5, true});
    grew("a dot");
  }
  p.weeks[3] = {2, true, false, false};
  grew("a striped bar");
  int striped = before;
  p.weeks[3].counted = true;
  grew("a full bar");
  EXPECT_GT(before, striped);
  p.routes[1].second = 4;
  grew("a route");
}

TEST(Drawing, OfTheSamePictureIsTheSame) {
  EXPECT_EQ(draw_png(picture()), draw_png(picture()));
  std::string svg = draw_svg(picture());
  EXPECT_TRUE(svg.starts_with("<?xml"));
  EXPECT_NE(svg.find("</svg>"), std::string::npos);
}

}  // namespace
}  // namespace bot
