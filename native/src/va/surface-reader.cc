#include "surface-reader.h"

#include <libyuv.h>

#include <algorithm>

namespace sluice {

namespace {

/** Some devices have no smaller surfaces; larger ones are multiples of macroblocks. */
constexpr int leastSide = 64;

int even(int side) { return (side + 1) & ~1; }

Size surfaceFor(Size size) {
  const auto side = [](int wanted) { return std::max(leastSide, (wanted + 15) & ~15); };
  return {side(size.width), side(size.height)};
}

}  // namespace

SurfaceReader::SurfaceReader(VaDeviceRef device, Size size)
    : size(size), pool(*device, surfaceFor(size), 1), processor(device, pool.size, 1) {}

std::shared_ptr<FramePicture> SurfaceReader::read(const VaPicture &picture) const {
  const FramePointer drawn = pool.take();
  const Size source{picture.size.width & ~1, picture.size.height & ~1}, scaled{even(size.width), even(size.height)};
  const Drawing drawing{picture.surface(), picture.region({0, 0, source.width, source.height}),
                        {0, 0, uint16_t(scaled.width), uint16_t(scaled.height)}};
  processor.draw(surfaceOf(*drawn), {}, {&drawing, 1});
  const FramePointer nv12 = download(*drawn);
  std::shared_ptr<FramePicture> i420 = FramePicture::make(scaled);
  const AVFrame &to = *i420->frame;
  libyuv::NV12ToI420(nv12->data[0], nv12->linesize[0], nv12->data[1], nv12->linesize[1], to.data[0], to.linesize[0],
                     to.data[1], to.linesize[1], to.data[2], to.linesize[2], scaled.width, scaled.height);
  return i420;
}

}  // namespace sluice
