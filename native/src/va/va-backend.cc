#include "va-backend.h"

extern "C" {
#include <libavutil/hwcontext.h>
}
#include <va/va_str.h>

#include <algorithm>
#include <string_view>

#include "../cpu/scaled-pixels.h"
#include "device-checks.h"
#include "device-encoder.h"
#include "surface-pool.h"
#include "surface-reader.h"
#include "va-canvas.h"
#include "va-decoder.h"
#include "va-h264-encoder.h"

namespace sluice {

namespace {

struct EncoderKind {
  const char *name;
  Codec codec;
  bool isQsv;
};

constexpr std::string_view ownH264 = "libva";

/** Best first. What QSV does not encode, its device does by VA-API. */
constexpr EncoderKind encoderKinds[] = {
    {"h264_qsv", Codec::h264, true},
    {"hevc_qsv", Codec::h265, true},
    {"vp9_qsv", Codec::vp9, true},
    {"av1_qsv", Codec::av1, true},
    {ownH264.data(), Codec::h264, false},
    {"h264_vaapi", Codec::h264, false},
    {"hevc_vaapi", Codec::h265, false},
    {"vp8_vaapi", Codec::vp8, false},
    {"vp9_vaapi", Codec::vp9, false},
    {"av1_vaapi", Codec::av1, false},
};

/** An encoder and where it would run. */
struct EncoderOffer {
  const EncoderKind *kind;
  VaAbility ability;
};

std::vector<EncoderOffer> offersOf(const VaDevice &device, const BackendOptions &options) {
  const std::vector<VaAbility> abilities = encodeAbilities(device);
  std::vector<EncoderOffer> offers;
  const auto add = [&](const EncoderKind &kind) {
    if (kind.isQsv && options.engine != "qsv") return;
    if (kind.name != ownH264 && !avcodec_find_encoder_by_name(kind.name)) return;
    for (const VaAbility &each : abilities) {
      if (each.codec == kind.codec) offers.push_back({&kind, each});
    }
  };
  if (options.encoders.empty()) {
    for (const EncoderKind &kind : encoderKinds) add(kind);
  }
  for (const std::string &name : options.encoders) {
    for (const EncoderKind &kind : encoderKinds) {
      if (name == kind.name) add(kind);
    }
  }
  return offers;
}

VaDeviceRef openDevice(const BackendOptions &options) {
  auto device = std::make_shared<VaDevice>(options.device);
  if (!canDraw(*device)) throw Failure("the device has no video processor", Failure::Scope::device);
  return device;
}

/** Null for VA-API. */
BufferRefPointer openQsv(const VaDevice &device, const BackendOptions &options) {
  if (options.engine != "qsv") return nullptr;
  AVBufferRef *derived = nullptr;
  if (av_hwdevice_ctx_create_derived(&derived, AV_HWDEVICE_TYPE_QSV, device.reference.get(), 0) < 0) {
    throw Failure("there is no QSV runtime for " + device.path + " that libavcodec takes", Failure::Scope::device);
  }
  return BufferRefPointer(derived);
}

class VaBackend final : public Backend {
 public:
  explicit VaBackend(const BackendOptions &options)
      : device(openDevice(options)),
        qsv(openQsv(*device, options)),
        maxLayers(layerLimit(device)),
        decodes(decodeAbilities(*device)),
        offers(offersOf(*device, options)) {}

  std::string vendor() const override { return device->vendor; }

  std::unique_ptr<Decoder> decoder(Codec codec) override {
    const auto isOf = [&](const VaAbility &each) { return each.codec == codec; };
    if (std::none_of(decodes.begin(), decodes.end(), isOf)) {
      throw Failure("the device does not decode " + std::string(nameOf(codec)));
    }
    return std::make_unique<VaDecoder>(device, codec);
  }

  std::unique_ptr<Canvas> canvas(Size size) override { return std::make_unique<VaCanvas>(device, size, maxLayers); }

  PictureRef still(Size size, const uint8_t *packed) override { return upload(*device, size, packed); }

  std::unique_ptr<Encoder> encoder(const EncoderSettings &settings) override {
    for (const auto &[kind, ability] : offers) {
      if (kind->codec != settings.codec) continue;
      if (kind->name == ownH264) return std::make_unique<VaH264Encoder>(device, ability, settings);
      const AVCodec &codec = *avcodec_find_encoder_by_name(kind->name);
      return std::make_unique<DeviceEncoder>(codec, EncoderPlace{device, ability, kind->isQsv ? qsv.get() : nullptr},
                                             settings);
    }
    throw Failure("the device does not encode " + std::string(nameOf(settings.codec)));
  }

  std::vector<uint8_t> read(const Picture &picture, Size size, Pixels pixels) override {
    if (!reader || reader->size != size) reader = std::make_unique<SurfaceReader>(device, size);
    return scaledPixels(*reader->read(vaPicture(picture))->frame, size, pixels);
  }

 private:
  const VaDeviceRef device;
  const BufferRefPointer qsv;
  const int maxLayers;
  const std::vector<VaAbility> decodes;
  const std::vector<EncoderOffer> offers;
  /** Of the last size that was asked for. */
  std::unique_ptr<SurfaceReader> reader;
};

}  // namespace

std::unique_ptr<Backend> makeVaBackend(const BackendOptions &options) { return std::make_unique<VaBackend>(options); }

Probe probeVa(const BackendOptions &options) {
  const VaDeviceRef device = openDevice(options);
  const BufferRefPointer qsv = openQsv(*device, options);
  Probe probe;
  probe.vendor = device->vendor;
  const auto capability = [](const VaAbility &ability, const char *implementation) {
    return Capability{ability.codec, implementation, vaProfileStr(ability.profile),
                      vaEntrypointStr(ability.entrypoint)};
  };
  const std::vector<VaAbility> decodes = decodeAbilities(*device);
  for (const VaAbility &each : decodes) {
    if (const AVCodec *found = VaDecoder::find(each.codec)) probe.decode.push_back(capability(each, found->name));
  }
  std::vector<VaAbility> all = decodes;
  for (const auto &[kind, ability] : offersOf(*device, options)) {
    probe.encode.push_back(capability(ability, kind->name));
    all.push_back(ability);
  }
  probe.maxSide = longestSide(*device, all);
  probe.maxLayers = layerLimit(device);
  return probe;
}

}  // namespace sluice
