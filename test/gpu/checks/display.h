// Owns one display on a render node and small helpers over libva for the checks; a wrong status ends the program with
// words.
#pragma once
#include <fcntl.h>
#include <unistd.h>
#include <va/va.h>
#include <va/va_drm.h>
#include <va/va_vpp.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace checks {

inline void need(VAStatus status, const char *what) {
  if (status == VA_STATUS_SUCCESS) return;
  std::printf("%s: %s\n", what, vaErrorStr(status));
  std::exit(2);
}

class Display {
 public:
  explicit Display(const char *node) : file_(open(node, O_RDWR)) {
    va = vaGetDisplayDRM(file_);
    int major = 0, minor = 0;
    if (!va) need(VA_STATUS_ERROR_INVALID_DISPLAY, node);
    need(vaInitialize(va, &major, &minor), "vaInitialize");
  }
  ~Display() {
    vaTerminate(va);
    close(file_);
  }
  Display(const Display &) = delete;
  Display &operator=(const Display &) = delete;

  VASurfaceID surface(uint32_t fourcc, unsigned width, unsigned height) const {
    VASurfaceAttrib attribute{};
    attribute.type = VASurfaceAttribPixelFormat;
    attribute.flags = VA_SURFACE_ATTRIB_SETTABLE;
    attribute.value.type = VAGenericValueTypeInteger;
    attribute.value.value.i = int(fourcc);
    const unsigned format = fourcc == VA_FOURCC_NV12 ? VA_RT_FORMAT_YUV420 : VA_RT_FORMAT_RGB32;
    VASurfaceID id = VA_INVALID_SURFACE;
    need(vaCreateSurfaces(va, format, width, height, &id, 1, &attribute, 1), "vaCreateSurfaces");
    return id;
  }

  VADisplay va = nullptr;

 private:
  int file_;
};

/** A compositor: a VideoProc context for a target size. */
class Compositor {
 public:
  Compositor(const Display &display, int width, int height) : display_(display) {
    need(vaCreateConfig(display.va, VAProfileNone, VAEntrypointVideoProc, nullptr, 0, &config_), "vaCreateConfig");
    need(vaCreateContext(display.va, config_, width, height, VA_PROGRESSIVE, nullptr, 0, &context), "vaCreateContext");
  }
  ~Compositor() {
    vaDestroyContext(display_.va, context);
    vaDestroyConfig(display_.va, config_);
  }
  Compositor(const Compositor &) = delete;
  Compositor &operator=(const Compositor &) = delete;

  /** Draws all layers in one job; what the first call that fails answers. */
  VAStatus draw(VASurfaceID target, std::vector<VAProcPipelineParameterBuffer> layers) const {
    VAStatus status = vaBeginPicture(display_.va, context, target);
    std::vector<VABufferID> buffers;
    for (auto &layer : layers) {
      VABufferID id = VA_INVALID_ID;
      need(vaCreateBuffer(display_.va, context, VAProcPipelineParameterBufferType, sizeof layer, 1, &layer, &id),
           "vaCreateBuffer");
      buffers.push_back(id);
      if (status == VA_STATUS_SUCCESS) status = vaRenderPicture(display_.va, context, &id, 1);
    }
    if (status == VA_STATUS_SUCCESS) status = vaEndPicture(display_.va, context);
    for (const VABufferID id : buffers) vaDestroyBuffer(display_.va, id);
    return status;
  }

  VAContextID context = VA_INVALID_ID;

 private:
  const Display &display_;
  VAConfigID config_ = VA_INVALID_ID;
};

inline VAProcPipelineParameterBuffer layer(VASurfaceID source, const VARectangle *to, uint32_t background = 0) {
  VAProcPipelineParameterBuffer one{};
  one.surface = source;
  one.output_region = to;
  one.output_background_color = background;
  return one;
}

}  // namespace checks
