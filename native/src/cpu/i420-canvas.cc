#include "i420-canvas.h"

#include <libyuv.h>

#include <algorithm>

#include "yuv.h"

namespace sluice {

namespace {

bool areOverlapping(const Rect &a, const Rect &b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

bool anyOverlap(const std::vector<Layer> &layers) {
  for (size_t i = 0; i < layers.size(); i++) {
    for (size_t j = i + 1; j < layers.size(); j++) {
      if (areOverlapping(layers[i].destination, layers[j].destination)) return true;
    }
  }
  return false;
}

}  // namespace

I420Canvas::I420Canvas(Size size) : Canvas(size), canvas(FramePicture::make(size)) { compose({}, {}); }

PictureRef I420Canvas::picture() { return canvas; }

void I420Canvas::compose(Colour colour, const std::vector<Layer> &layers) {
  const auto stays = [](const Drawn &before, const Layer &layer) { return before.destination == layer.destination; };
  const bool isSameArrangement = background == colour && std::equal(drawn.begin(), drawn.end(), layers.begin(),
                                                                    layers.end(), stays);
  if (!isSameArrangement) {
    fill(colour);
    isOverlapping = anyOverlap(layers);
    drawn.assign(layers.size(), {});
  }
  for (size_t i = 0; i < layers.size(); i++) {
    const Layer &layer = layers[i];
    const Drawn now{layer.picture->serial, layer.source, layer.destination};
    if (isOverlapping || drawn[i] != now) draw(layer);
    drawn[i] = now;
  }
}

void I420Canvas::fill(Colour colour) {
  const AVFrame &to = *canvas->frame;
  const Yuv yuv = yuvOf(colour);
  libyuv::I420Rect(to.data[0], to.linesize[0], to.data[1], to.linesize[1], to.data[2], to.linesize[2], 0, 0, size.width,
                   size.height, yuv.y, yuv.u, yuv.v);
  background = colour;
}

void I420Canvas::draw(const Layer &layer) {
  const AVFrame &from = frameOf(*layer.picture), &to = *canvas->frame;
  const Rect &source = layer.source, &destination = layer.destination;
  for (int plane = 0; plane < 3; plane++) {
    const int shift = plane == 0 ? 0 : 1;
    const auto at = [plane, shift](const AVFrame &frame, const Rect &rect) {
      return frame.data[plane] + ptrdiff_t(rect.y >> shift) * frame.linesize[plane] + (rect.x >> shift);
    };
    const auto sizeOf = [shift](const Rect &rect) { return Size{rect.width >> shift, rect.height >> shift}; };
    scaler.scale({at(from, source), from.linesize[plane], sizeOf(source)},
                 {at(to, destination), to.linesize[plane], sizeOf(destination)});
  }
}

}  // namespace sluice
