// Owns what libva sees: the entry points, the tables of calls, the display's attributes, and its end.
#include <cstdlib>

#include "calls.h"
#include "driver.h"
#include "generations.h"

namespace sluicetest {
namespace {

constexpr char vendor[] = "Sluice test driver, not a GPU";
constexpr int intel = 0x8086;

/** For what libva wants to be answered, and this device has not. */
template <class... Arguments>
VAStatus unimplemented(VADriverContextP, Arguments...) {
  return VA_STATUS_ERROR_UNIMPLEMENTED;
}

VAStatus querySubpictureFormats(VADriverContextP, VAImageFormat *, unsigned *, unsigned *length) {
  *length = 0;
  return VA_STATUS_SUCCESS;
}

VAStatus getDisplayAttributes(VADriverContextP va, VADisplayAttribute *list, int length) {
  for (int i = 0; i < length; i++) {
    list[i].flags = VA_DISPLAY_ATTRIB_NOT_SUPPORTED;
    if (list[i].type != VADisplayPCIID) continue;
    list[i].min_value = 0;
    list[i].max_value = INT32_MAX;
    list[i].value = int(unsigned{intel} << 16 | driverOf(va).generation.pciDevice);
    list[i].flags = VA_DISPLAY_ATTRIB_GETTABLE;
  }
  return VA_STATUS_SUCCESS;
}

VAStatus queryDisplayAttributes(VADriverContextP va, VADisplayAttribute *list, int *length) {
  *length = 1;
  list[0].type = VADisplayPCIID;
  return getDisplayAttributes(va, list, 1);
}

VAStatus terminate(VADriverContextP va) {
  Driver *driver = &driverOf(va);
  const auto left = [](Count live, size_t objects) {
    count(live, -int64_t(objects));
    count(Count::leaked, int64_t(objects));
    return std::to_string(objects);
  };
  int64_t buffers = 0;
  for (const auto &[id, buffer] : driver->buffers) buffers += buffer->isOfImage ? 0 : 1;
  const size_t all = driver->configs.size() + driver->contexts.size() + driver->surfaces.size() + size_t(buffers) +
                     driver->images.size();
  const std::string words = left(Count::liveConfigs, driver->configs.size()) + " configs, " +
                            left(Count::liveContexts, driver->contexts.size()) + " contexts, " +
                            left(Count::liveSurfaces, driver->surfaces.size()) + " surfaces, " +
                            left(Count::liveBuffers, size_t(buffers)) + " buffers, " +
                            left(Count::liveImages, driver->images.size()) + " images";
  if (all > 0) reportMisuse("a display is closed with " + words);
  count(Count::liveDisplays, -1);
  delete driver;
  va->pDriverData = nullptr;
  return VA_STATUS_SUCCESS;
}

void fillTable(VADriverVTable &table) {
  table.vaTerminate = terminate;
  table.vaQueryConfigProfiles = queryConfigProfiles;
  table.vaQueryConfigEntrypoints = queryConfigEntrypoints;
  table.vaGetConfigAttributes = getConfigAttributes;
  table.vaCreateConfig = createConfig;
  table.vaDestroyConfig = destroyConfig;
  table.vaQueryConfigAttributes = queryConfigAttributes;
  table.vaCreateSurfaces = createSurfaces;
  table.vaCreateSurfaces2 = createSurfaces2;
  table.vaDestroySurfaces = destroySurfaces;
  table.vaQuerySurfaceAttributes = querySurfaceAttributes;
  table.vaSyncSurface = syncSurface;
  table.vaSyncSurface2 = syncSurface2;
  table.vaQuerySurfaceStatus = querySurfaceStatus;
  table.vaCreateContext = createContext;
  table.vaDestroyContext = destroyContext;
  table.vaCreateBuffer = createBuffer;
  table.vaBufferSetNumElements = bufferSetNumElements;
  table.vaMapBuffer = mapBuffer;
  table.vaUnmapBuffer = unmapBuffer;
  table.vaDestroyBuffer = destroyBuffer;
  table.vaBufferInfo = bufferInfo;
  table.vaSyncBuffer = syncBuffer;
  table.vaBeginPicture = beginPicture;
  table.vaRenderPicture = renderPicture;
  table.vaEndPicture = endPicture;
  table.vaQueryImageFormats = queryImageFormats;
  table.vaCreateImage = createImage;
  table.vaDeriveImage = deriveImage;
  table.vaDestroyImage = destroyImage;
  table.vaGetImage = getImage;
  table.vaPutImage = putImage;
  table.vaQueryDisplayAttributes = queryDisplayAttributes;
  table.vaGetDisplayAttributes = getDisplayAttributes;
  table.vaSetDisplayAttributes = unimplemented;
  table.vaQuerySubpictureFormats = querySubpictureFormats;
  table.vaCreateSubpicture = unimplemented;
  table.vaDestroySubpicture = unimplemented;
  table.vaSetSubpictureImage = unimplemented;
  table.vaSetSubpictureChromakey = unimplemented;
  table.vaSetSubpictureGlobalAlpha = unimplemented;
  table.vaAssociateSubpicture = unimplemented;
  table.vaDeassociateSubpicture = unimplemented;
  table.vaSetImagePalette = unimplemented;
  table.vaPutSurface = unimplemented;
}

VAStatus begin(VADriverContextP va) {
  const Generation *generation = simulatedGeneration();
  if (!generation)
    return misuse(VA_STATUS_ERROR_INVALID_PARAMETER, "SLUICE_TEST_GPU_GENERATION names none that is known");
  if (const VAStatus status = faultOfDevice()) return status;
  va->pDriverData = new Driver(*generation);
  va->version_major = VA_MAJOR_VERSION;
  va->version_minor = VA_MINOR_VERSION;
  va->max_profiles = va->max_entrypoints = 32;
  va->max_attributes = maxConfigAttributes;
  va->max_image_formats = imageFormats;
  va->max_subpic_formats = 1;
  va->max_display_attributes = 1;
  va->str_vendor = vendor;
  fillTable(*va->vtable);
  va->vtable_vpp->vaQueryVideoProcFilters = queryVideoProcFilters;
  va->vtable_vpp->vaQueryVideoProcFilterCaps = queryVideoProcFilterCaps;
  va->vtable_vpp->vaQueryVideoProcPipelineCaps = queryVideoProcPipelineCaps;
  count(Count::displays);
  count(Count::liveDisplays);
  return VA_STATUS_SUCCESS;
}

}  // namespace
}  // namespace sluicetest

// libva asks for its own minor version first and then for older ones: the oldest serves all.
extern "C" __attribute__((visibility("default"))) VAStatus __vaDriverInit_1_0(VADriverContextP va) {
  return sluicetest::begin(va);
}
