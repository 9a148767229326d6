// Owns encoding with libavcodec's x264 and x265: low delay, one thread, parameter sets before each key picture.
#pragma once
#include "avcodec-decoder.h"

namespace sluice {

class AvcodecEncoder final : public Encoder {
 public:
  /** `name`: libx264 or libx265. */
  AvcodecEncoder(const AVCodec &codec, const EncoderSettings &settings);
  Encoded encode(const Picture &picture, double durationMs, bool key) override;
  void setRate(Rate rate) override;

 private:
  ContextPointer open(Rate rate) const;

  const AVCodec &codec;
  ContextPointer context;
  const PacketPointer packet;
  const FramePointer shell;
  /** In 1/90000 s. */
  int64_t time = 0;
};

}  // namespace sluice
