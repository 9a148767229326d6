// Checks composition: fills surfaces with colours through images, draws them in one job, and prints pixels of the
// result as `name Y U V`, for test-gpu.test.ts to judge.
#include <cstring>

#include "display.h"

namespace {

using namespace checks;

/** Fills an NV12 surface by an image of its own. */
void paintNv12(const Display &display, VASurfaceID surface, int width, int height, uint8_t y, uint8_t u, uint8_t v) {
  VAImageFormat format{};
  format.fourcc = VA_FOURCC_NV12;
  VAImage image{};
  need(vaCreateImage(display.va, &format, width, height, &image), "vaCreateImage");
  void *mapped = nullptr;
  need(vaMapBuffer(display.va, image.buf, &mapped), "vaMapBuffer");
  auto *bytes = static_cast<uint8_t *>(mapped);
  for (int row = 0; row < height; row++) std::memset(bytes + image.offsets[0] + row * image.pitches[0], y, width);
  for (int row = 0; row < height / 2; row++)
    for (int i = 0; i < width; i += 2) {
      bytes[image.offsets[1] + row * image.pitches[1] + i] = u;
      bytes[image.offsets[1] + row * image.pitches[1] + i + 1] = v;
    }
  need(vaUnmapBuffer(display.va, image.buf), "vaUnmapBuffer");
  need(vaPutImage(display.va, surface, image.image_id, 0, 0, width, height, 0, 0, width, height), "vaPutImage");
  need(vaDestroyImage(display.va, image.image_id), "vaDestroyImage");
}

/** Fills a BGRA surface through a derived image: white, opaque in its left half. */
void paintOverlay(const Display &display, VASurfaceID surface) {
  VAImage image{};
  need(vaDeriveImage(display.va, surface, &image), "vaDeriveImage");
  void *mapped = nullptr;
  need(vaMapBuffer(display.va, image.buf, &mapped), "vaMapBuffer");
  auto *bytes = static_cast<uint8_t *>(mapped);
  for (int row = 0; row < image.height; row++)
    for (int i = 0; i < image.width; i++) {
      uint8_t *pixel = bytes + image.offsets[0] + row * image.pitches[0] + 4 * i;
      std::memset(pixel, 255, 3);
      pixel[3] = i < image.width / 2 ? 255 : 0;
    }
  need(vaUnmapBuffer(display.va, image.buf), "vaUnmapBuffer");
  need(vaDestroyImage(display.va, image.image_id), "vaDestroyImage");
}

struct Point {
  const char *name;
  int x, y;
};

void print(const Display &display, VASurfaceID surface, const std::vector<Point> &points) {
  VAImage image{};
  need(vaDeriveImage(display.va, surface, &image), "vaDeriveImage");
  void *mapped = nullptr;
  need(vaMapBuffer(display.va, image.buf, &mapped), "vaMapBuffer");
  const auto *bytes = static_cast<const uint8_t *>(mapped);
  for (const Point &point : points) {
    const uint8_t *colours = bytes + image.offsets[1] + point.y / 2 * image.pitches[1] + point.x / 2 * 2;
    std::printf("%s %d %d %d\n", point.name, bytes[image.offsets[0] + point.y * image.pitches[0] + point.x], colours[0],
                colours[1]);
  }
  need(vaUnmapBuffer(display.va, image.buf), "vaUnmapBuffer");
  need(vaDestroyImage(display.va, image.image_id), "vaDestroyImage");
}

}  // namespace

int main(int, char **arguments) {
  const Display display(arguments[1]);
  VASurfaceID one = display.surface(VA_FOURCC_NV12, 320, 180), two = display.surface(VA_FOURCC_NV12, 640, 368);
  VASurfaceID overlay = display.surface(VA_FOURCC_BGRA, 64, 64), target = display.surface(VA_FOURCC_NV12, 1280, 720);
  paintNv12(display, one, 320, 180, 100, 90, 200);
  paintNv12(display, two, 640, 368, 200, 140, 60);
  paintOverlay(display, overlay);
  {
    const Compositor compositor(display, 1280, 720);
    const VARectangle left{0, 0, 640, 360}, right{640, 0, 640, 360}, logo{600, 100, 80, 80}, low{640, 360, 640, 360};
    const VARectangle shown{0, 0, 640, 360};
    VABlendState perPixel{}, half{};
    half.flags = VA_BLEND_GLOBAL_ALPHA;
    half.global_alpha = 0.5F;
    auto second = layer(two, &right);
    second.surface_region = &shown;
    auto third = layer(one, &low);
    third.blend_state = &half;
    auto fourth = layer(overlay, &logo);
    fourth.blend_state = &perPixel;
    need(compositor.draw(target, {layer(one, &left, 0xff000000), second, third, fourth}), "draw");
  }
  print(display, target,
        {{"background", 100, 600},
         {"left", 300, 200},
         {"right", 1000, 200},
         {"half", 1000, 600},
         {"opaque", 610, 140},
         {"clear", 670, 140}});
  for (VASurfaceID *surface : {&one, &two, &overlay, &target}) vaDestroySurfaces(display.va, surface, 1);
  return 0;
}
