// Owns encoding of what needs no packed headers here: HEVC by libx265, VP8 and VP9 by libvpx, with the headers that
// those write. One reference, the picture before; another rate holds from the next key picture on, since neither can
// change it in between through libavcodec.
#include <algorithm>
#include <optional>

#include "encode-rate.h"
#include "encode-target.h"
#include "request.h"
#include "software-encoder.h"
#include "workers.h"

namespace sluicetest {
namespace {

/** What a picture's parameters say, whatever the codec. */
struct Asked {
  bool isKey = false;
  VASurfaceID reconstruction = VA_INVALID_SURFACE;
  VABufferID coded = VA_INVALID_ID;
  /** The first of them is that of the last picture where there is an order. */
  std::vector<VASurfaceID> references;
  std::optional<int> quantiser;
};

/** What a sequence's parameters say. */
struct Format {
  int width = 0, height = 0;
  int64_t bitsPerSecond = 0;
};

class OwnHeadersEncoder : public Worker {
 public:
  explicit OwnHeadersEncoder(uint32_t rateControl) { rate_.mode = rateControl; }

  Job kind() const override { return Job::encode; }
  bool takes(VABufferType type) const override {
    return type == VAEncSequenceParameterBufferType || type == VAEncPictureParameterBufferType ||
           type == VAEncSliceParameterBufferType || type == VAEncMiscParameterBufferType || type == VAQMatrixBufferType;
  }

  VAStatus work(const PendingPicture &picture, const Lookup &lookup, bool corrupt) override {
    if (const auto format = formatOf(picture)) {
      format_ = *format;
      if (rate_.maxBitsPerSecond == 0) rate_.bitsPerSecond = rate_.maxBitsPerSecond = format->bitsPerSecond;
    }
    if (format_.width == 0) refuse("a picture to encode before any sequence parameters");
    rate_.take(picture);
    const Asked asked = askedOf(picture);
    if (asked.quantiser) rate_.qp = *asked.quantiser;
    const EncodeTarget target = encodeTarget(picture, lookup, asked.reconstruction, asked.coded);
    if (asked.isKey) open(*picture.target);
    else checkReferences(asked, lookup);
    const Bytes made = encoder_->encode(*picture.target, asked.isKey);
    if (made.empty()) return VA_STATUS_ERROR_ENCODING_ERROR;
    giveCoded(target, made, asked.isKey, corrupt, this);
    return VA_STATUS_SUCCESS;
  }

 protected:
  virtual std::optional<Format> formatOf(const PendingPicture &picture) const = 0;
  virtual Asked askedOf(const PendingPicture &picture) const = 0;
  /** `rate` in CQP: the quantiser is in the codec's own scale. */
  virtual EncoderChoice choiceOf(int width, int height, const EncodeRate &rate) const = 0;

 private:
  /** Opens where it must: at first, for another size, for another rate. */
  void open(const Surface &source) {
    // Sizes are aligned to blocks in some codecs' parameters: what the surface has more is not shown.
    const int width = std::min(format_.width, source.layout.width);
    const int height = std::min(format_.height, source.layout.height);
    if (format_.width - width >= 16 || format_.height - height >= 16)
      refuse("a surface to encode that is smaller than the picture");
    const bool isSame = encoder_ && width == width_ && height == height_ && rate_ == opened_;
    if (isSame) return;
    width_ = width;
    height_ = height;
    opened_ = rate_;
    encoder_.emplace(choiceOf(width, height, rate_), rate_);
    if (!encoder_->isOpen()) refuse("libavcodec refuses these parameters");
  }

  void checkReferences(const Asked &asked, const Lookup &lookup) const {
    if (!encoder_) refuse("a predicted picture before any key picture");
    bool isThere = false;
    for (const VASurfaceID id : asked.references) {
      if (id == VA_INVALID_SURFACE) continue;
      isThere = true;
      const auto surface = lookup.surface(id);
      if (!surface) throw Misuse{VA_STATUS_ERROR_INVALID_SURFACE, "a reference to a surface that is not there"};
      if (surface->writer.context != this)
        throw Misuse{VA_STATUS_ERROR_INVALID_SURFACE, "a reference to a surface that was drawn over after encoding"};
    }
    if (!isThere) refuse("a predicted picture without references");
  }

  EncodeRate rate_, opened_;
  Format format_;
  int width_ = 0, height_ = 0;
  std::optional<SoftwareEncoder> encoder_;
};

template <class Sequence>
const Sequence *sequenceOf(const PendingPicture &picture) {
  return lastOf<Sequence>(picture, VAEncSequenceParameterBufferType, "sequence parameters");
}

class HevcEncoder : public OwnHeadersEncoder {
 public:
  using OwnHeadersEncoder::OwnHeadersEncoder;

 protected:
  std::optional<Format> formatOf(const PendingPicture &picture) const override {
    const auto *sequence = sequenceOf<VAEncSequenceParameterBufferHEVC>(picture);
    if (!sequence) return std::nullopt;
    const auto &fields = sequence->seq_fields.bits;
    if (fields.chroma_format_idc != 1 || fields.bit_depth_luma_minus8)
      cannot("this device encodes 4:2:0 of 8 bits only");
    if (sequence->ip_period > 1) cannot("this device has no pictures of two directions");
    return Format{sequence->pic_width_in_luma_samples, sequence->pic_height_in_luma_samples, sequence->bits_per_second};
  }

