// Owns decoding of H.264: parameter sets are written anew from the parameter buffers, slices are as they came, and both
// go to libavcodec. Not: interlaced pictures and scaling matrices, which are refused.
#include <algorithm>
#include <cstring>

#include "compose.h"
#include "counters.h"
#include "decoded-pictures.h"
#include "h264-syntax.h"
#include "software-decoder.h"
#include "workers.h"

namespace sluicetest {
namespace {

struct Slice {
  const VASliceParameterBufferH264 *parameters;
  std::span<const uint8_t> data;

  bool isIntra() const { return parameters->slice_type % 5 == 2; }
};

[[noreturn]] void refuse(const char *text) { throw Misuse{VA_STATUS_ERROR_INVALID_PARAMETER, text}; }

/** Slices of a picture: each buffer of parameters is followed by the one with their data. */
std::vector<Slice> slicesOf(const PendingPicture &picture) {
  std::vector<Slice> slices;
  const Buffer *parameters = nullptr;
  for (const auto &buffer : picture.buffers) {
    if (buffer->type == VASliceParameterBufferType) parameters = buffer.get();
    if (buffer->type != VASliceDataBufferType) continue;
    if (!parameters) refuse("slice data without slice parameters");
    for (unsigned i = 0; i < parameters->elements; i++) {
      const auto *one = parameters->as<VASliceParameterBufferH264>(i);
      if (!one) refuse("slice parameters that are too short");
      if (one->slice_data_flag != VA_SLICE_DATA_FLAG_ALL) refuse("a slice in pieces");
      if (one->slice_data_size == 0 || size_t{one->slice_data_offset} + one->slice_data_size > buffer->bytes())
        refuse("a slice outside of its data");
      slices.push_back({one, {buffer->memory->data() + one->slice_data_offset, one->slice_data_size}});
    }
    parameters = nullptr;
  }
  return slices;
}

Bytes sequenceOf(const VAPictureParameterBufferH264 &picture) {
  const auto &fields = picture.seq_fields.bits;
  if (fields.pic_order_cnt_type == 1) throw Misuse{VA_STATUS_ERROR_UNIMPLEMENTED, "picture order count of type 1"};
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

Bytes pictureSetOf(const VAPictureParameterBufferH264 &picture, const std::vector<Slice> &slices) {
  const auto &fields = picture.pic_fields.bits;
  const auto predicted = std::find_if(slices.begin(), slices.end(), [](const Slice &one) { return !one.isIntra(); });
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
    const auto &parameters = parametersOf(picture);
    check(parameters, picture, lookup);
    const auto slices = slicesOf(picture);
    if (slices.empty()) refuse("a picture without slices");
    Bytes sets;
    appendNal(sets, 0x67, sequenceOf(parameters));
    appendNal(sets, 0x68, pictureSetOf(parameters, slices));
    Bytes stream;
    if (sets != sets_) stream = sets_ = sets;
    for (const Slice &slice : slices) {
      stream.insert(stream.end(), {0, 0, 0, 1});
      stream.insert(stream.end(), slice.data.begin(), slice.data.end());
    }
    if (!decoder_.decode(stream, *picture.target)) return VA_STATUS_ERROR_DECODING_ERROR;
    if (corrupt) disturb(*picture.target);
    pictures_.decoded(picture.targetId, picture.target);
    count(Count::decodeJobs);
    return VA_STATUS_SUCCESS;
  }

 private:
  const VAPictureParameterBufferH264 &parametersOf(const PendingPicture &picture) const {
    const VAPictureParameterBufferH264 *found = nullptr;
    for (const auto &buffer : picture.buffers) {
      if (buffer->type == VAIQMatrixBufferType) {
        const auto *matrix = buffer->as<VAIQMatrixBufferH264>();
        if (!matrix) refuse("a matrix that is too short");
        if (!isFlat(*matrix)) throw Misuse{VA_STATUS_ERROR_UNIMPLEMENTED, "this device has no scaling matrices"};
      }
      if (buffer->type != VAPictureParameterBufferType) continue;
      found = buffer->as<VAPictureParameterBufferH264>();
      if (!found) refuse("picture parameters that are too short");
    }
    if (!found) refuse("a picture without parameters");
    return *found;
  }

  void check(const VAPictureParameterBufferH264 &parameters, const PendingPicture &picture, const Lookup &lookup) {
    const auto &fields = parameters.seq_fields.bits;
    if (!fields.frame_mbs_only_flag)
      throw Misuse{VA_STATUS_ERROR_UNIMPLEMENTED, "this device has no interlaced pictures"};
    if (fields.chroma_format_idc != 1 || parameters.bit_depth_luma_minus8 || parameters.bit_depth_chroma_minus8)
      throw Misuse{VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT, "this device has 4:2:0 of 8 bits only"};
    if (parameters.CurrPic.picture_id != picture.targetId) refuse("the current picture is not the target");
    const PlaneLayout &layout = picture.target->layout;
    if (layout.fourcc != VA_FOURCC_NV12) refuse("a picture is decoded into a surface that is not NV12");
    const int width = (parameters.picture_width_in_mbs_minus1 + 1) * 16;
    const int height = (parameters.picture_height_in_mbs_minus1 + 1) * 16;
    if (layout.width + 15 < width || layout.height + 15 < height)
      refuse("a picture is decoded into a surface that is too small");
    for (const VAPictureH264 &reference : parameters.ReferenceFrames) {
      if (reference.picture_id == VA_INVALID_SURFACE || reference.flags & VA_PICTURE_H264_INVALID) continue;
      if (reference.picture_id == picture.targetId) refuse("a picture is decoded into one of its references");
      pictures_.checkReference(reference.picture_id, lookup);
    }
  }

  SoftwareDecoder decoder_{AV_CODEC_ID_H264};
  DecodedPictures pictures_;
  Bytes sets_;
};

}  // namespace

std::unique_ptr<Worker> makeH264Decoder() { return std::make_unique<H264Decoder>(); }

}  // namespace sluicetest
