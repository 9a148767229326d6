#include "va-context.h"

namespace sluice {

VaContext::VaContext(VaDeviceRef given, VAProfile profile, VAEntrypoint entrypoint,
                     std::vector<VAConfigAttrib> attributes, Size size)
    : device(std::move(given)) {
  check(vaCreateConfig(device->display, profile, entrypoint, attributes.data(), int(attributes.size()), &config),
        "be set up");
  const VAStatus status =
      vaCreateContext(device->display, config, size.width, size.height, VA_PROGRESSIVE, nullptr, 0, &context);
  if (status == VA_STATUS_SUCCESS) return;
  vaDestroyConfig(device->display, config);
  throw failureOf(status, "begin to work");
}

VaContext::~VaContext() {
  vaDestroyContext(device->display, context);
  vaDestroyConfig(device->display, config);
}

void VaContext::perform(VASurfaceID target, const std::vector<VaBuffer> &buffers, const char *what) const {
  std::vector<VABufferID> ids;
  for (const VaBuffer &each : buffers) ids.push_back(each.id);
  check(vaBeginPicture(device->display, context, target), what);
  const VAStatus rendered = vaRenderPicture(device->display, context, ids.data(), int(ids.size()));
  // Also after a refusal, or the context could not go on.
  const VAStatus ended = vaEndPicture(device->display, context);
  check(rendered, what);
  check(ended, what);
}

}  // namespace sluice