  Asked askedOf(const PendingPicture &picture) const override {
    const auto &given =
        oneOf<VAEncPictureParameterBufferHEVC>(picture, VAEncPictureParameterBufferType, "picture parameters");
    const auto &slice =
        oneOf<VAEncSliceParameterBufferHEVC>(picture, VAEncSliceParameterBufferType, "slice parameters");
    Asked asked;
    asked.reconstruction = given.decoded_curr_pic.picture_id;
    asked.coded = given.coded_buf;
    asked.isKey = given.pic_fields.bits.idr_pic_flag;
    for (const VAPictureHEVC &reference : given.reference_frames)
      if (!(reference.flags & VA_PICTURE_HEVC_INVALID)) asked.references.push_back(reference.picture_id);
    asked.quantiser = std::clamp(int(given.pic_init_qp) + slice.slice_qp_delta, 0, 51);
    return asked;
  }

  EncoderChoice choiceOf(int width, int height, const EncodeRate &rate) const override {
    EncoderChoice choice{.name = "libx265", .width = width, .height = height, .options = {}};
    std::string parameters =
        "log-level=none:bframes=0:scenecut=0:keyint=-1:repeat-headers=1:info=0:pools=none:"
        "frame-threads=1:wpp=0:rc-lookahead=0:ref=1";
    if (rate.mode == VA_RC_CQP) choice.options.emplace_back("qp", std::to_string(rate.qp));
    choice.options.insert(
        choice.options.end(),
        {{"preset", "ultrafast"}, {"tune", "zerolatency"}, {"forced-idr", "1"}, {"x265-params", parameters}});
    return choice;
  }
};

/** What both of libvpx have in common: `quantiser` of 0 to 63 in CQP. */
EncoderChoice vpxChoice(const char *name, int width, int height, const EncodeRate &rate, int quantiser) {
  EncoderChoice choice{.name = name, .width = width, .height = height, .options = {}};
  choice.options = {{"deadline", "realtime"}, {"cpu-used", "8"}, {"lag-in-frames", "0"}, {"auto-alt-ref", "0"}};
  if (rate.mode == VA_RC_CQP) {
    const std::string level = std::to_string(std::clamp(quantiser, 1, 63));
    choice.options.insert(choice.options.end(), {{"qmin", level}, {"qmax", level}, {"b", "50000000"}});
  }
  return choice;
}

class Vp8Encoder : public OwnHeadersEncoder {
 public:
  using OwnHeadersEncoder::OwnHeadersEncoder;

 protected:
  std::optional<Format> formatOf(const PendingPicture &picture) const override {
    const auto *sequence = sequenceOf<VAEncSequenceParameterBufferVP8>(picture);
    if (!sequence) return std::nullopt;
    return Format{int(sequence->frame_width), int(sequence->frame_height), sequence->bits_per_second};
  }

  Asked askedOf(const PendingPicture &picture) const override {
    const auto &given =
        oneOf<VAEncPictureParameterBufferVP8>(picture, VAEncPictureParameterBufferType, "picture parameters");
    const auto *matrix = lastOf<VAQMatrixBufferVP8>(picture, VAQMatrixBufferType, "quantisers");
    Asked asked;
    asked.reconstruction = given.reconstructed_frame;
    asked.coded = given.coded_buf;
    asked.isKey = given.pic_flags.bits.frame_type == 0 || given.ref_flags.bits.force_kf;
    asked.references = {given.ref_last_frame, given.ref_gf_frame, given.ref_arf_frame};
    if (matrix) asked.quantiser = matrix->quantization_index[0];
    return asked;
  }

  EncoderChoice choiceOf(int width, int height, const EncodeRate &rate) const override {
    return vpxChoice("libvpx", width, height, rate, rate.qp / 2);
  }
};

class Vp9Encoder : public OwnHeadersEncoder {
 public:
  using OwnHeadersEncoder::OwnHeadersEncoder;

 protected:
  std::optional<Format> formatOf(const PendingPicture &picture) const override {
    const auto *sequence = sequenceOf<VAEncSequenceParameterBufferVP9>(picture);
    const auto *given =
        lastOf<VAEncPictureParameterBufferVP9>(picture, VAEncPictureParameterBufferType, "picture parameters");
    if (!given) return std::nullopt;
    if (given->frame_width_src != given->frame_width_dst || given->frame_height_src != given->frame_height_dst)
      cannot("this device does not scale while it encodes");
    return Format{int(given->frame_width_dst), int(given->frame_height_dst), sequence ? sequence->bits_per_second : 0};
  }

  Asked askedOf(const PendingPicture &picture) const override {
    const auto &given =
        oneOf<VAEncPictureParameterBufferVP9>(picture, VAEncPictureParameterBufferType, "picture parameters");
    Asked asked;
    asked.reconstruction = given.reconstructed_frame;
    asked.coded = given.coded_buf;
    asked.isKey = given.pic_flags.bits.frame_type == 0 || given.ref_flags.bits.force_kf;
    asked.references = {given.reference_frames[given.ref_flags.bits.ref_last_idx]};
    asked.quantiser = given.luma_ac_qindex;
    return asked;
  }

  EncoderChoice choiceOf(int width, int height, const EncodeRate &rate) const override {
    return vpxChoice("libvpx-vp9", width, height, rate, rate.qp / 4);
  }
};

}  // namespace

std::unique_ptr<Worker> makeHevcEncoder(uint32_t rateControl) { return std::make_unique<HevcEncoder>(rateControl); }
std::unique_ptr<Worker> makeVp8Encoder(uint32_t rateControl) { return std::make_unique<Vp8Encoder>(rateControl); }
std::unique_ptr<Worker> makeVp9Encoder(uint32_t rateControl) { return std::make_unique<Vp9Encoder>(rateControl); }

}  // namespace sluicetest
