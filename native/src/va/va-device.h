// Owns one opened render node: libva's display on it, and what libavcodec wants to know of it. A device belongs to one
// session, so that what hangs or is lost is only its own.
#pragma once
extern "C" {
#include <libavutil/buffer.h>
}
#include <va/va.h>

#include <memory>
#include <string>

#include "../backend.h"

namespace sluice {

struct BufferRefDeleter {
  void operator()(AVBufferRef *reference) const { av_buffer_unref(&reference); }
};
using BufferRefPointer = std::unique_ptr<AVBufferRef, BufferRefDeleter>;

/** A counted copy of the reference; throws std::bad_alloc. */
BufferRefPointer sharedRef(const AVBufferRef &reference);

class VaDevice {
 public:
  /** `path`: the render node. Throws Failure when it does not open, or is a test driver's where none may be used. */
  explicit VaDevice(const std::string &path);

  const std::string path;
  /** Of libavcodec. Whoever holds a copy of it holds the display. */
  const BufferRefPointer reference;
  const VADisplay display;
  /** As the driver calls itself. */
  const std::string vendor;
};
using VaDeviceRef = std::shared_ptr<const VaDevice>;

/** What a call that went wrong means. `what`: what the device cannot do. */
Failure failureOf(VAStatus status, const std::string &what);

/** Throws that unless the call went well. */
inline void check(VAStatus status, const char *what) {
  if (status != VA_STATUS_SUCCESS) throw failureOf(status, what);
}

}  // namespace sluice
