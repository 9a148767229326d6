#include "va-canvas.h"

namespace sluice {

namespace {

/** What is shown, what is drawn, and one that an encoder may not have let go of. */
constexpr int surfaces = 3;

VARectangle regionOf(const Rect &rect) {
  return {int16_t(rect.x), int16_t(rect.y), uint16_t(rect.width), uint16_t(rect.height)};
}

}  // namespace

VaCanvas::VaCanvas(VaDeviceRef given, Size size, int maxLayers)
    : Canvas(size), device(given), pool(*device, size, surfaces), processor(device, size, maxLayers) {}

PictureRef VaCanvas::picture() {
  if (!current) compose({}, {});
  return current;
}

void VaCanvas::compose(Colour colour, const std::vector<Layer> &layers) {
  std::vector<Drawn> wanted;
  for (const Layer &layer : layers) wanted.push_back({layer.picture->serial, layer.source, layer.destination});
  if (current && background == colour && drawn == wanted) return;

  std::vector<Drawing> drawings;
  for (const Layer &layer : layers) {
    const VaPicture &picture = vaPicture(*layer.picture);
    drawings.push_back({picture.surface(), picture.region(layer.source), regionOf(layer.destination)});
  }
  if (drawings.empty()) {
    const VaPicture &picture = blank(colour);
    drawings.push_back({picture.surface(), picture.region({0, 0, picture.size.width, picture.size.height}),
                        {0, 0, uint16_t(size.width), uint16_t(size.height)}});
  }
  auto next = std::make_shared<VaPicture>(pool.take());
  processor.draw(next->surface(), colour, drawings);
  current = std::move(next);
  background = colour;
  drawn = std::move(wanted);
}

const VaPicture &VaCanvas::blank(Colour colour) {
  if (blankColour != colour) {
    blankPicture = uploadColour(*device, {64, 64}, colour);
    blankColour = colour;
  }
  return *blankPicture;
}

}  // namespace sluice
