// Owns the pictures of devices: a surface in a counted AVFrame of a pool.
#pragma once
#include <va/va.h>

#include "../cpu/frame-picture.h"

namespace sluice {

inline VASurfaceID surfaceOf(const AVFrame &frame) { return VASurfaceID(reinterpret_cast<uintptr_t>(frame.data[3])); }

class VaPicture final : public Picture {
 public:
  /** What libavcodec crops on the left and above is still in `width` and `height`. */
  explicit VaPicture(FramePointer given)
      : Picture({given->width - int(given->crop_left), given->height - int(given->crop_top)}),
        frame(std::move(given)) {}

  VASurfaceID surface() const { return surfaceOf(*frame); }
  /** A part of the picture as a region of its surface. */
  VARectangle region(const Rect &part) const {
    return {int16_t(part.x + int(frame->crop_left)), int16_t(part.y + int(frame->crop_top)), uint16_t(part.width),
            uint16_t(part.height)};
  }

  const FramePointer frame;
};

/** What the session holds is of its own backend, so it is one of these. */
inline const VaPicture &vaPicture(const Picture &picture) { return static_cast<const VaPicture &>(picture); }

}  // namespace sluice
