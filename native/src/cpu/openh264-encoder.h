// Owns encoding H.264 with openh264: constrained baseline, one slice, one thread, parameter sets before each key picture.
#pragma once
#include <wels/codec_api.h>

#include "frame-picture.h"

namespace sluice {

class Openh264Encoder final : public Encoder {
 public:
  explicit Openh264Encoder(const EncoderSettings &settings);
  Encoded encode(const Picture &picture, double durationMs, bool key) override;
  void setRate(Rate rate) override;

 private:
  struct Deleter {
    void operator()(ISVCEncoder *encoder) const;
  };
  std::unique_ptr<ISVCEncoder, Deleter> encoder;
  double timeMs = 0;
};

}  // namespace sluice
