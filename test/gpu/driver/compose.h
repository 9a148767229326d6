// Owns pixels: filling a surface, drawing one surface onto another with scaling and blending. BT.601, limited range.
#pragma once
#include <cstdint>
#include <memory>

#include "objects.h"

namespace sluicetest {

struct Area {
  int x = 0, y = 0, width = 0, height = 0;
};

/** What is drawn where; areas are inside their surfaces, and even in NV12. */
struct Layer {
  std::shared_ptr<Surface> source;
  Area from, to;
  /** Averages where it shrinks. */
  bool smooth = false;
  bool blends = false, isPremultiplied = false;
  float alpha = 1;
};

/** `argb`: alpha is kept in BGRA and has no meaning in NV12. */
void fill(Surface &surface, uint32_t argb);
void draw(const Layer &layer, Surface &onto);
/** Makes the picture wrong in a way that cannot be overlooked. */
void disturb(Surface &surface);

}  // namespace sluicetest
