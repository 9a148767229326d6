// Owns the list of the calls that the driver answers, one owner each. `entry.cc` puts them into libva's tables.
#pragma once
#include <va/va.h>
#include <va/va_backend.h>
#include <va/va_backend_vpp.h>

namespace sluicetest {

// configs.cc
VAStatus queryConfigProfiles(VADriverContextP, VAProfile *list, int *length);
VAStatus queryConfigEntrypoints(VADriverContextP, VAProfile, VAEntrypoint *list, int *length);
VAStatus getConfigAttributes(VADriverContextP, VAProfile, VAEntrypoint, VAConfigAttrib *list, int length);
VAStatus createConfig(VADriverContextP, VAProfile, VAEntrypoint, VAConfigAttrib *list, int length, VAConfigID *);
VAStatus destroyConfig(VADriverContextP, VAConfigID);
VAStatus queryConfigAttributes(VADriverContextP, VAConfigID, VAProfile *, VAEntrypoint *, VAConfigAttrib *list,
                               int *length);
/** Room that libva's callers give for the lists above. */
inline constexpr int maxConfigAttributes = 16;

// surfaces.cc
VAStatus createSurfaces(VADriverContextP, int width, int height, int format, int length, VASurfaceID *);
VAStatus createSurfaces2(VADriverContextP, unsigned format, unsigned width, unsigned height, VASurfaceID *,
                         unsigned length, VASurfaceAttrib *attributes, unsigned attributesLength);
VAStatus destroySurfaces(VADriverContextP, VASurfaceID *, int length);
VAStatus querySurfaceAttributes(VADriverContextP, VAConfigID, VASurfaceAttrib *list, unsigned *length);
VAStatus syncSurface(VADriverContextP, VASurfaceID);
VAStatus syncSurface2(VADriverContextP, VASurfaceID, uint64_t timeoutNs);
VAStatus querySurfaceStatus(VADriverContextP, VASurfaceID, VASurfaceStatus *);

// buffers.cc
VAStatus createBuffer(VADriverContextP, VAContextID, VABufferType, unsigned bytes, unsigned elements, void *data,
                      VABufferID *);
VAStatus bufferSetNumElements(VADriverContextP, VABufferID, unsigned elements);
VAStatus mapBuffer(VADriverContextP, VABufferID, void **);
VAStatus unmapBuffer(VADriverContextP, VABufferID);
VAStatus destroyBuffer(VADriverContextP, VABufferID);
VAStatus bufferInfo(VADriverContextP, VABufferID, VABufferType *, unsigned *bytes, unsigned *elements);
VAStatus syncBuffer(VADriverContextP, VABufferID, uint64_t timeoutNs);

// images.cc
VAStatus queryImageFormats(VADriverContextP, VAImageFormat *list, int *length);
VAStatus createImage(VADriverContextP, VAImageFormat *, int width, int height, VAImage *);
VAStatus deriveImage(VADriverContextP, VASurfaceID, VAImage *);
VAStatus destroyImage(VADriverContextP, VAImageID);
VAStatus getImage(VADriverContextP, VASurfaceID, int x, int y, unsigned width, unsigned height, VAImageID);
VAStatus putImage(VADriverContextP, VASurfaceID, VAImageID, int fromX, int fromY, unsigned fromWidth,
                  unsigned fromHeight, int toX, int toY, unsigned toWidth, unsigned toHeight);
inline constexpr int imageFormats = 4;

// pictures.cc
VAStatus createContext(VADriverContextP, VAConfigID, int width, int height, int flag, VASurfaceID *, int length,
                       VAContextID *);
VAStatus destroyContext(VADriverContextP, VAContextID);
VAStatus beginPicture(VADriverContextP, VAContextID, VASurfaceID target);
VAStatus renderPicture(VADriverContextP, VAContextID, VABufferID *, int length);
VAStatus endPicture(VADriverContextP, VAContextID);

// vpp.cc
VAStatus queryVideoProcFilters(VADriverContextP, VAContextID, VAProcFilterType *, unsigned *length);
VAStatus queryVideoProcFilterCaps(VADriverContextP, VAContextID, VAProcFilterType, void *, unsigned *length);
VAStatus queryVideoProcPipelineCaps(VADriverContextP, VAContextID, VABufferID *filters, unsigned length,
                                    VAProcPipelineCaps *);

}  // namespace sluicetest
