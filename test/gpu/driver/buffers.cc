// Owns buffers: parameters, bitstreams, what an encoder made, and an image's memory.
#include <cstring>

#include "calls.h"
#include "driver.h"
#include "faults.h"

namespace sluicetest {
namespace {

constexpr size_t maxBufferBytes = 64u << 20;

VAStatus missing(const char *what) {
  return misuse(VA_STATUS_ERROR_INVALID_BUFFER, std::string("a buffer that is not there is ") + what);
}

}  // namespace

VAStatus createBuffer(VADriverContextP va, VAContextID context, VABufferType type, unsigned bytes, unsigned elements,
                      void *data, VABufferID *id) {
  Driver &driver = driverOf(va);
  if (const VAStatus status = faultOfDevice()) return status;
  if (size_t{bytes} * elements == 0 || size_t{bytes} * elements > maxBufferBytes)
    return misuse(VA_STATUS_ERROR_INVALID_PARAMETER, "a buffer of no bytes, or of more than 64 MB");
  auto buffer = std::make_shared<Buffer>();
  buffer->type = type;
  buffer->elementBytes = bytes;
  buffer->elements = elements;
  buffer->memory = std::make_shared<Bytes>(buffer->bytes());
  if (data) std::memcpy(buffer->memory->data(), data, buffer->bytes());
  const std::lock_guard hold(driver.lock);
  if (!driver.contexts.find(context))
    return misuse(VA_STATUS_ERROR_INVALID_CONTEXT, "a buffer for a context that is not there");
  *id = driver.nextId++;
  driver.buffers.add(*id, std::move(buffer));
  count(Count::liveBuffers);
  return VA_STATUS_SUCCESS;
}

VAStatus bufferSetNumElements(VADriverContextP va, VABufferID id, unsigned elements) {
  Driver &driver = driverOf(va);
  const std::lock_guard hold(driver.lock);
  const auto buffer = driver.buffers.find(id);
  if (!buffer) return missing("resized");
  if (size_t{elements} * buffer->elementBytes > buffer->memory->size())
    return misuse(VA_STATUS_ERROR_INVALID_PARAMETER, "a buffer is told to have more elements than it has room for");
  buffer->elements = elements;
  return VA_STATUS_SUCCESS;
}

VAStatus mapBuffer(VADriverContextP va, VABufferID id, void **memory) {
  Driver &driver = driverOf(va);
  if (const VAStatus status = faultOfDevice()) return status;
  const std::lock_guard hold(driver.lock);
  const auto buffer = driver.buffers.find(id);
  if (!buffer) return missing("mapped");
  if (buffer->isMapped) return misuse(VA_STATUS_ERROR_INVALID_BUFFER, "a buffer is mapped that is mapped");
  buffer->isMapped = true;
  if (buffer->type == VAEncCodedBufferType) *memory = &buffer->coded;
  else *memory = buffer->memory->data();
  return VA_STATUS_SUCCESS;
}

VAStatus unmapBuffer(VADriverContextP va, VABufferID id) {
  Driver &driver = driverOf(va);
  const std::lock_guard hold(driver.lock);
  const auto buffer = driver.buffers.find(id);
  if (!buffer) return missing("unmapped");
  if (!buffer->isMapped) return misuse(VA_STATUS_ERROR_INVALID_BUFFER, "a buffer is unmapped that is not mapped");
  buffer->isMapped = false;
  return VA_STATUS_SUCCESS;
}

VAStatus destroyBuffer(VADriverContextP va, VABufferID id) {
  Driver &driver = driverOf(va);
  const std::lock_guard hold(driver.lock);
  const auto buffer = driver.buffers.find(id);
  if (!buffer) return missing("destroyed");
  if (buffer->isOfImage)
    return misuse(VA_STATUS_ERROR_INVALID_BUFFER, "an image's buffer is destroyed without the image");
  if (buffer->isMapped) reportMisuse("a buffer is destroyed while it is mapped");
  buffer->isDestroyed = true;
  driver.buffers.remove(id);
  count(Count::liveBuffers, -1);
  return VA_STATUS_SUCCESS;
}

VAStatus bufferInfo(VADriverContextP va, VABufferID id, VABufferType *type, unsigned *bytes, unsigned *elements) {
  Driver &driver = driverOf(va);
  const std::lock_guard hold(driver.lock);
  const auto buffer = driver.buffers.find(id);
  if (!buffer) return missing("asked about");
  *type = buffer->type;
  *bytes = buffer->elementBytes;
  *elements = buffer->elements;
  return VA_STATUS_SUCCESS;
}

VAStatus syncBuffer(VADriverContextP va, VABufferID id, uint64_t) {
  // FFmpeg asks so whether there is such a call.
  if (id == VA_INVALID_ID) return VA_STATUS_ERROR_INVALID_BUFFER;
  Driver &driver = driverOf(va);
  {
    const std::lock_guard hold(driver.lock);
    if (!driver.buffers.find(id)) return missing("waited for");
  }
  return faultOfSync();
}

}  // namespace sluicetest
