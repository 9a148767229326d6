// Owns decoding of H.264: parameter sets are written anew from the parameter buffers, slices are as they came, and both
// go to libavcodec. Not: interlaced pictures and scaling matrices, which are refused.
#include <algorithm>
#include <functional>

#include "decode-target.h"
#include "h264-syntax.h"
#include "workers.h"

namespace sluicetest {
namespace {

using H264Slice = Slice<VASliceParameterBufferH264>;

bool isIntra(const H264Slice &slice) { return slice.parameters->slice_type % 5 == 2; }

Bytes sequenceOf(const VAPictureParameterBufferH264 &picture) {
  const auto &fields = picture.seq_fields.bits;
  if (fields.pic_order_cnt_type == 1) cannot("this device has no picture order count of type 1");
  BitWriter out;
  out.bits(8, 100);
  out.bits(8, 0);
  out.bits(8, 51);
  out.ue(0);
  out.ue(fields.chroma_format_idc);
  out.ue(picture.bit_depth_luma_minus8);
  out.ue(picture.bit_depth_chroma_minus8);
  out.bits(2, 0);
  out.ue(fields.log2_max_frame_num_minus4);
  out.ue(fields.pic_order_cnt_type);
  if (fields.pic_order_cnt_type == 0) out.ue(fields.log2_max_pic_order_cnt_lsb_minus4);
  out.ue(picture.num_ref_frames);
  out.bit(fields.gaps_in_frame_num_value_allowed_flag);
  out.ue(picture.picture_width_in_mbs_minus1);
  out.ue(picture.picture_height_in_mbs_minus1);
  out.bit(1);
  out.bit(fields.direct_8x8_inference_flag);
  // No cropping, no usability information: what is shown is not decided here.
  out.bits(2, 0);
  out.trailing();
  return out.bytes();
}

Bytes pictureSetOf(const VAPictureParameterBufferH264 &picture, const std::vector<H264Slice> &slices) {
  const auto &fields = picture.pic_fields.bits;
  const auto predicted = std::find_if(slices.begin(), slices.end(), std::not_fn(isIntra));
  const auto *references = predicted == slices.end() ? nullptr : predicted->parameters;
  BitWriter out;
  out.ue(h264::pictureSetOf(slices.front().data));
  out.ue(0);
  out.bit(fields.entropy_coding_mode_flag);
  out.bit(fields.pic_order_present_flag);
  out.ue(0);
  out.ue(references ? references->num_ref_idx_l0_active_minus1 : 0);
  out.ue(references ? references->num_ref_idx_l1_active_minus1 : 0);
  out.bit(fields.weighted_pred_flag);
  out.bits(2, fields.weighted_bipred_idc);
  out.se(picture.pic_init_qp_minus26);
  out.se(picture.pic_init_qs_minus26);
  out.se(picture.chroma_qp_index_offset);
  out.bit(fields.deblocking_filter_control_present_flag);
  out.bit(fields.constrained_intra_pred_flag);
  out.bit(fields.redundant_pic_cnt_present_flag);
  out.bit(fields.transform_8x8_mode_flag);
  out.bit(0);
  out.se(picture.second_chroma_qp_index_offset);
  out.trailing();
  return out.bytes();
}

bool isFlat(const VAIQMatrixBufferH264 &matrix) {
  const auto *bytes = reinterpret_cast<const uint8_t *>(&matrix);
  return std::all_of(bytes, bytes + sizeof matrix.ScalingList4x4 + sizeof matrix.ScalingList8x8,
                     [](uint8_t value) { return value == 16; });
}

class H264Decoder : public Worker {
 public:
  Job kind() const override { return Job::decode; }
  bool takes(VABufferType type) const override {
    return type == VAPictureParameterBufferType || type == VAIQMatrixBufferType || type == VASliceParameterBufferType ||
           type == VASliceDataBufferType;
  }

  VAStatus work(const PendingPicture &picture, const Lookup &lookup, bool corrupt) override {
    const auto &parameters =
        oneOf<VAPictureParameterBufferH264>(picture, VAPictureParameterBufferType, "picture parameters");
    checkMatrix(picture);
    check(parameters, picture, lookup);
    const auto slices = slicesOf<VASliceParameterBufferH264>(picture);
    Bytes sets;
    appendNal(sets, 0x67, sequenceOf(parameters));
    appendNal(sets, 0x68, pictureSetOf(parameters, slices));
    Bytes stream;
    if (sets != sets_) stream = sets_ = sets;
    for (const H264Slice &slice : slices) {
      stream.insert(stream.end(), {0, 0, 0, 1});
      stream.insert(stream.end(), slice.data.begin(), slice.data.end());
    }
    return state_.decode(picture, stream, corrupt);
  }

 private:
  void checkMatrix(const PendingPicture &picture) const {
    const auto *matrix = lastOf<VAIQMatrixBufferH264>(picture, VAIQMatrixBufferType, "matrices");
    if (matrix && !isFlat(*matrix)) cannot("this device has no scaling matrices");
  }

  void check(const VAPictureParameterBufferH264 &parameters, const PendingPicture &picture, const Lookup &lookup) {
    const auto &fields = parameters.seq_fields.bits;
    if (!fields.frame_mbs_only_flag) cannot("this device has no interlaced pictures");
    if (fields.chroma_format_idc != 1 || parameters.bit_depth_luma_minus8 || parameters.bit_depth_chroma_minus8)
      throw Misuse{VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT, "this device has 4:2:0 of 8 bits only"};
    if (parameters.CurrPic.picture_id != picture.targetId) refuse("the current picture is not the target");
    checkDecodeTarget(picture, (parameters.picture_width_in_mbs_minus1 + 1) * 16,
                      (parameters.picture_height_in_mbs_minus1 + 1) * 16);
    for (const VAPictureH264 &reference : parameters.ReferenceFrames)
      if (!(reference.flags & VA_PICTURE_H264_INVALID)) state_.checkReference(picture, reference.picture_id, lookup);
  }

  DecodeState state_{AV_CODEC_ID_H264};
  Bytes sets_;
};

}  // namespace

std::unique_ptr<Worker> makeH264Decoder() { return std::make_unique<H264Decoder>(); }

}  // namespace sluicetest
