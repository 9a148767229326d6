// Owns decoding of HEVC, Main: parameter sets and references are written anew from the parameter buffers, slice data
// are as they came. Not: scaling lists and long-term references named by the sequence's list, which are refused.
#include "decode-target.h"
#include "hevc-syntax.h"
#include "workers.h"

namespace sluicetest {
namespace {

class HevcDecoder : public Worker {
 public:
  Job kind() const override { return Job::decode; }
  bool takes(VABufferType type) const override {
    return type == VAPictureParameterBufferType || type == VAIQMatrixBufferType || type == VASliceParameterBufferType ||
           type == VASliceDataBufferType;
  }

  VAStatus work(const PendingPicture &picture, const Lookup &lookup, bool corrupt) override {
    const auto &parameters =
        oneOf<VAPictureParameterBufferHEVC>(picture, VAPictureParameterBufferType, "picture parameters");
    check(parameters, picture, lookup);
    const auto slices = slicesOf<VASliceParameterBufferHEVC>(picture);
    const Bytes sets = hevc::parameterSetsOf(parameters, slices.front().data);
    Bytes stream;
    if (sets != sets_) stream = sets_ = sets;
    for (const auto &slice : slices)
      hevc::appendSlice(stream, parameters, slice.data, slice.parameters->slice_data_byte_offset);
    return state_.decode(picture, stream, corrupt);
  }

 private:
  void check(const VAPictureParameterBufferHEVC &parameters, const PendingPicture &picture, const Lookup &lookup) {
    const auto &fields = parameters.pic_fields.bits;
    if (fields.chroma_format_idc != 1 || parameters.bit_depth_luma_minus8 || parameters.bit_depth_chroma_minus8)
      throw Misuse{VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT, "this device has 4:2:0 of 8 bits only"};
    if (fields.scaling_list_enabled_flag) cannot("this device has no scaling lists");
    if (parameters.num_long_term_ref_pic_sps) cannot("this device has no list of long-term references");
    if (parameters.CurrPic.picture_id != picture.targetId) refuse("the current picture is not the target");
    checkDecodeTarget(picture, parameters.pic_width_in_luma_samples, parameters.pic_height_in_luma_samples);
    for (const VAPictureHEVC &reference : parameters.ReferenceFrames)
      if (!(reference.flags & VA_PICTURE_HEVC_INVALID)) state_.checkReference(picture, reference.picture_id, lookup);
  }

  DecodeState state_{AV_CODEC_ID_HEVC};
  Bytes sets_;
};

}  // namespace

std::unique_ptr<Worker> makeHevcDecoder() { return std::make_unique<HevcDecoder>(); }

}  // namespace sluicetest
