// Owns one buffer of the device, such as a job's parameters.
#pragma once
#include "../counters.h"
#include "va-device.h"

namespace sluice {

class VaBuffer {
 public:
  /** `data` may be null: room for something. Throws Failure. */
  VaBuffer(VADisplay display, VAContextID context, VABufferType type, size_t bytes, const void *data)
      : display(display) {
    // The driver copies it.
    check(vaCreateBuffer(display, context, type, unsigned(bytes), 1, const_cast<void *>(data), &id), "make a buffer");
    counters.deviceBuffers++;
  }
  VaBuffer(VaBuffer &&other) noexcept : display(other.display), id(other.id) { other.id = VA_INVALID_ID; }
  VaBuffer &operator=(VaBuffer &&) = delete;
  ~VaBuffer() {
    if (id == VA_INVALID_ID) return;
    vaDestroyBuffer(display, id);
    counters.deviceBuffers--;
  }

  const VADisplay display;
  VABufferID id = VA_INVALID_ID;
};

}  // namespace sluice
