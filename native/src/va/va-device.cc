#include "va-device.h"

extern "C" {
#include <libavutil/hwcontext.h>
#include <libavutil/hwcontext_vaapi.h>
}
#include <fcntl.h>
#include <unistd.h>
#include <va/va_drm.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

namespace sluice {

namespace {

/** What the display lives on; freed by libavutil with the last reference. */
struct Node {
  int file = -1;
  VADisplay display = nullptr;
  ~Node() {
    if (display) vaTerminate(display);
    if (file >= 0) close(file);
  }
};

std::unique_ptr<Node> openNode(const std::string &path) {
  if (path.empty()) throw Failure("no render node was named");
  auto node = std::make_unique<Node>();
  node->file = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (node->file < 0) throw Failure(path + " cannot be opened: " + std::strerror(errno), Failure::Scope::device);
  node->display = vaGetDisplayDRM(node->file);
  if (!node->display) throw Failure(path + " is no device that libva knows", Failure::Scope::device);
  // A library has no business on stderr.
  vaSetErrorCallback(node->display, nullptr, nullptr);
  vaSetInfoCallback(node->display, nullptr, nullptr);
  int major = 0, minor = 0;
  const VAStatus status = vaInitialize(node->display, &major, &minor);
  if (status != VA_STATUS_SUCCESS) {
    throw Failure(path + " has no driver that begins: " + vaErrorStr(status), Failure::Scope::device);
  }
  return node;
}

BufferRefPointer openDevice(const std::string &path) {
  std::unique_ptr<Node> node = openNode(path);
  BufferRefPointer reference(av_hwdevice_ctx_alloc(AV_HWDEVICE_TYPE_VAAPI));
  if (!reference) throw std::bad_alloc();
  auto *context = reinterpret_cast<AVHWDeviceContext *>(reference->data);
  static_cast<AVVAAPIDeviceContext *>(context->hwctx)->display = node->display;
  context->user_opaque = node.release();
  context->free = [](AVHWDeviceContext *freed) { delete static_cast<Node *>(freed->user_opaque); };
  if (av_hwdevice_ctx_init(reference.get()) < 0) {
    throw Failure("libavcodec does not take " + path, Failure::Scope::device);
  }
  return reference;
}

VADisplay displayOf(const AVBufferRef &reference) {
  const auto *context = reinterpret_cast<const AVHWDeviceContext *>(reference.data);
  return static_cast<const AVVAAPIDeviceContext *>(context->hwctx)->display;
}

std::string vendorOf(VADisplay display) {
  const char *vendor = vaQueryVendorString(display);
  return vendor ? vendor : "";
}

bool isAllowed(const std::string &vendor) {
  if (vendor.find("not a GPU") == std::string::npos) return true;
  const char *allowed = std::getenv("SLUICE_ALLOW_TEST_GPU");
  return allowed && std::string_view(allowed) == "1";
}

}  // namespace

BufferRefPointer sharedRef(const AVBufferRef &reference) {
  BufferRefPointer shared(av_buffer_ref(&reference));
  if (!shared) throw std::bad_alloc();
  return shared;
}

VaDevice::VaDevice(const std::string &path)
    : path(path), reference(openDevice(path)), display(displayOf(*reference)), vendor(vendorOf(display)) {
  if (!isAllowed(vendor)) throw Failure(path + " is simulated, for tests only", Failure::Scope::device);
}

Failure failureOf(VAStatus status, const std::string &what) {
  const std::string reason = "the device cannot " + what + ": " + vaErrorStr(status);
  switch (status) {
    case VA_STATUS_ERROR_HW_BUSY:
    case VA_STATUS_ERROR_OPERATION_FAILED:
    case VA_STATUS_ERROR_DECODING_ERROR:
    case VA_STATUS_ERROR_ENCODING_ERROR:
    case VA_STATUS_ERROR_TIMEDOUT:
    case VAStatus(VA_STATUS_ERROR_UNKNOWN): return Failure(reason, Failure::Scope::device);
    // It ran out of something, or does not take what was asked: other sessions may be well.
    default: return Failure(reason, Failure::Scope::session);
  }
}

}  // namespace sluice
