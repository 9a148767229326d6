#include "va-h264-encoder.h"

#include <va/va_enc_h264.h>

#include <cmath>
#include <cstring>

namespace sluice {

namespace {

/** What the driver's rate control shall reckon with; key pictures come when they are asked for. */
constexpr uint32_t usualGop = 3000;

/** Without rate control: good pictures of moderate size. */
constexpr int fixedQp = 28;

/** Room for a picture that hardly compresses. */
size_t codedBytes(Size size) { return size_t(size.width) * size_t(size.height) * 3 / 2 + (1 << 16); }

uint32_t modeOf(RateControl control) {
  switch (control) {
    case RateControl::constant: return VA_RC_CBR;
    case RateControl::variable: return VA_RC_VBR;
    case RateControl::none: return VA_RC_CQP;
  }
  return VA_RC_CQP;
}

VAPictureH264 noPicture() {
  VAPictureH264 none{};
  none.picture_id = VA_INVALID_SURFACE;
  none.flags = VA_PICTURE_H264_INVALID;
  return none;
}

VAPictureH264 pictureOf(const AVFrame &reconstructed, int sinceKey, uint32_t flags) {
  VAPictureH264 picture{};
  picture.picture_id = surfaceOf(reconstructed);
  picture.frame_idx = uint32_t(sinceKey & ((1 << frameNumberBits) - 1));
  picture.flags = flags;
  picture.TopFieldOrderCnt = picture.BottomFieldOrderCnt = 2 * sinceKey;
  return picture;
}

template <class Parameters>
VaBuffer miscBuffer(const VaContext &context, VAEncMiscParameterType type, const Parameters &parameters) {
  // As the header of the struct says: the type, then the parameters where its last member begins.
  constexpr size_t head = offsetof(VAEncMiscParameterBuffer, data);
  uint8_t bytes[head + sizeof parameters] = {};
  std::memcpy(bytes, &type, sizeof type);
  std::memcpy(bytes + head, &parameters, sizeof parameters);
  return context.buffer(VAEncMiscParameterBufferType, sizeof bytes, bytes);
}

}  // namespace

VaH264Encoder::VaH264Encoder(VaDeviceRef given, const VaAbility &ability, const EncoderSettings &settings)
    : Encoder(settings.size),
      device(std::move(given)),
      ability(ability),
      control(rateControlOf(*device, ability)),
      packedHeaders(attributeOf(*device, ability, VAConfigAttribEncPackedHeaders) &
                    (VA_ENC_PACKED_HEADER_SEQUENCE | VA_ENC_PACKED_HEADER_SLICE)),
      rate(settings.rate),
      pool(*device, codedSize(), 2),
      reconstructed{pool.take(), pool.take()},
      context(device, ability.profile, ability.entrypoint, attributes(), codedSize()),
      coded(context.buffer(VAEncCodedBufferType, codedBytes(codedSize()), nullptr)) {}

H264Format VaH264Encoder::format() const { return {size, uint32_t(std::lround(rate.framerate * 1000))}; }

Size VaH264Encoder::codedSize() const {
  const auto [columns, rows] = format().macroblocks();
  return {columns * 16, rows * 16};
}

std::vector<VAConfigAttrib> VaH264Encoder::attributes() const {
  std::vector<VAConfigAttrib> list{{VAConfigAttribRTFormat, VA_RT_FORMAT_YUV420},
                                   {VAConfigAttribRateControl, modeOf(control)}};
  if (packedHeaders != 0) list.push_back({VAConfigAttribEncPackedHeaders, packedHeaders});
  return list;
}

Encoded VaH264Encoder::encode(const Picture &picture, double, bool key) {
  const bool isIdr = key || sinceKey < 0;
  sinceKey = isIdr ? 0 : sinceKey + 1;
  if (isIdr) keys++;
  const H264Slice slice{isIdr, sinceKey & ((1 << frameNumberBits) - 1), keys & 1,
                        control == RateControl::none ? fixedQp - initialQp : 0};
  const VASurfaceID input = vaPicture(picture).surface();
  {
    std::vector<VaBuffer> buffers;
    if (isIdr) addSequence(buffers);
    // Behind it: drivers take them in order, and what it says of rate and buffer replaces what was said before.
    if (isIdr || isRateNew) addRate(buffers);
    addPicture(buffers, slice);
    if (isIdr && packs(VA_ENC_PACKED_HEADER_SEQUENCE)) {
      addPacked(buffers, VAEncPackedHeaderSequence, packedParameterSets(format()));
    }
    if (packs(VA_ENC_PACKED_HEADER_SLICE)) addPacked(buffers, VAEncPackedHeaderSlice, packedSliceHeader(slice));
    addSlice(buffers, slice);
    context.perform(input, buffers, "encode");
  }
  isRateNew = false;
  return {readCoded(input), isIdr};
}

void VaH264Encoder::setRate(Rate given) {
  rate = given;
  isRateNew = true;
}

void VaH264Encoder::addRate(std::vector<VaBuffer> &buffers) const {
  const uint32_t bitsPerSecond = uint32_t(rate.bitrateKbps) * 1000;
  VAEncMiscParameterFrameRate frames{};
  // A fraction of two times 16 bits.
  frames.framerate = uint32_t(std::lround(rate.framerate * 100)) | 100U << 16;
  buffers.push_back(miscBuffer(context, VAEncMiscParameterTypeFrameRate, frames));
  if (control == RateControl::none) return;
  VAEncMiscParameterRateControl limits{};
  limits.target_percentage = control == RateControl::constant ? 100 : 80;
  limits.bits_per_second = bitsPerSecond / limits.target_percentage * 100;
  limits.window_size = 1000;
  buffers.push_back(miscBuffer(context, VAEncMiscParameterTypeRateControl, limits));
  // One second of it.
  VAEncMiscParameterHRD buffer{};
  buffer.buffer_size = bitsPerSecond;
  buffer.initial_buffer_fullness = bitsPerSecond / 4 * 3;
  buffers.push_back(miscBuffer(context, VAEncMiscParameterTypeHRD, buffer));
}

void VaH264Encoder::addSequence(std::vector<VaBuffer> &buffers) const {
  const H264Format now = format();
  const auto [columns, rows] = now.macroblocks();
  VAEncSequenceParameterBufferH264 sequence{};
  sequence.level_idc = uint8_t(now.level());
  sequence.intra_period = sequence.intra_idr_period = usualGop;
  sequence.ip_period = 1;
  sequence.bits_per_second = control == RateControl::none ? 0 : uint32_t(rate.bitrateKbps) * 1000;
  sequence.max_num_ref_frames = 1;
  sequence.picture_width_in_mbs = uint16_t(columns);
  sequence.picture_height_in_mbs = uint16_t(rows);
  sequence.seq_fields.bits.chroma_format_idc = 1;
  sequence.seq_fields.bits.frame_mbs_only_flag = 1;
  sequence.seq_fields.bits.direct_8x8_inference_flag = 1;
  sequence.seq_fields.bits.log2_max_frame_num_minus4 = frameNumberBits - 4;
  sequence.seq_fields.bits.pic_order_cnt_type = 2;
  sequence.frame_crop_right_offset = uint32_t(columns * 16 - size.width) / 2;
  sequence.frame_crop_bottom_offset = uint32_t(rows * 16 - size.height) / 2;
  sequence.frame_cropping_flag = sequence.frame_crop_right_offset > 0 || sequence.frame_crop_bottom_offset > 0;
  sequence.vui_parameters_present_flag = 1;
  sequence.vui_fields.bits.timing_info_present_flag = 1;
  sequence.vui_fields.bits.bitstream_restriction_flag = 1;
  sequence.vui_fields.bits.log2_max_mv_length_horizontal = longestMotion;
  sequence.vui_fields.bits.log2_max_mv_length_vertical = longestMotion;
  sequence.vui_fields.bits.motion_vectors_over_pic_boundaries_flag = 1;
  sequence.num_units_in_tick = 1000;
  sequence.time_scale = now.framerateMilli * 2;
  buffers.push_back(context.buffer(VAEncSequenceParameterBufferType, sizeof sequence, &sequence));
}

void VaH264Encoder::addPicture(std::vector<VaBuffer> &buffers, const H264Slice &slice) const {
  VAEncPictureParameterBufferH264 picture{};
  picture.CurrPic = pictureOf(*reconstructed[sinceKey & 1], sinceKey, 0);
  for (VAPictureH264 &reference : picture.ReferenceFrames) reference = noPicture();
  if (!slice.isIdr) {
    picture.ReferenceFrames[0] =
        pictureOf(*reconstructed[(sinceKey - 1) & 1], sinceKey - 1, VA_PICTURE_H264_SHORT_TERM_REFERENCE);
  }
  picture.coded_buf = coded.id;
  picture.frame_num = uint16_t(slice.frameNumber);
  picture.pic_init_qp = initialQp;
  picture.pic_fields.bits.idr_pic_flag = slice.isIdr;
  picture.pic_fields.bits.reference_pic_flag = 1;
  picture.pic_fields.bits.deblocking_filter_control_present_flag = 1;
  buffers.push_back(context.buffer(VAEncPictureParameterBufferType, sizeof picture, &picture));
}

void VaH264Encoder::addSlice(std::vector<VaBuffer> &buffers, const H264Slice &given) const {
  const auto [columns, rows] = format().macroblocks();
  VAEncSliceParameterBufferH264 slice{};
  slice.num_macroblocks = uint32_t(columns) * uint32_t(rows);
  slice.macroblock_info = VA_INVALID_ID;
  slice.slice_type = given.isIdr ? 2 : 0;
  slice.idr_pic_id = uint16_t(given.idrNumber);
  for (VAPictureH264 &reference : slice.RefPicList0) reference = noPicture();
  for (VAPictureH264 &reference : slice.RefPicList1) reference = noPicture();
  if (!given.isIdr) {
    slice.RefPicList0[0] =
        pictureOf(*reconstructed[(sinceKey - 1) & 1], sinceKey - 1, VA_PICTURE_H264_SHORT_TERM_REFERENCE);
  }
  slice.slice_qp_delta = int8_t(given.qpDelta);
  buffers.push_back(context.buffer(VAEncSliceParameterBufferType, sizeof slice, &slice));
}

void VaH264Encoder::addPacked(std::vector<VaBuffer> &buffers, uint32_t type, const PackedHeader &header) const {
  VAEncPackedHeaderParameterBuffer parameters{};
  parameters.type = type;
  parameters.bit_length = header.bits;
  parameters.has_emulation_bytes = 1;
  buffers.push_back(context.buffer(VAEncPackedHeaderParameterBufferType, sizeof parameters, &parameters));
  buffers.push_back(context.buffer(VAEncPackedHeaderDataBufferType, header.bytes.size(), header.bytes.data()));
}

std::vector<uint8_t> VaH264Encoder::readCoded(VASurfaceID input) const {
  check(vaSyncSurface(device->display, input), "finish encoding");
  void *mapped = nullptr;
  check(vaMapBuffer(device->display, coded.id, &mapped), "give what it encoded");
  std::vector<uint8_t> data;
  bool isDamaged = false;
  for (auto *segment = static_cast<const VACodedBufferSegment *>(mapped); segment;
       segment = static_cast<const VACodedBufferSegment *>(segment->next)) {
    const auto *bytes = static_cast<const uint8_t *>(segment->buf);
    data.insert(data.end(), bytes, bytes + segment->size);
    isDamaged = isDamaged || (segment->status & VA_CODED_BUF_STATUS_BAD_BITSTREAM) != 0;
  }
  check(vaUnmapBuffer(device->display, coded.id), "give what it encoded");
  if (isDamaged || data.empty()) throw Failure("the device encoded nothing that is good", Failure::Scope::device);
  return data;
}

}  // namespace sluice
