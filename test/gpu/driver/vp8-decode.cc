// Owns decoding of VP8: the tag before the first partition (RFC 6386, 9.1), which is not among what comes, is written
// anew.
#include "decode-target.h"
#include "workers.h"

namespace sluicetest {
namespace {

/** The bytes of the frame before its first partition. */
Bytes tagOf(const VAPictureParameterBufferVP8 &picture, const VASliceParameterBufferVP8 &slice) {
  constexpr unsigned shown = 1;
  const auto &fields = picture.pic_fields.bits;
  // The header is a part of the first partition; what is told is what remains of it.
  const uint32_t firstPartition = slice.partition_size[0] + (slice.macroblock_offset + 7) / 8;
  const uint32_t tag = fields.key_frame | fields.version << 1 | shown << 4 | firstPartition << 5;
  Bytes bytes{uint8_t(tag), uint8_t(tag >> 8), uint8_t(tag >> 16)};
  constexpr unsigned keyFrame = 0;
  if (fields.key_frame != keyFrame) return bytes;
  bytes.insert(bytes.end(), {0x9d, 0x01, 0x2a});
  for (const uint32_t side : {picture.frame_width, picture.frame_height})
    bytes.insert(bytes.end(), {uint8_t(side), uint8_t(side >> 8)});
  return bytes;
}

class Vp8Decoder : public Worker {
 public:
  Job kind() const override { return Job::decode; }
  bool takes(VABufferType type) const override {
    return type == VAPictureParameterBufferType || type == VAIQMatrixBufferType || type == VAProbabilityBufferType ||
           type == VASliceParameterBufferType || type == VASliceDataBufferType;
  }

  VAStatus work(const PendingPicture &picture, const Lookup &lookup, bool corrupt) override {
    const auto &parameters =
        oneOf<VAPictureParameterBufferVP8>(picture, VAPictureParameterBufferType, "picture parameters");
    checkDecodeTarget(picture, int(parameters.frame_width), int(parameters.frame_height));
    if (parameters.pic_fields.bits.key_frame)
      for (const VASurfaceID id : {parameters.last_ref_frame, parameters.golden_ref_frame, parameters.alt_ref_frame})
        state_.checkReference(picture, id, lookup);
    const auto slices = slicesOf<VASliceParameterBufferVP8>(picture);
    if (slices.size() != 1) refuse("a picture of VP8 in more than one slice");
    Bytes stream = tagOf(parameters, *slices.front().parameters);
    stream.insert(stream.end(), slices.front().data.begin(), slices.front().data.end());
    return state_.decode(picture, stream, corrupt);
  }

 private:
  DecodeState state_{AV_CODEC_ID_VP8};
};

}  // namespace

std::unique_ptr<Worker> makeVp8Decoder() { return std::make_unique<Vp8Decoder>(); }

}  // namespace sluicetest
