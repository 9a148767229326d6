#include "scaled-pixels.h"

#include <libyuv.h>

#include <algorithm>

namespace sluice {

/** Limited range to full, to the nearest. */
static uint8_t expanded(uint8_t luma) {
  return uint8_t(std::clamp(((int(luma) - 16) * 255 + 219 / 2) / 219, 0, 255));
}

std::vector<uint8_t> scaledPixels(const AVFrame &from, Size size, Pixels pixels) {
  const int width = size.width, height = size.height;
  if (pixels == Pixels::gray) {
    std::vector<uint8_t> gray(size_t(width) * size_t(height));
    libyuv::ScalePlane(from.data[0], from.linesize[0], from.width, from.height, gray.data(), width, width, height,
                       libyuv::kFilterBox);
    std::transform(gray.begin(), gray.end(), gray.begin(), expanded);
    return gray;
  }
  const int half = (width + 1) / 2;
  std::vector<uint8_t> scaled(size_t(width) * size_t(height) + 2 * size_t(half) * size_t((height + 1) / 2));
  uint8_t *y = scaled.data(), *u = y + ptrdiff_t(width) * height, *v = u + ptrdiff_t(half) * ((height + 1) / 2);
  libyuv::I420Scale(from.data[0], from.linesize[0], from.data[1], from.linesize[1], from.data[2], from.linesize[2],
                    from.width, from.height, y, width, u, half, v, half, width, height, libyuv::kFilterBox);
  std::vector<uint8_t> rgb(size_t(width) * size_t(height) * 3);
  libyuv::I420ToRAW(y, width, u, half, v, half, rgb.data(), width * 3, width, height);
  return rgb;
}

}  // namespace sluice
