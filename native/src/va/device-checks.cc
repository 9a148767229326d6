#include "device-checks.h"

#include <map>
#include <mutex>
#include <optional>

#include "surface-pool.h"
#include "video-processor.h"

namespace sluice {

namespace {

/** Fields of the picture that is drawn, eight in a row. */
constexpr int side = 32, inRow = 8, most = inRow * inRow;

/** Whether one job with so many layers draws each of them; throws Failure when it is refused. */
bool draws(const VaDeviceRef &device, const SurfacePool &pool, const VaPicture &white, int count) {
  std::vector<Drawing> drawings;
  for (int i = 0; i < count; i++) {
    drawings.push_back({white.surface(), white.region({0, 0, white.size.width, white.size.height}),
                        {int16_t(i % inRow * side), int16_t(i / inRow * side), side, side}});
  }
  const FramePointer target = pool.take();
  VideoProcessor(device, pool.size, count).draw(surfaceOf(*target), {}, drawings);
  const FramePointer seen = download(*target);
  for (int i = 0; i < most; i++) {
    const int x = i % inRow * side + side / 2, y = i / inRow * side + side / 2;
    if ((seen->data[0][ptrdiff_t(y) * seen->linesize[0] + x] > 128) != (i < count)) return false;
  }
  return true;
}

int measure(const VaDeviceRef &device) {
  const SurfacePool pool(*device, {inRow * side, inRow * side}, 1);
  const auto white = uploadColour(*device, {64, 64}, {255, 255, 255});
  std::optional<Failure> refusal;
  for (int count = most; count > 0; count /= 2) {
    // Drivers have many words for too many layers; that it is something else shows when one is too many as well.
    try {
      if (draws(device, pool, *white, count)) return count;
    } catch (const Failure &failure) {
      refusal.emplace(failure);
    }
  }
  if (refusal) throw *refusal;
  throw Failure("the device does not draw what it is told to", Failure::Scope::device);
}

}  // namespace

void checkHealth(const VaDeviceRef &device) {
  const auto source = uploadColour(*device, {64, 64}, {});
  const FramePointer target = SurfacePool(*device, {64, 64}, 1).take();
  const Drawing drawing{source->surface(), {0, 0, 64, 64}, {0, 0, 64, 64}};
  VideoProcessor(device, {64, 64}, 1).draw(surfaceOf(*target), {}, {&drawing, 1});
  check(vaSyncSurface(device->display, surfaceOf(*target)), "finish a picture");
}

int layerLimit(const VaDeviceRef &device) {
  static std::mutex mutex;
  static std::map<std::string, int> *const known = new std::map<std::string, int>;
  {
    const std::lock_guard lock(mutex);
    if (const auto found = known->find(device->path); found != known->end()) return found->second;
  }
  // Not under the lock, for a driver may hang.
  const int limit = measure(device);
  const std::lock_guard lock(mutex);
  return known->emplace(device->path, limit).first->second;
}

}  // namespace sluice
