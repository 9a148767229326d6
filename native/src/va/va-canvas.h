// Owns a picture in a device that layers are drawn on: each time into another surface of a small pool, in one job.
#pragma once
#include <optional>

#include "surface-pool.h"
#include "video-processor.h"

namespace sluice {

class VaCanvas final : public Canvas {
 public:
  VaCanvas(VaDeviceRef device, Size size, int maxLayers);
  /** Draws nothing when it would be the same again. */
  void compose(Colour background, const std::vector<Layer> &layers) override;
  PictureRef picture() override;

 private:
  struct Drawn {
    uint64_t serial;
    Rect source, destination;
    bool operator==(const Drawn &) const = default;
  };
  /** A picture all in the colour, for drawing where there are no layers. */
  const VaPicture &blank(Colour colour);

  const VaDeviceRef device;
  const SurfacePool pool;
  const VideoProcessor processor;
  PictureRef current;
  Colour background;
  std::vector<Drawn> drawn;
  std::optional<Colour> blankColour;
  std::shared_ptr<VaPicture> blankPicture;
};

}  // namespace sluice
