// Owns a fixed number of surfaces of one size (NV12) on a device, and copies between them and the processor's memory.
#pragma once
extern "C" {
#include <libavutil/hwcontext.h>
}

#include "va-device.h"
#include "va-picture.h"

namespace sluice {

class SurfacePool {
 public:
  /** Throws Failure when the device has no room. */
  SurfacePool(const VaDevice &device, Size size, int count);

  /** One that nobody holds; throws Failure when all are held. */
  FramePointer take() const;

  const Size size;

 private:
  const BufferRefPointer reference;
};

/** Counts the pool's surfaces for as long as it lives, and makes them; throws Failure. For pools of libavcodec too. */
void beginPool(AVBufferRef &pool);

/** A picture of its own in the device. `packed`: I420 without gaps. */
std::shared_ptr<VaPicture> upload(const VaDevice &device, Size size, const uint8_t *packed);
/** A picture all in one colour. */
std::shared_ptr<VaPicture> uploadColour(const VaDevice &device, Size size, Colour colour);
/** The surface's picture in memory, in NV12. */
FramePointer download(const AVFrame &frame);

}  // namespace sluice
