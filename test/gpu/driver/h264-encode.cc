// Owns encoding of H.264: libx264 codes the macroblocks, the headers are those that the driver's user packed; without
// packed headers they are libx264's. One slice, one reference: the picture before.
#include <algorithm>
#include <optional>

#include "encode-rate.h"
#include "encode-target.h"
#include "h264-syntax.h"
#include "request.h"
#include "software-encoder.h"
#include "workers.h"

namespace sluicetest {
namespace {

/** What libx264 must be opened anew for. */
struct Format {
  int width = 0, height = 0;
  bool cabac = false, transform8x8 = false;
  int chromaOffset = 0, qp = 26;
  bool operator==(const Format &) const = default;
};

Format formatOf(const VAEncSequenceParameterBufferH264 &sequence, const VAEncPictureParameterBufferH264 &parameters,
                const VAEncSliceParameterBufferH264 &slice) {
  Format format{.width = sequence.picture_width_in_mbs * 16, .height = sequence.picture_height_in_mbs * 16};
  if (sequence.frame_cropping_flag) {
    format.width -= int(sequence.frame_crop_left_offset + sequence.frame_crop_right_offset) * 2;
    format.height -= int(sequence.frame_crop_top_offset + sequence.frame_crop_bottom_offset) * 2;
  }
  const auto &fields = parameters.pic_fields.bits;
  format.cabac = fields.entropy_coding_mode_flag;
  format.transform8x8 = fields.transform_8x8_mode_flag;
  format.chromaOffset = parameters.chroma_qp_index_offset;
  format.qp = std::clamp(int(parameters.pic_init_qp) + slice.slice_qp_delta, 0, 51);
  if (fields.weighted_pred_flag || fields.weighted_bipred_idc) cannot("this device has no weighted prediction");
  if (parameters.second_chroma_qp_index_offset != parameters.chroma_qp_index_offset)
    cannot("this device has one offset for both colours");
  return format;
}

EncoderChoice choiceOf(const Format &format, uint32_t rateControl) {
  const auto number = [](int value) { return std::to_string(value); };
  // What the headers of others can say: one slice, one reference, no weights, no offset that libx264 adds of its own.
  std::string parameters = "ref=1:bframes=0:scenecut=0:weightp=0:no-psy=1:slices=1:sliced-threads=0:ipratio=1:aud=0";
  parameters += ":cabac=" + number(format.cabac) + ":8x8dct=" + number(format.transform8x8) +
                ":chroma-qp-offset=" + number(format.chromaOffset);
  EncoderChoice choice{.name = "libx264", .width = format.width, .height = format.height, .options = {}};
  choice.options = {{"preset", "superfast"}, {"tune", "zerolatency"}, {"forced-idr", "1"}, {"x264-params", parameters}};
  if (rateControl == VA_RC_CQP) choice.options.emplace_back("qp", number(format.qp));
  return choice;
}

/** A packed header as its user gave it, with its NAL units. */
struct Packed {
  std::span<const uint8_t> bytes;
  bool isEscaped;
};

/** Packed headers in order: parameters and data take turns. */
std::vector<Packed> packedOf(const PendingPicture &picture) {
  std::vector<Packed> all;
  const VAEncPackedHeaderParameterBuffer *pending = nullptr;
  for (const auto &buffer : picture.buffers) {
    if (buffer->type == VAEncPackedHeaderParameterBufferType) {
      if (pending) refuse("a packed header without data");
      pending = buffer->as<VAEncPackedHeaderParameterBuffer>();
      if (!pending) refuse("packed header parameters that are too short");
    }
    if (buffer->type != VAEncPackedHeaderDataBufferType) continue;
    if (!pending) refuse("packed header data without parameters");
    const size_t bytes = (size_t{pending->bit_length} + 7) / 8;
    if (bytes == 0 || bytes > buffer->bytes()) refuse("a packed header of another length than its data");
    all.push_back({{buffer->memory->data(), bytes}, pending->has_emulation_bytes != 0});
    pending = nullptr;
  }
  if (pending) refuse("a packed header without data");
  return all;
}

/** Drivers take buffers in order: a sequence begins with its own rate and buffer, whatever was said before. */
void checkOrder(const PendingPicture &picture) {
  bool isRateTold = false;
  for (const auto &buffer : picture.buffers) {
    isRateTold = isRateTold || buffer->type == VAEncMiscParameterBufferType;
    if (isRateTold && buffer->type == VAEncSequenceParameterBufferType)
      refuse("a rate before the sequence parameters that replace it");
  }
}

class H264Encoder : public Worker {
 public:
  explicit H264Encoder(uint32_t rateControl) { rate_.mode = rateControl; }

