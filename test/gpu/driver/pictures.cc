// Owns contexts and the life of a picture: Begin, Render, End. The work itself is the context's worker's.
#include <memory>

#include "calls.h"
#include "driver.h"
#include "faults.h"
#include "generations.h"
#include "limits.h"
#include "workers.h"

namespace sluicetest {
namespace {

/** Looks into the driver's tables while a worker works. */
class TableLookup : public Lookup {
 public:
  explicit TableLookup(Driver &driver) : driver_(driver) {}
  std::shared_ptr<Surface> surface(VASurfaceID id) const override {
    const std::lock_guard hold(driver_.lock);
    return driver_.surfaces.find(id);
  }
  std::shared_ptr<Buffer> buffer(VABufferID id) const override {
    const std::lock_guard hold(driver_.lock);
    return driver_.buffers.find(id);
  }

 private:
  Driver &driver_;
};

VAStatus noContext(const char *what) {
  return misuse(VA_STATUS_ERROR_INVALID_CONTEXT, std::string("a context that is not there is ") + what);
}

/** Takes the begun picture out of its context and marks the context as working; or a refusal. */
VAStatus takePicture(const std::shared_ptr<Context> &context, PendingPicture &picture) {
  if (!context->picture) return misuse(VA_STATUS_ERROR_OPERATION_FAILED, "a picture is ended that was not begun");
  picture = std::move(*context->picture);
  context->picture.reset();
  for (const auto &buffer : picture.buffers) {
    if (!buffer->isDestroyed && !buffer->isMapped) continue;
    picture.target->targeted--;
    return misuse(VA_STATUS_ERROR_INVALID_BUFFER, buffer->isMapped ? "a picture is ended with a buffer mapped"
                                                                   : "a buffer is destroyed before its picture ends");
  }
  context->isWorking = true;
  return VA_STATUS_SUCCESS;
}

VAStatus work(Context &context, const PendingPicture &picture, const Lookup &lookup) {
  const Verdict verdict = faultOfJob(context.worker->kind());
  if (verdict.status != VA_STATUS_SUCCESS) return verdict.status;
  try {
    return context.worker->work(picture, lookup, verdict.corrupt);
  } catch (const Misuse &wrong) {
    return misuse(wrong.status, wrong.text);
  }
}

}  // namespace

VAStatus createContext(VADriverContextP va, VAConfigID configId, int width, int height, int, VASurfaceID *targets,
                       int length, VAContextID *id) {
  Driver &driver = driverOf(va);
  if (const VAStatus status = faultOfDevice()) return status;
  const std::lock_guard hold(driver.lock);
  auto context = std::make_shared<Context>();
  context->config = driver.configs.find(configId);
  if (!context->config) return misuse(VA_STATUS_ERROR_INVALID_CONFIG, "a context of a config that is not there");
  for (int i = 0; i < length; i++)
    if (!driver.surfaces.find(targets[i]))
      return misuse(VA_STATUS_ERROR_INVALID_SURFACE, "a context with a surface that is not there");
  const bool isVpp = context->config->entrypoint == VAEntrypointVideoProc;
  if (!isVpp && (width < minSide || height < minSide || width > maxSide || height > maxSide))
    return misuse(VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED, "a context of a size that the attributes do not allow");
  context->worker = makeWorker(*context->config);
  if (!context->worker) return VA_STATUS_ERROR_UNIMPLEMENTED;
  *id = driver.nextId++;
  driver.contexts.add(*id, std::move(context));
  count(Count::liveContexts);
  return VA_STATUS_SUCCESS;
}

VAStatus destroyContext(VADriverContextP va, VAContextID id) {
  Driver &driver = driverOf(va);
  std::shared_ptr<Context> context;
  const std::lock_guard hold(driver.lock);
  context = driver.contexts.remove(id);
  if (!context) return noContext("destroyed");
  count(Count::liveContexts, -1);
  if (context->isWorking) reportMisuse("a context is destroyed while it works");
  if (context->picture) {
    context->picture->target->targeted--;
    reportMisuse("a context is destroyed while a picture is begun");
  }
  return VA_STATUS_SUCCESS;
}

VAStatus beginPicture(VADriverContextP va, VAContextID id, VASurfaceID target) {
  Driver &driver = driverOf(va);
  const std::lock_guard hold(driver.lock);
  const auto context = driver.contexts.find(id);
  if (!context) return noContext("to begin a picture");
  if (context->picture || context->isWorking)
    return misuse(VA_STATUS_ERROR_OPERATION_FAILED, "a picture is begun before the last one ends");
  const auto surface = driver.surfaces.find(target);
  if (!surface) return misuse(VA_STATUS_ERROR_INVALID_SURFACE, "a picture is begun in a surface that is not there");
  if (surface->derived > 0)
    return misuse(VA_STATUS_ERROR_SURFACE_BUSY, "a picture is begun in a surface that has a derived image");
  // An encoder's target is its input: several may read one surface.
  if (surface->targeted > 0 && !isEncode(context->config->entrypoint))
    return misuse(VA_STATUS_ERROR_SURFACE_BUSY, "a picture is begun in a surface in which another is being made");
  surface->targeted++;
  context->picture = PendingPicture{.target = surface, .targetId = target, .buffers = {}};
  return VA_STATUS_SUCCESS;
}

VAStatus renderPicture(VADriverContextP va, VAContextID id, VABufferID *buffers, int length) {
  Driver &driver = driverOf(va);
  const std::lock_guard hold(driver.lock);
  const auto context = driver.contexts.find(id);
  if (!context) return noContext("to render");
  if (!context->picture) return misuse(VA_STATUS_ERROR_OPERATION_FAILED, "buffers are rendered outside of a picture");
  for (int i = 0; i < length; i++) {
    const auto buffer = driver.buffers.find(buffers[i]);
    if (!buffer) return misuse(VA_STATUS_ERROR_INVALID_BUFFER, "a buffer is rendered that is not there");
    if (buffer->isMapped) return misuse(VA_STATUS_ERROR_INVALID_BUFFER, "a buffer is rendered while it is mapped");
    if (!context->worker->takes(buffer->type))
      return misuse(VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE,
                    "a buffer of type " + std::to_string(buffer->type) + " is rendered where it has no meaning");
    context->picture->buffers.push_back(buffer);
  }
  return VA_STATUS_SUCCESS;
}

VAStatus endPicture(VADriverContextP va, VAContextID id) {
  Driver &driver = driverOf(va);
  std::shared_ptr<Context> context;
  PendingPicture picture;
  {
    const std::lock_guard hold(driver.lock);
    context = driver.contexts.find(id);
    if (!context) return noContext("to end a picture");
    if (const VAStatus status = takePicture(context, picture)) return status;
  }
  const VAStatus status = work(*context, picture, TableLookup(driver));
  const std::lock_guard hold(driver.lock);
  picture.target->targeted--;
  context->isWorking = false;
  return status;
}

}  // namespace sluicetest
