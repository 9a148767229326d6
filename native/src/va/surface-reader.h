// Owns reading pictures of a device in one size: scaled there, then copied into memory.
#pragma once
#include "surface-pool.h"
#include "video-processor.h"

namespace sluice {

class SurfaceReader {
 public:
  /** `size`: sides from 2 on. Throws Failure. */
  SurfaceReader(VaDeviceRef device, Size size);

  /** In I420, of an even size that holds `size`. */
  std::shared_ptr<FramePicture> read(const VaPicture &picture) const;

  const Size size;

 private:
  const SurfacePool pool;
  const VideoProcessor processor;
};

}  // namespace sluice