  Job kind() const override { return Job::encode; }
  bool takes(VABufferType type) const override {
    return type == VAEncSequenceParameterBufferType || type == VAEncPictureParameterBufferType ||
           type == VAEncSliceParameterBufferType || type == VAEncMiscParameterBufferType ||
           type == VAEncPackedHeaderParameterBufferType || type == VAEncPackedHeaderDataBufferType;
  }

  VAStatus work(const PendingPicture &picture, const Lookup &lookup, bool corrupt) override {
    const auto *sequence =
        lastOf<VAEncSequenceParameterBufferH264>(picture, VAEncSequenceParameterBufferType, "sequence parameters");
    const auto &parameters =
        oneOf<VAEncPictureParameterBufferH264>(picture, VAEncPictureParameterBufferType, "picture parameters");
    const auto &slice =
        oneOf<VAEncSliceParameterBufferH264>(picture, VAEncSliceParameterBufferType, "slice parameters");
    checkOrder(picture);
    if (sequence) takeSequence(*sequence);
    if (!sequence_) refuse("a picture to encode before any sequence parameters");
    rate_.take(picture);
    const EncodeTarget target = encodeTarget(picture, lookup, parameters.CurrPic.picture_id, parameters.coded_buf);
    const bool isIntra = slice.slice_type % 5 == 2;
    const bool isIdr = parameters.pic_fields.bits.idr_pic_flag;
    if (isIdr && !isIntra) refuse("an IDR picture whose slice is not intra");
    if (!isIntra) checkReference(parameters, slice, lookup);
    open(formatOf(*sequence_, parameters, slice), isIntra);

    const Bytes made = encoder_->encode(*picture.target, isIntra);
    if (made.empty()) return VA_STATUS_ERROR_ENCODING_ERROR;
    giveCoded(target, underPackedHeaders(made, packedOf(picture)), isIdr, corrupt, this);
    reference_ = parameters.CurrPic.picture_id;
    return VA_STATUS_SUCCESS;
  }

 private:
  void takeSequence(const VAEncSequenceParameterBufferH264 &sequence) {
    const auto &fields = sequence.seq_fields.bits;
    if (!fields.frame_mbs_only_flag || fields.chroma_format_idc != 1 || sequence.bit_depth_luma_minus8)
      cannot("this device encodes progressive 4:2:0 of 8 bits only");
    if (sequence.ip_period > 1) cannot("this device has no pictures of two directions");
    sequence_ = sequence;
    if (rate_.mode != VA_RC_CQP && rate_.maxBitsPerSecond == 0 && sequence.bits_per_second > 0)
      rate_.bitsPerSecond = rate_.maxBitsPerSecond = sequence.bits_per_second;
    if (sequence.vui_parameters_present_flag && sequence.time_scale && sequence.num_units_in_tick) {
      rate_.framesNumerator = int(sequence.time_scale / 2);
      rate_.framesDenominator = int(sequence.num_units_in_tick);
    }
  }

  void checkReference(const VAEncPictureParameterBufferH264 &parameters, const VAEncSliceParameterBufferH264 &slice,
                      const Lookup &lookup) const {
    if (slice.slice_type % 5 != 0) cannot("this device has no pictures of two directions");
    if (!encoder_) refuse("a predicted picture before any intra picture");
    bool isThere = false;
    for (const VAPictureH264 &reference : parameters.ReferenceFrames) {
      if (reference.picture_id == VA_INVALID_SURFACE || reference.flags & VA_PICTURE_H264_INVALID) continue;
      isThere = isThere || reference.picture_id == reference_;
      const auto surface = lookup.surface(reference.picture_id);
      if (!surface) throw Misuse{VA_STATUS_ERROR_INVALID_SURFACE, "a reference to a surface that is not there"};
      if (surface->writer.context != this)
        throw Misuse{VA_STATUS_ERROR_INVALID_SURFACE, "a reference to a surface that was drawn over after encoding"};
    }
    if (!isThere || slice.RefPicList0[0].picture_id != reference_)
      cannot("this device predicts from the picture before only");
  }

