#include "compose.h"

#include <libyuv.h>

#include <algorithm>
#include <cstring>

namespace sluicetest {
namespace {

struct Yuv {
  uint8_t y, u, v;
};

Yuv yuvOf(uint32_t argb) {
  const int r = argb >> 16 & 255, g = argb >> 8 & 255, b = argb & 255;
  return {uint8_t(((66 * r + 129 * g + 25 * b + 128) >> 8) + 16),
          uint8_t(((-38 * r - 74 * g + 112 * b + 128) >> 8) + 128),
          uint8_t(((112 * r - 94 * g - 18 * b + 128) >> 8) + 128)};
}

bool isNv12(const Surface &surface) { return surface.layout.fourcc == VA_FOURCC_NV12; }

/** Pictures in memory of their own, without padding. */
struct Nv12 {
  int width, height;
  Bytes y = Bytes(size_t(width) * height), uv = Bytes(size_t(width) * ((height + 1) / 2));
};

struct Bgra {
  int width, height;
  Bytes pixels = Bytes(size_t(width) * height * 4);
  int pitch() const { return width * 4; }
};

uint8_t *luma(const Surface &surface, const Area &area) {
  return surface.plane(0) + size_t(area.y) * surface.pitch(0) + area.x;
}
uint8_t *chroma(const Surface &surface, const Area &area) {
  return surface.plane(1) + size_t(area.y / 2) * surface.pitch(1) + area.x;
}
uint8_t *pixel(const Surface &surface, const Area &area) {
  return surface.plane(0) + size_t(area.y) * surface.pitch(0) + size_t(area.x) * 4;
}

libyuv::FilterMode filterOf(const Layer &layer) { return layer.smooth ? libyuv::kFilterBox : libyuv::kFilterBilinear; }

/** The layer's source, scaled, as NV12 straight into `y` and `uv`. */
void scaleNv12(const Layer &layer, uint8_t *y, int yPitch, uint8_t *uv, int uvPitch) {
  const Surface &source = *layer.source;
  libyuv::NV12Scale(luma(source, layer.from), source.pitch(0), chroma(source, layer.from), source.pitch(1),
                    layer.from.width, layer.from.height, y, yPitch, uv, uvPitch, layer.to.width, layer.to.height,
                    filterOf(layer));
}

/** The layer's source, scaled, as BGRA. */
Bgra scaledBgra(const Layer &layer) {
  Bgra out{layer.to.width, layer.to.height};
  if (isNv12(*layer.source)) {
    Nv12 scaled{out.width, out.height};
    scaleNv12(layer, scaled.y.data(), scaled.width, scaled.uv.data(), scaled.width);
    libyuv::NV12ToARGB(scaled.y.data(), scaled.width, scaled.uv.data(), scaled.width, out.pixels.data(), out.pitch(),
                       out.width, out.height);
    return out;
  }
  libyuv::ARGBScale(pixel(*layer.source, layer.from), layer.source->pitch(0), layer.from.width, layer.from.height,
                    out.pixels.data(), out.pitch(), out.width, out.height, filterOf(layer));
  if (layer.source->layout.fourcc == VA_FOURCC_BGRX)
    for (size_t i = 3; i < out.pixels.size(); i += 4) out.pixels[i] = 255;
  return out;
}

uint8_t mixed(int under, int over, int alpha) { return uint8_t((under * (255 - alpha) + over * alpha + 127) / 255); }

/** One alpha a pixel, after the layer's own. */
Bytes alphaOf(const Layer &layer, const Bgra &picture) {
  Bytes alpha(size_t(picture.width) * picture.height);
  for (size_t i = 0; i < alpha.size(); i++) alpha[i] = uint8_t(float(picture.pixels[4 * i + 3]) * layer.alpha + 0.5f);
  return alpha;
}

void blendOntoNv12(const Layer &layer, Surface &onto) {
  Bgra picture = scaledBgra(layer);
  const Bytes alpha = alphaOf(layer, picture);
  if (layer.isPremultiplied)
    libyuv::ARGBUnattenuate(picture.pixels.data(), picture.pitch(), picture.pixels.data(), picture.pitch(),
                            picture.width, picture.height);
  Nv12 over{picture.width, picture.height};
  libyuv::ARGBToNV12(picture.pixels.data(), picture.pitch(), over.y.data(), over.width, over.uv.data(), over.width,
                     over.width, over.height);
  const int width = over.width;
  for (int row = 0; row < over.height; row++) {
    uint8_t *to = luma(onto, layer.to) + size_t(row) * onto.pitch(0);
    const size_t at = size_t(row) * width;
    for (int i = 0; i < width; i++) to[i] = mixed(to[i], over.y[at + i], alpha[at + i]);
  }
  for (int row = 0; row < over.height / 2; row++) {
    uint8_t *to = chroma(onto, layer.to) + size_t(row) * onto.pitch(1);
    const uint8_t *upper = &alpha[size_t(2 * row) * width], *lower = upper + width;
    for (int i = 0; i < width; i += 2) {
      const int mean = (upper[i] + upper[i + 1] + lower[i] + lower[i + 1] + 2) / 4;
      const size_t at = size_t(row) * width + i;
      to[i] = mixed(to[i], over.uv[at], mean);
      to[i + 1] = mixed(to[i + 1], over.uv[at + 1], mean);
    }
  }
}

void drawOntoBgra(const Layer &layer, Surface &onto) {
  Bgra picture = scaledBgra(layer);
  if (layer.blends) {
    const Bytes alpha = alphaOf(layer, picture);
    if (layer.isPremultiplied)
      libyuv::ARGBUnattenuate(picture.pixels.data(), picture.pitch(), picture.pixels.data(), picture.pitch(),
                              picture.width, picture.height);
    for (int row = 0; row < picture.height; row++) {
      const uint8_t *under = pixel(onto, layer.to) + size_t(row) * onto.pitch(0);
      for (int i = 0; i < picture.width; i++) {
        const size_t at = size_t(row) * picture.width + i;
        for (int c = 0; c < 4; c++)
          picture.pixels[4 * at + c] = mixed(under[4 * i + c], c == 3 ? 255 : picture.pixels[4 * at + c], alpha[at]);
      }
    }
  }
  libyuv::ARGBCopy(picture.pixels.data(), picture.pitch(), pixel(onto, layer.to), onto.pitch(0), picture.width,
                   picture.height);
}

}  // namespace

void fill(Surface &surface, uint32_t argb) {
  const int width = surface.layout.width, height = surface.layout.height;
  if (!isNv12(surface)) {
    libyuv::ARGBRect(surface.plane(0), surface.pitch(0), 0, 0, width, height, argb);
    return;
  }
  const Yuv colour = yuvOf(argb);
  for (int row = 0; row < height; row++)
    std::memset(surface.plane(0) + size_t(row) * surface.pitch(0), colour.y, size_t(width));
  for (int row = 0; row < (height + 1) / 2; row++) {
    uint8_t *to = surface.plane(1) + size_t(row) * surface.pitch(1);
    for (int i = 0; i + 1 < surface.pitch(1); i += 2) {
      to[i] = colour.u;
      to[i + 1] = colour.v;
    }
  }
}

void draw(const Layer &layer, Surface &onto) {
  if (!isNv12(onto)) {
    drawOntoBgra(layer, onto);
  } else if (isNv12(*layer.source) && (!layer.blends || layer.alpha == 1)) {
    scaleNv12(layer, luma(onto, layer.to), onto.pitch(0), chroma(onto, layer.to), onto.pitch(1));
  } else if (layer.blends) {
    blendOntoNv12(layer, onto);
  } else {
    const Bgra picture = scaledBgra(layer);
    libyuv::ARGBToNV12(picture.pixels.data(), picture.pitch(), luma(onto, layer.to), onto.pitch(0),
                       chroma(onto, layer.to), onto.pitch(1), picture.width, picture.height);
  }
}

void disturb(Surface &surface) {
  const size_t bytes = size_t(surface.pitch(0)) * surface.layout.height;
  std::for_each_n(surface.plane(0), bytes, [](uint8_t &byte) { byte = uint8_t(~byte); });
}

}  // namespace sluicetest
