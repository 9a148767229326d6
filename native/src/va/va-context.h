// Owns one context of the device (a codec or the video processor at work) with its config, and how a job is done there.
#pragma once
#include <vector>

#include "va-buffer.h"

namespace sluice {

class VaContext {
 public:
  /** Throws Failure. */
  VaContext(VaDeviceRef device, VAProfile profile, VAEntrypoint entrypoint, std::vector<VAConfigAttrib> attributes,
            Size size);
  ~VaContext();
  VaContext(const VaContext &) = delete;
  VaContext &operator=(const VaContext &) = delete;

  VaBuffer buffer(VABufferType type, size_t bytes, const void *data) const {
    return VaBuffer(device->display, context, type, bytes, data);
  }
  /** Begins a job on the surface, gives it the buffers in order, and ends it. Throws Failure. */
  void perform(VASurfaceID target, const std::vector<VaBuffer> &buffers, const char *what) const;

  const VaDeviceRef device;

 private:
  VAConfigID config = VA_INVALID_ID;
  VAContextID context = VA_INVALID_ID;
};

}  // namespace sluice
