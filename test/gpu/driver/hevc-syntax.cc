#include "hevc-syntax.h"

#include <algorithm>

#include "request.h"

namespace sluicetest::hevc {
namespace {

constexpr uint8_t vpsHeader = 32 << 1, spsHeader = 33 << 1, ppsHeader = 34 << 1;

int bitsFor(uint32_t values) {
  int bits = 0;
  while (uint32_t{1} << bits < values) bits++;
  return bits;
}

void writeProfile(BitWriter &out) {
  constexpr uint32_t main = 1;
  out.bits(3, 0);
  out.bits(5, main);
  out.bits(32, 0x60000000);
  // Progressive, not packed, frames only; then 44 bits of no meaning here.
  out.bits(4, 0b1011);
  out.bits(32, 0);
  out.bits(12, 0);
  constexpr uint32_t level62 = 186;
  out.bits(8, level62);
}

/** Pictures are given out at once: nobody waits for their order here. */
void writeBuffering(BitWriter &out, const VAPictureParameterBufferHEVC &picture) {
  out.bit(1);
  out.ue(picture.sps_max_dec_pic_buffering_minus1);
  out.ue(0);
  out.ue(0);
}

Bytes videoSet(const VAPictureParameterBufferHEVC &picture) {
  BitWriter out;
  out.bits(8, 1);
  out.bits(4, 0);
  out.bits(2, 3);
  out.bits(6, 0);
  out.bits(3, 0);
  out.bit(1);
  out.bits(16, 0xffff);
  writeProfile(out);
  writeBuffering(out, picture);
  out.bits(6, 0);
  out.ue(0);
  out.bits(2, 0);
  out.trailing();
  return out.bytes();
}

Bytes sequenceSet(const VAPictureParameterBufferHEVC &picture) {
  const auto &fields = picture.pic_fields.bits;
  const auto &parsing = picture.slice_parsing_fields.bits;
  BitWriter out;
  out.bits(8, 1);
  out.bits(4, 0);
  out.bits(3, 0);
  out.bit(1);
  writeProfile(out);
  out.ue(0);
  out.ue(fields.chroma_format_idc);
  out.ue(picture.pic_width_in_luma_samples);
  out.ue(picture.pic_height_in_luma_samples);
  out.bit(0);
  out.ue(picture.bit_depth_luma_minus8);
  out.ue(picture.bit_depth_chroma_minus8);
  out.ue(picture.log2_max_pic_order_cnt_lsb_minus4);
  writeBuffering(out, picture);
  out.ue(picture.log2_min_luma_coding_block_size_minus3);
  out.ue(picture.log2_diff_max_min_luma_coding_block_size);
  out.ue(picture.log2_min_transform_block_size_minus2);
  out.ue(picture.log2_diff_max_min_transform_block_size);
  out.ue(picture.max_transform_hierarchy_depth_inter);
  out.ue(picture.max_transform_hierarchy_depth_intra);
  out.bit(0);
  out.bit(fields.amp_enabled_flag);
  out.bit(parsing.sample_adaptive_offset_enabled_flag);
  out.bit(fields.pcm_enabled_flag);
  if (fields.pcm_enabled_flag) {
    out.bits(4, picture.pcm_sample_bit_depth_luma_minus1);
    out.bits(4, picture.pcm_sample_bit_depth_chroma_minus1);
    out.ue(picture.log2_min_pcm_luma_coding_block_size_minus3);
    out.ue(picture.log2_diff_max_min_pcm_luma_coding_block_size);
    out.bit(fields.pcm_loop_filter_disabled_flag);
  }
  out.ue(0);
  out.bit(parsing.long_term_ref_pics_present_flag);
  if (parsing.long_term_ref_pics_present_flag) out.ue(0);
  out.bit(parsing.sps_temporal_mvp_enabled_flag);
  out.bit(fields.strong_intra_smoothing_enabled_flag);
  out.bits(2, 0);
  out.trailing();
  return out.bytes();
}

void writeTiles(BitWriter &out, const VAPictureParameterBufferHEVC &picture) {
  out.ue(picture.num_tile_columns_minus1);
  out.ue(picture.num_tile_rows_minus1);
  out.bit(0);
  for (int i = 0; i < picture.num_tile_columns_minus1; i++) out.ue(picture.column_width_minus1[i]);
  for (int i = 0; i < picture.num_tile_rows_minus1; i++) out.ue(picture.row_height_minus1[i]);
  out.bit(picture.pic_fields.bits.loop_filter_across_tiles_enabled_flag);
}

Bytes pictureSet(const VAPictureParameterBufferHEVC &picture, uint32_t id) {
  const auto &fields = picture.pic_fields.bits;
  const auto &parsing = picture.slice_parsing_fields.bits;
  BitWriter out;
  out.bits(8, 1);
  out.ue(id);
  out.ue(0);
  out.bit(parsing.dependent_slice_segments_enabled_flag);
  out.bit(parsing.output_flag_present_flag);
  out.bits(3, picture.num_extra_slice_header_bits);
  out.bit(fields.sign_data_hiding_enabled_flag);
  out.bit(parsing.cabac_init_present_flag);
  out.ue(picture.num_ref_idx_l0_default_active_minus1);
  out.ue(picture.num_ref_idx_l1_default_active_minus1);
  out.se(picture.init_qp_minus26);
  out.bit(fields.constrained_intra_pred_flag);
  out.bit(fields.transform_skip_enabled_flag);
  out.bit(fields.cu_qp_delta_enabled_flag);
  if (fields.cu_qp_delta_enabled_flag) out.ue(picture.diff_cu_qp_delta_depth);
  out.se(picture.pps_cb_qp_offset);
  out.se(picture.pps_cr_qp_offset);
  out.bit(parsing.pps_slice_chroma_qp_offsets_present_flag);
  out.bit(fields.weighted_pred_flag);
  out.bit(fields.weighted_bipred_flag);
  out.bit(fields.transquant_bypass_enabled_flag);
  out.bit(fields.tiles_enabled_flag);
  out.bit(fields.entropy_coding_sync_enabled_flag);
  if (fields.tiles_enabled_flag) writeTiles(out, picture);
  out.bit(fields.pps_loop_filter_across_slices_enabled_flag);
  out.bit(1);
  out.bit(parsing.deblocking_filter_override_enabled_flag);
  out.bit(parsing.pps_disable_deblocking_filter_flag);
  if (!parsing.pps_disable_deblocking_filter_flag) {
    out.se(picture.pps_beta_offset_div2);
    out.se(picture.pps_tc_offset_div2);
  }
  out.bit(0);
  out.bit(parsing.lists_modification_present_flag);
  out.ue(picture.log2_parallel_merge_level_minus2);
  out.bit(parsing.slice_segment_header_extension_present_flag);
  out.bit(0);
  out.trailing();
  return out.bytes();
}

/** A reference before or after the picture, by its distance in the order of showing. */
struct Reference {
  int32_t distance;
  bool isUsed;
};

void writeReferences(BitWriter &out, std::vector<Reference> references) {
  std::sort(references.begin(), references.end(),
            [](const Reference &one, const Reference &other) { return one.distance < other.distance; });
  int32_t last = 0;
  for (const Reference &one : references) {
    out.ue(uint32_t(one.distance - last - 1));
    out.bit(one.isUsed);
    last = one.distance;
  }
}

/** short_term_ref_pic_set() without prediction from another. */
void writeReferenceSet(BitWriter &out, const VAPictureParameterBufferHEVC &picture) {
  std::vector<Reference> before, after;
  for (const VAPictureHEVC &one : picture.ReferenceFrames) {
    if (one.flags & (VA_PICTURE_HEVC_INVALID | VA_PICTURE_HEVC_LONG_TERM_REFERENCE)) continue;
    const int32_t distance = one.pic_order_cnt - picture.CurrPic.pic_order_cnt;
    const bool isUsed = one.flags & (VA_PICTURE_HEVC_RPS_ST_CURR_BEFORE | VA_PICTURE_HEVC_RPS_ST_CURR_AFTER);
    if (distance < 0) before.push_back({-distance, isUsed});
    else after.push_back({distance, isUsed});
  }
  out.ue(uint32_t(before.size()));
  out.ue(uint32_t(after.size()));
  writeReferences(out, before);
  writeReferences(out, after);
}

struct NalType {
  uint32_t value;
  bool isIdr() const { return value == 19 || value == 20; }
  bool isRandomAccess() const { return value >= 16 && value <= 23; }
};

NalType typeOf(std::span<const uint8_t> nal) { return {uint32_t(nal[0] >> 1 & 63)}; }

uint32_t codingBlocksOf(const VAPictureParameterBufferHEVC &picture) {
  const int log2 =
      picture.log2_min_luma_coding_block_size_minus3 + 3 + picture.log2_diff_max_min_luma_coding_block_size;
  const auto blocks = [&](int side) { return uint32_t((side + (1 << log2) - 1) >> log2); };
  return blocks(picture.pic_width_in_luma_samples) * blocks(picture.pic_height_in_luma_samples);
}

/** Where a slice header names its reference picture set, in bits; begin and end are the same where it names none. */
struct SetPlace {
  size_t begin, end;
};

SetPlace setPlaceOf(std::span<const uint8_t> nal, const VAPictureParameterBufferHEVC &picture) {
  const auto &parsing = picture.slice_parsing_fields.bits;
  BitReader reader(nal);
  const NalType type = typeOf(nal);
  reader.bits(16);
  const bool isFirst = reader.bit();
  if (type.isRandomAccess()) reader.bit();
  reader.ue();
  bool isDependent = false;
  if (!isFirst) {
    if (parsing.dependent_slice_segments_enabled_flag) isDependent = reader.bit();
    reader.bits(bitsFor(codingBlocksOf(picture)));
  }
  if (isDependent) return {reader.position(), reader.position()};
  reader.bits(picture.num_extra_slice_header_bits);
  reader.ue();
  if (parsing.output_flag_present_flag) reader.bit();
  if (type.isIdr()) return {reader.position(), reader.position()};
  reader.bits(picture.log2_max_pic_order_cnt_lsb_minus4 + 4);
  const size_t begin = reader.position();
  if (reader.bit()) reader.bits(bitsFor(picture.num_short_term_ref_pic_sets));
  else reader.bits(int(picture.st_rps_bits));
  if (reader.exhausted()) refuse("a slice header that ends too early");
  return {begin, reader.position()};
}

}  // namespace

Bytes parameterSetsOf(const VAPictureParameterBufferHEVC &picture, std::span<const uint8_t> slice) {
  const Bytes begin = unescaped(slice.first(std::min<size_t>(slice.size(), 32)));
  BitReader reader(begin);
  reader.bits(17);
  if (typeOf(begin).isRandomAccess()) reader.bit();
  Bytes out;
  appendNal(out, vpsHeader, videoSet(picture));
  appendNal(out, spsHeader, sequenceSet(picture));
  appendNal(out, ppsHeader, pictureSet(picture, reader.ue()));
  return out;
}

void appendSlice(Bytes &out, const VAPictureParameterBufferHEVC &picture, std::span<const uint8_t> slice,
                 size_t headerBytes) {
  const Bytes nal = unescaped(slice);
  if (headerBytes < 3 || headerBytes > nal.size()) refuse("a slice header that is longer than its slice");
  const SetPlace place = setPlaceOf(nal, picture);
  // The header ends with a one and zeros up to a whole byte.
  size_t end = headerBytes * 8 - 1;
  while (end > place.end && !(nal[end / 8] >> (7 - end % 8) & 1)) end--;
  BitWriter header;
  header.copy(BitReader(nal), place.begin);
  if (place.end > place.begin) {
    header.bit(0);
    writeReferenceSet(header, picture);
  }
  BitReader rest(nal);
  for (size_t i = 0; i < place.end; i++) rest.bit();
  header.copy(rest, end - place.end);
  header.trailing();
  Bytes whole = header.bytes();
  whole.insert(whole.end(), nal.begin() + ptrdiff_t(headerBytes), nal.end());
  appendNal(out, whole[0], std::span(whole).subspan(1));
}

}  // namespace sluicetest::hevc
