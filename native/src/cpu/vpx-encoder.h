// Owns encoding VP8 and VP9 with libvpx: realtime, constant bitrate, one thread, no lag.
#pragma once
#include <vpx/vpx_encoder.h>

#include "frame-picture.h"

namespace sluice {

class VpxEncoder final : public Encoder {
 public:
  /** For vp8 and vp9. */
  explicit VpxEncoder(const EncoderSettings &settings);
  ~VpxEncoder() override;
  Encoded encode(const Picture &picture, double durationMs, bool key) override;
  void setRate(Rate rate) override;

 private:
  vpx_codec_ctx_t codec{};
  vpx_codec_enc_cfg_t config{};
  /** In 1/90000 s. */
  int64_t time = 0;
};

}  // namespace sluice
