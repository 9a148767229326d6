// Owns drawing on a device: one job of its video processor for any number of layers, or as few as its limit allows.
#pragma once
#include <optional>
#include <span>

#include "va-context.h"
#include "va-picture.h"

namespace sluice {

struct Drawing {
  VASurfaceID surface;
  /** Both even, and inside their surfaces. */
  VARectangle source, destination;
};

class VideoProcessor {
 public:
  /** `size`: of what is drawn on; `maxLayers`: in one job. Throws Failure. */
  VideoProcessor(VaDeviceRef device, Size size, int maxLayers);

  /** Draws in order, at least one, over the background. Throws Failure. */
  void draw(VASurfaceID target, Colour background, std::span<const Drawing> drawings) const;

 private:
  void perform(VASurfaceID target, std::optional<Colour> background, std::span<const Drawing> drawings) const;

  const VaContext context;
  const size_t maxLayers;
};

}  // namespace sluice
