// Owns what pictures to decode have in common whatever the codec.
#pragma once
#include "compose.h"
#include "counters.h"
#include "decoded-pictures.h"
#include "request.h"
#include "software-decoder.h"

namespace sluicetest {

/** The target must be NV12 and large enough, but for what is aligned. */
inline void checkDecodeTarget(const PendingPicture &picture, int width, int height) {
  const PlaneLayout &layout = picture.target->layout;
  if (layout.fourcc != VA_FOURCC_NV12) refuse("a picture is decoded into a surface that is not NV12");
  if (layout.width + 15 < width || layout.height + 15 < height)
    refuse("a picture is decoded into a surface that is too small");
}

/** A decoder of one codec with what it remembers of its pictures. */
class DecodeState {
 public:
  explicit DecodeState(AVCodecID codec) : decoder_(codec) {}

  void checkReference(const PendingPicture &picture, VASurfaceID id, const Lookup &lookup) const {
    if (id == VA_INVALID_SURFACE) return;
    if (id == picture.targetId) refuse("a picture is decoded into one of its references");
    pictures_.checkReference(id, lookup);
  }

  VAStatus decode(const PendingPicture &picture, std::span<const uint8_t> stream, bool corrupt) {
    if (!decoder_.decode(stream, *picture.target)) return VA_STATUS_ERROR_DECODING_ERROR;
    if (corrupt) disturb(*picture.target);
    pictures_.decoded(picture.targetId, picture.target);
    count(Count::decodeJobs);
    return VA_STATUS_SUCCESS;
  }

 private:
  SoftwareDecoder decoder_;
  DecodedPictures pictures_;
};

}  // namespace sluicetest
