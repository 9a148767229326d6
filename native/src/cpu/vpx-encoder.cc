#include "vpx-encoder.h"

#include <vpx/vp8cx.h>

#include <cmath>

namespace sluice {

/** Of libvpx's scale for realtime; that of the WebAssembly engine, so that a room that changes engines looks the same. */
static constexpr int speed = -8;

VpxEncoder::VpxEncoder(const EncoderSettings &settings) : Encoder(settings.size) {
  const bool isVp9 = settings.codec == Codec::vp9;
  vpx_codec_iface_t *interface = isVp9 ? vpx_codec_vp9_cx() : vpx_codec_vp8_cx();
  if (vpx_codec_enc_config_default(interface, &config, 0) != VPX_CODEC_OK) throw Failure("libvpx has no such encoder");
  config.g_w = unsigned(size.width);
  config.g_h = unsigned(size.height);
  config.g_timebase = {1, 90'000};
  config.g_threads = 1;
  config.g_lag_in_frames = 0;
  config.g_error_resilient = 0;
  config.g_pass = VPX_RC_ONE_PASS;
  config.rc_end_usage = VPX_CBR;
  config.rc_target_bitrate = unsigned(settings.rate.bitrateKbps);
  config.rc_min_quantizer = 2;
  config.rc_max_quantizer = 56;
  config.rc_undershoot_pct = 100;
  config.rc_overshoot_pct = 15;
  config.rc_buf_initial_sz = 500;
  config.rc_buf_optimal_sz = 600;
  config.rc_buf_sz = 1000;
  config.rc_dropframe_thresh = 0;
  config.kf_mode = VPX_KF_AUTO;
  config.kf_max_dist = 3000;
  if (vpx_codec_enc_init(&codec, interface, &config, 0) != VPX_CODEC_OK) {
    throw Failure("libvpx refuses the encoder's settings");
  }
  vpx_codec_control(&codec, VP8E_SET_CPUUSED, speed);
  vpx_codec_control(&codec, VP8E_SET_STATIC_THRESHOLD, 1);
  vpx_codec_control(&codec, VP8E_SET_MAX_INTRA_BITRATE_PCT, 300);
  if (isVp9) {
    vpx_codec_control(&codec, VP9E_SET_AQ_MODE, 3);
    vpx_codec_control(&codec, VP9E_SET_ROW_MT, 0);
  } else {
    vpx_codec_control(&codec, VP8E_SET_NOISE_SENSITIVITY, 0);
    vpx_codec_control(&codec, VP8E_SET_TOKEN_PARTITIONS, 0);
  }
}

VpxEncoder::~VpxEncoder() { vpx_codec_destroy(&codec); }

Encoded VpxEncoder::encode(const Picture &picture, double durationMs, bool key) {
  const AVFrame &frame = frameOf(picture);
  vpx_image_t image;
  // libvpx only reads it.
  vpx_img_wrap(&image, VPX_IMG_FMT_I420, unsigned(size.width), unsigned(size.height), 1, frame.data[0]);
  for (int plane = 0; plane < 3; plane++) {
    image.planes[plane] = frame.data[plane];
    image.stride[plane] = frame.linesize[plane];
  }
  const auto duration = std::lround(durationMs * 90);
  const vpx_codec_err_t error = vpx_codec_encode(&codec, &image, time, unsigned(duration), key ? VPX_EFLAG_FORCE_KF : 0,
                                                 VPX_DL_REALTIME);
  time += duration;
  if (error != VPX_CODEC_OK) throw Failure("libvpx cannot encode");
  Encoded encoded;
  vpx_codec_iter_t iterator = nullptr;
  while (const vpx_codec_cx_pkt_t *packet = vpx_codec_get_cx_data(&codec, &iterator)) {
    if (packet->kind != VPX_CODEC_CX_FRAME_PKT) continue;
    const auto *bytes = static_cast<const uint8_t *>(packet->data.frame.buf);
    encoded.data.insert(encoded.data.end(), bytes, bytes + packet->data.frame.sz);
    encoded.key = (packet->data.frame.flags & VPX_FRAME_IS_KEY) != 0;
  }
  return encoded;
}

void VpxEncoder::setRate(Rate rate) {
  config.rc_target_bitrate = unsigned(rate.bitrateKbps);
  vpx_codec_enc_config_set(&codec, &config);
}

}  // namespace sluice
