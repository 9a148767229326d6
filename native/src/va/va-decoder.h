// Owns decoding on a device with libavcodec: its parser, the device's pictures. Never falls back to the processor.
#pragma once
#include "../cpu/avcodec-decoder.h"
#include "va-device.h"

namespace sluice {

class VaDecoder final : public Decoder {
 public:
  VaDecoder(VaDeviceRef device, Codec codec);
  Decoded decode(const AccessUnit &unit) override;

  /** libavcodec's decoder that can use such a device; null when it was built without one. */
  static const AVCodec *find(Codec codec);

 private:
  static AVPixelFormat pick(AVCodecContext *context, const AVPixelFormat *formats);
  /** Makes the pool for pictures of the stream. False when nobody is to decode it. */
  bool begin(AVCodecContext &context);
  Decoded broken(int error);

  const VaDeviceRef device;
  const ContextPointer context;
  const PacketPointer packet;
  FramePointer frame;
  /** What went wrong when a stream began: not to be told to libavcodec, which would go on without the device. */
  std::optional<Failure> refusal;
  bool isForeign = false;
  int failures = 0;
};

}  // namespace sluice
