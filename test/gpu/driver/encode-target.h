// Owns what pictures to encode have in common whatever the codec: the surface that is read, the one for the
// reconstruction, the buffer for what is made.
#pragma once
#include <memory>

#include "context.h"

namespace sluicetest {

struct EncodeTarget {
  std::shared_ptr<Surface> reconstruction;
  std::shared_ptr<Buffer> coded;
};

/** Looks both up and checks them and the source; throws Misuse. */
EncodeTarget encodeTarget(const PendingPicture &picture, const Lookup &lookup, VASurfaceID reconstruction,
                          VABufferID coded);

/** Gives the picture to the driver's user and counts it; throws Misuse when the buffer is too small. */
void giveCoded(const EncodeTarget &target, Bytes made, bool isKey, bool corrupt, const void *encoder);

}  // namespace sluicetest
