// Owns a picture that layers are drawn on. Redraws only what is another than the last time: the background and
// unchanged tiles stay as they are.
#pragma once
#include <optional>

#include "frame-picture.h"
#include "plane-scaler.h"

namespace sluice {

class I420Canvas final : public Canvas {
 public:
  explicit I420Canvas(Size size);
  void compose(Colour background, const std::vector<Layer> &layers) override;
  PictureRef picture() override;

 private:
  struct Drawn {
    uint64_t serial;
    Rect source, destination;
    bool operator==(const Drawn &) const = default;
  };
  void fill(Colour colour);
  void draw(const Layer &layer);

  const std::shared_ptr<FramePicture> canvas;
  PlaneScaler scaler;
  std::optional<Colour> background;
  std::vector<Drawn> drawn;
  bool isOverlapping = false;
};

}  // namespace sluice