  void open(const Format &format, bool isIntra) {
    const bool isSame = encoder_ && (format == format_ || (rate_.mode != VA_RC_CQP && isSameButForQuality(format)));
    if (isSame) {
      encoder_->setRate(rate_);
      return;
    }
    if (!isIntra) {
      if (!isSameButForQuality(format)) refuse("another size or coding without an intra picture");
      // A picture of another quality within CQP keeps the quality of its key picture.
      return;
    }
    encoder_.emplace(choiceOf(format, rate_.mode), rate_);
    format_ = format;
    if (!encoder_->isOpen()) throw Misuse{VA_STATUS_ERROR_INVALID_PARAMETER, "libx264 refuses these parameters"};
  }

  bool isSameButForQuality(Format format) const {
    format.qp = format_.qp;
    return format == format_;
  }

  /** What libx264 made, under the packed headers when there is one for the slice. */
  Bytes underPackedHeaders(const Bytes &made, const std::vector<Packed> &packed) {
    std::span<const uint8_t> codedSlice;
    for (const auto nal : nalsOf(made)) {
      const auto type = h264::typeOf(nal);
      if (type == h264::sequence) madeSequence_ = h264::readSequence(nal);
      if (type == h264::picture) madePicture_ = h264::readPicture(nal);
      if (type == h264::slice || type == h264::idrSlice) codedSlice = nal;
    }
    Bytes out;
    bool hasSlice = false;
    for (const Packed &one : packed) {
      for (const auto nal : nalsOf(one.bytes)) {
        const auto type = h264::typeOf(nal);
        if (type == h264::slice || type == h264::idrSlice) {
          hasSlice = true;
          appendSlice(out, one.isEscaped ? unescaped(nal) : Bytes(nal.begin(), nal.end()), unescaped(codedSlice));
          continue;
        }
        remember(nal, type);
        const Bytes payload(nal.begin() + 1, nal.end());
        if (!one.isEscaped) appendNal(out, nal[0], payload);
        else {
          out.insert(out.end(), {0, 0, 0, 1});
          out.insert(out.end(), nal.begin(), nal.end());
        }
      }
    }
    return hasSlice ? out : made;
  }

  void remember(std::span<const uint8_t> nal, h264::NalType type) {
    try {
      if (type == h264::sequence) askedSequence_ = h264::readSequence(nal);
      if (type == h264::picture) askedPicture_ = h264::readPicture(nal);
    } catch (const h264::Unsupported &what) {
      cannot(std::string("packed headers with ") + what.what);
    }
  }

  void appendSlice(Bytes &out, const Bytes &header, const Bytes &coded) const {
    if (!askedSequence_ || !askedPicture_) refuse("a packed slice header before packed parameter sets");
    try {
      const Bytes merged =
          h264::sliceUnder(header, *askedSequence_, *askedPicture_, coded, madeSequence_, madePicture_);
      appendNal(out, merged[0], std::span(merged).subspan(1));
    } catch (const h264::Unsupported &what) {
      cannot(std::string("a packed slice header with ") + what.what);
    }
  }

  EncodeRate rate_;
  std::optional<VAEncSequenceParameterBufferH264> sequence_;
  std::optional<SoftwareEncoder> encoder_;
  Format format_;
  VASurfaceID reference_ = VA_INVALID_SURFACE;
  h264::Sequence madeSequence_;
  h264::PictureSet madePicture_;
  std::optional<h264::Sequence> askedSequence_;
  std::optional<h264::PictureSet> askedPicture_;
};

}  // namespace

std::unique_ptr<Worker> makeH264Encoder(uint32_t rateControl) { return std::make_unique<H264Encoder>(rateControl); }

}  // namespace sluicetest
