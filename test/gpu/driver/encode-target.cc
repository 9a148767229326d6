#include "encode-target.h"

#include <algorithm>

#include "counters.h"
#include "request.h"

namespace sluicetest {

EncodeTarget encodeTarget(const PendingPicture &picture, const Lookup &lookup, VASurfaceID reconstruction,
                          VABufferID coded) {
  if (picture.target->layout.fourcc != VA_FOURCC_NV12) refuse("a surface to encode that is not NV12");
  if (picture.target->derived > 0)
    throw Misuse{VA_STATUS_ERROR_SURFACE_BUSY, "a surface to encode that has a derived image"};
  EncodeTarget target{lookup.surface(reconstruction), lookup.buffer(coded)};
  if (!target.reconstruction)
    throw Misuse{VA_STATUS_ERROR_INVALID_SURFACE, "reconstruction into a surface that is not there"};
  if (target.reconstruction == picture.target) refuse("reconstruction into the surface that is encoded");
  if (!target.coded || target.coded->type != VAEncCodedBufferType)
    throw Misuse{VA_STATUS_ERROR_INVALID_BUFFER, "a picture is encoded into a buffer that is not there"};
  if (target.coded->isMapped)
    throw Misuse{VA_STATUS_ERROR_INVALID_BUFFER, "a picture is encoded into a buffer that is mapped"};
  if (!picture.target->isWritten) count(Count::unwrittenReads);
  return target;
}

void giveCoded(const EncodeTarget &target, Bytes made, bool isKey, bool corrupt, const void *encoder) {
  Buffer &coded = *target.coded;
  if (made.size() > coded.memory->size())
    throw Misuse{VA_STATUS_ERROR_ENCODING_ERROR, "a coded buffer that is smaller than the picture"};
  // The last fifth, which is data of macroblocks: what a receiver does not see as broken before it decodes.
  if (corrupt) std::for_each(made.end() - ptrdiff_t(made.size() / 5), made.end(), [](uint8_t &byte) { byte ^= 0x5a; });
  std::copy(made.begin(), made.end(), coded.memory->begin());
  coded.coded = {};
  coded.coded.size = uint32_t(made.size());
  coded.coded.buf = coded.memory->data();
  target.reconstruction->isWritten = true;
  target.reconstruction->writer = {encoder, 0};
  count(Count::encodedBytes, int64_t(made.size()));
  count(Count::encodeJobs);
  if (isKey) count(Count::keyPictures);
}

}  // namespace sluicetest
