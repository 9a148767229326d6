// Owns decoding of VP9, profile 0: what comes is the whole frame with its header, which goes to libavcodec as it is.
#include "decode-target.h"
#include "workers.h"

namespace sluicetest {
namespace {

class Vp9Decoder : public Worker {
 public:
  Job kind() const override { return Job::decode; }
  bool takes(VABufferType type) const override {
    return type == VAPictureParameterBufferType || type == VASliceParameterBufferType || type == VASliceDataBufferType;
  }

  VAStatus work(const PendingPicture &picture, const Lookup &lookup, bool corrupt) override {
    const auto &parameters =
        oneOf<VADecPictureParameterBufferVP9>(picture, VAPictureParameterBufferType, "picture parameters");
    const auto &fields = parameters.pic_fields.bits;
    if (parameters.profile != 0 || parameters.bit_depth != 8) cannot("this device has VP9 of profile 0 only");
    checkDecodeTarget(picture, parameters.frame_width, parameters.frame_height);
    constexpr unsigned keyFrame = 0;
    if (fields.frame_type != keyFrame && !fields.intra_only)
      for (const unsigned index : {0U + fields.last_ref_frame, 0U + fields.golden_ref_frame, 0U + fields.alt_ref_frame})
        state_.checkReference(picture, parameters.reference_frames[index], lookup);
    const auto slices = slicesOf<VASliceParameterBufferVP9>(picture);
    if (slices.size() != 1) refuse("a picture of VP9 in more than one slice");
    return state_.decode(picture, slices.front().data, corrupt);
  }

 private:
  DecodeState state_{AV_CODEC_ID_VP9};
};

}  // namespace

std::unique_ptr<Worker> makeVp9Decoder() { return std::make_unique<Vp9Decoder>(); }

}  // namespace sluicetest
