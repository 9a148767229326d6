#include "cpu-backend.h"

#include <libyuv.h>

#include "avcodec-decoder.h"
#include "avcodec-encoder.h"
#include "i420-canvas.h"
#include "scaled-pixels.h"
#ifdef SLUICE_OPENH264
#include "openh264-encoder.h"
#endif
#ifdef SLUICE_VPX
#include "vpx-encoder.h"
#endif

namespace sluice {

namespace {

struct EncoderKind {
  const char *name;
  Codec codec;
  /** Taken only when the options name it. */
  bool isOptional;
  bool (*isThere)();
  std::unique_ptr<Encoder> (*make)(const EncoderSettings &);
};

template <const char *const &name>
bool avcodecHas() {
  return avcodec_find_encoder_by_name(name) != nullptr;
}

template <const char *const &name>
std::unique_ptr<Encoder> makeAvcodec(const EncoderSettings &settings) {
  return std::make_unique<AvcodecEncoder>(*avcodec_find_encoder_by_name(name), settings);
}

template <class Made>
std::unique_ptr<Encoder> make(const EncoderSettings &settings) {
  return std::make_unique<Made>(settings);
}

bool always() { return true; }

constexpr const char *x264 = "libx264", *x265 = "libx265";

/** Best first. */
constexpr EncoderKind encoderKinds[] = {
#ifdef SLUICE_OPENH264
    {"libopenh264", Codec::h264, false, always, make<Openh264Encoder>},
#endif
    {x264, Codec::h264, false, avcodecHas<x264>, makeAvcodec<x264>},
#ifdef SLUICE_VPX
    {"libvpx", Codec::vp8, false, always, make<VpxEncoder>},
    {"libvpx-vp9", Codec::vp9, false, always, make<VpxEncoder>},
#endif
    {x265, Codec::h265, true, avcodecHas<x265>, makeAvcodec<x265>},
};

/** Those that may be used, best first. */
std::vector<const EncoderKind *> usable(const BackendOptions &options) {
  std::vector<const EncoderKind *> kinds;
  for (const std::string &name : options.encoders) {
    for (const EncoderKind &kind : encoderKinds) {
      if (name == kind.name && kind.isThere()) kinds.push_back(&kind);
    }
  }
  if (!options.encoders.empty()) return kinds;
  for (const EncoderKind &kind : encoderKinds) {
    if (!kind.isOptional && kind.isThere()) kinds.push_back(&kind);
  }
  return kinds;
}

class CpuBackend final : public Backend {
 public:
  explicit CpuBackend(const BackendOptions &options) : kinds(usable(options)) {}

  std::string vendor() const override { return ""; }

  std::unique_ptr<Decoder> decoder(Codec codec) override { return std::make_unique<AvcodecDecoder>(codec); }

  std::unique_ptr<Canvas> canvas(Size size) override { return std::make_unique<I420Canvas>(size); }

  PictureRef still(Size size, const uint8_t *packed) override {
    const std::shared_ptr<FramePicture> picture = FramePicture::make(size);
    const AVFrame &to = *picture->frame;
    const int luma = size.width * size.height, half = size.width / 2;
    libyuv::I420Copy(packed, size.width, packed + luma, half, packed + luma + luma / 4, half, to.data[0], to.linesize[0],
                     to.data[1], to.linesize[1], to.data[2], to.linesize[2], size.width, size.height);
    return picture;
  }

  std::unique_ptr<Encoder> encoder(const EncoderSettings &settings) override {
    for (const EncoderKind *kind : kinds) {
      if (kind->codec == settings.codec) return kind->make(settings);
    }
    throw Failure("there is no encoder for " + std::string(nameOf(settings.codec)));
  }

  std::vector<uint8_t> read(const Picture &picture, Size size, Pixels pixels) override {
    return scaledPixels(frameOf(picture), size, pixels);
  }

 private:
  const std::vector<const EncoderKind *> kinds;
};

}  // namespace

std::unique_ptr<Backend> makeCpuBackend(const BackendOptions &options) { return std::make_unique<CpuBackend>(options); }

Probe probeCpu(const BackendOptions &options) {
  Probe probe;
  for (const Codec codec : allCodecs) {
    if (const AVCodec *found = AvcodecDecoder::find(codec)) probe.decode.push_back({codec, found->name, "", ""});
  }
  for (const EncoderKind *kind : usable(options)) probe.encode.push_back({kind->codec, kind->name, "", ""});
  return probe;
}

}  // namespace sluice
