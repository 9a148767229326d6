// Owns surfaces: their formats and layouts, their life, and waiting for them. Nothing is ever pending, since jobs are
// done when their picture ends: waiting is where faults are.
#include <algorithm>
#include <cstring>

#include "calls.h"
#include "driver.h"
#include "faults.h"
#include "limits.h"

namespace sluicetest {
namespace {

/** What memory holds that nothing was drawn into: striking in a picture. */
constexpr uint8_t unwritten = 0xd5;

constexpr uint32_t aligned(int value, int to) { return uint32_t((value + to - 1) / to * to); }

VASurfaceAttrib attribute(VASurfaceAttribType type, uint32_t flags, int value) {
  VASurfaceAttrib one{};
  one.type = type;
  one.flags = flags;
  one.value.type = VAGenericValueTypeInteger;
  one.value.value.i = value;
  return one;
}

std::vector<VASurfaceAttrib> attributesOf(const Config &config) {
  constexpr uint32_t get = VA_SURFACE_ATTRIB_GETTABLE, set = get | VA_SURFACE_ATTRIB_SETTABLE;
  std::vector<VASurfaceAttrib> list{attribute(VASurfaceAttribPixelFormat, set, VA_FOURCC_NV12)};
  if (config.entrypoint == VAEntrypointVideoProc) {
    list.push_back(attribute(VASurfaceAttribPixelFormat, set, VA_FOURCC_BGRA));
    list.push_back(attribute(VASurfaceAttribPixelFormat, set, VA_FOURCC_BGRX));
  }
  list.push_back(attribute(VASurfaceAttribMinWidth, get, minSide));
  list.push_back(attribute(VASurfaceAttribMinHeight, get, minSide));
  list.push_back(attribute(VASurfaceAttribMaxWidth, get, maxSide));
  list.push_back(attribute(VASurfaceAttribMaxHeight, get, maxSide));
  list.push_back(attribute(VASurfaceAttribMemoryType, set, int(VA_SURFACE_ATTRIB_MEM_TYPE_VA)));
  return list;
}

/** The format that the attributes ask for, or a refusal. */
VAStatus formatOf(unsigned format, const VASurfaceAttrib *list, unsigned length, uint32_t &fourcc) {
  fourcc = format & VA_RT_FORMAT_RGB32 ? VA_FOURCC_BGRA : VA_FOURCC_NV12;
  for (unsigned i = 0; i < length; i++) {
    const VASurfaceAttrib &one = list[i];
    if (!(one.flags & VA_SURFACE_ATTRIB_SETTABLE)) continue;
    if (one.type == VASurfaceAttribPixelFormat) fourcc = uint32_t(one.value.value.i);
    if (one.type == VASurfaceAttribMemoryType && one.value.value.i != int(VA_SURFACE_ATTRIB_MEM_TYPE_VA))
      return VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE;
  }
  return layoutOf(fourcc, minSide, minSide).planes > 0 ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT;
}

}  // namespace

PlaneLayout layoutOf(uint32_t fourcc, int width, int height) {
  PlaneLayout layout{.width = width, .height = height, .fourcc = fourcc};
  const uint32_t rows = aligned(height, 16);
  switch (fourcc) {
    case VA_FOURCC_NV12:
      layout.planes = 2;
      layout.pitch[0] = layout.pitch[1] = aligned(width, 64);
      layout.offset[1] = layout.pitch[0] * rows;
      layout.bytes = layout.offset[1] + layout.pitch[1] * rows / 2;
      break;
    case VA_FOURCC_I420:
      layout.planes = 3;
      layout.pitch[0] = aligned(width, 64);
      layout.pitch[1] = layout.pitch[2] = layout.pitch[0] / 2;
      layout.offset[1] = layout.pitch[0] * rows;
      layout.offset[2] = layout.offset[1] + layout.pitch[1] * rows / 2;
      layout.bytes = layout.offset[2] + layout.pitch[2] * rows / 2;
      break;
    case VA_FOURCC_BGRA:
    case VA_FOURCC_BGRX:
      layout.planes = 1;
      layout.pitch[0] = aligned(width * 4, 64);
      layout.bytes = layout.pitch[0] * rows;
      break;
    default:
      break;
  }
  return layout;
}

VAStatus createSurfaces2(VADriverContextP va, unsigned format, unsigned width, unsigned height, VASurfaceID *ids,
                         unsigned length, VASurfaceAttrib *attributes, unsigned attributesLength) {
  Driver &driver = driverOf(va);
  uint32_t fourcc = 0;
  if (const VAStatus status = formatOf(format, attributes, attributesLength, fourcc)) return status;
  if (fourcc == VA_FOURCC_I420) return VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT;
  if (width < minSide || height < minSide || width > maxSide || height > maxSide)
    return misuse(VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED, "a surface of a size that the attributes do not allow");
  if (const VAStatus status = faultOfSurfaces(countOf(Count::liveSurfaces), length)) return status;
  const std::lock_guard hold(driver.lock);
  for (unsigned i = 0; i < length; i++) {
    auto surface = std::make_shared<Surface>();
    surface->layout = layoutOf(fourcc, int(width), int(height));
    surface->memory = std::make_shared<Bytes>(surface->layout.bytes, unwritten);
    ids[i] = driver.nextId++;
    driver.surfaces.add(ids[i], std::move(surface));
    count(Count::liveSurfaces);
  }
  countAtLeast(Count::mostSurfaces, countOf(Count::liveSurfaces));
  return VA_STATUS_SUCCESS;
}

VAStatus createSurfaces(VADriverContextP va, int width, int height, int format, int length, VASurfaceID *ids) {
  return createSurfaces2(va, unsigned(format), unsigned(width), unsigned(height), ids, unsigned(length), nullptr, 0);
}

VAStatus destroySurfaces(VADriverContextP va, VASurfaceID *ids, int length) {
  Driver &driver = driverOf(va);
  const std::lock_guard hold(driver.lock);
  VAStatus result = VA_STATUS_SUCCESS;
  for (int i = 0; i < length; i++) {
    const auto surface = driver.surfaces.find(ids[i]);
    if (!surface) {
      result = misuse(VA_STATUS_ERROR_INVALID_SURFACE, "a surface is destroyed that is not there");
    } else if (surface->targeted > 0) {
      result = misuse(VA_STATUS_ERROR_SURFACE_BUSY, "a surface is destroyed while a picture is made in it");
    } else if (surface->derived > 0) {
      result = misuse(VA_STATUS_ERROR_SURFACE_BUSY, "a surface is destroyed before the image derived from it");
    } else {
      driver.surfaces.remove(ids[i]);
      count(Count::liveSurfaces, -1);
    }
  }
  return result;
}

VAStatus querySurfaceAttributes(VADriverContextP va, VAConfigID id, VASurfaceAttrib *list, unsigned *length) {
  Driver &driver = driverOf(va);
  const std::lock_guard hold(driver.lock);
  const auto config = driver.configs.find(id);
  if (!config) return misuse(VA_STATUS_ERROR_INVALID_CONFIG, "surface attributes of a config that is not there");
  const auto known = attributesOf(*config);
  const unsigned room = *length;
  *length = unsigned(known.size());
  if (!list) return VA_STATUS_SUCCESS;
  if (room < known.size()) return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
  std::copy(known.begin(), known.end(), list);
  return VA_STATUS_SUCCESS;
}

VAStatus syncSurface(VADriverContextP va, VASurfaceID id) {
  Driver &driver = driverOf(va);
  {
    const std::lock_guard hold(driver.lock);
    const auto surface = driver.surfaces.find(id);
    if (!surface) return misuse(VA_STATUS_ERROR_INVALID_SURFACE, "somebody waits for a surface that is not there");
  }
  return faultOfSync();
}

VAStatus syncSurface2(VADriverContextP va, VASurfaceID id, uint64_t) { return syncSurface(va, id); }

VAStatus querySurfaceStatus(VADriverContextP va, VASurfaceID id, VASurfaceStatus *status) {
  Driver &driver = driverOf(va);
  const std::lock_guard hold(driver.lock);
  if (!driver.surfaces.find(id))
    return misuse(VA_STATUS_ERROR_INVALID_SURFACE, "the state of a surface is asked for that is not there");
  *status = VASurfaceReady;
  return faultOfDevice();
}

}  // namespace sluicetest
