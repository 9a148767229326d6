// Owns what a colour is in pictures: BT.601, limited range.
#pragma once
#include <cmath>

#include "../media.h"

namespace sluice {

struct Yuv {
  int y, u, v;
};

inline Yuv yuvOf(Colour colour) {
  const double r = colour.r, g = colour.g, b = colour.b;
  return {int(std::lround(16 + 0.257 * r + 0.504 * g + 0.098 * b)),
          int(std::lround(128 - 0.148 * r - 0.291 * g + 0.439 * b)),
          int(std::lround(128 + 0.439 * r - 0.368 * g - 0.071 * b))};
}

}  // namespace sluice
