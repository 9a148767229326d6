// Owns the pictures of the `cpu` engine: I420 planes in a counted AVFrame, a decoder's or our own.
#pragma once
extern "C" {
#include <libavutil/frame.h>
}

#include <memory>

#include "../backend.h"

namespace sluice {

struct FrameDeleter {
  void operator()(AVFrame *frame) const { av_frame_free(&frame); }
};
using FramePointer = std::unique_ptr<AVFrame, FrameDeleter>;

/** Throws std::bad_alloc. */
FramePointer newFrame();

class FramePicture final : public Picture {
 public:
  explicit FramePicture(FramePointer frame);
  /** A picture of our own with room for I420 of even sides; throws std::bad_alloc. */
  static std::shared_ptr<FramePicture> make(Size size);

  const FramePointer frame;
};

/** What the session holds is of its own backend, so it is one of these. */
inline const AVFrame &frameOf(const Picture &picture) { return *static_cast<const FramePicture &>(picture).frame; }

}  // namespace sluice
