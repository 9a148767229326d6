// Owns the plain C interface to libvpx's VP8 and VP9 encoders: realtime, constant bitrate, one thread, no lag. Handles
// are pointers; a negative result is libvpx's error code.
#include <stdlib.h>

#include "export.h"
#include "vpx/vp8cx.h"
#include "vpx/vpx_encoder.h"

typedef struct {
  vpx_codec_ctx_t codec;
  vpx_codec_enc_cfg_t config;
  vpx_image_t image;
  uint8_t *input;
  const uint8_t *output;
  int is_key;
  int64_t time;
} VpxEncoder;

/** Width and height are even. `speed` −16 (best) … −1; the higher its magnitude the faster. */
EXPORT VpxEncoder *vpx_encoder_create(int vp9, int width, int height, int bitrate_bps, int speed) {
  VpxEncoder *self = calloc(1, sizeof *self);
  vpx_codec_iface_t *codec = vp9 ? vpx_codec_vp9_cx() : vpx_codec_vp8_cx();
  if (!self || vpx_codec_enc_config_default(codec, &self->config, 0)) {
    free(self);
    return NULL;
  }
  vpx_codec_enc_cfg_t *config = &self->config;
  config->g_w = width;
  config->g_h = height;
  config->g_timebase.num = 1;
  config->g_timebase.den = 90000;
  config->g_threads = 1;
  config->g_lag_in_frames = 0;
  config->g_error_resilient = 0;
  config->g_pass = VPX_RC_ONE_PASS;
  config->rc_end_usage = VPX_CBR;
  config->rc_target_bitrate = bitrate_bps / 1000;
  config->rc_min_quantizer = 2;
  config->rc_max_quantizer = 56;
  config->rc_undershoot_pct = 100;
  config->rc_overshoot_pct = 15;
  config->rc_buf_initial_sz = 500;
  config->rc_buf_optimal_sz = 600;
  config->rc_buf_sz = 1000;
  config->rc_dropframe_thresh = 0;
  config->kf_mode = VPX_KF_AUTO;
  config->kf_max_dist = 3000;

  const int luma = width * height;
  self->input = calloc(1, luma * 3 / 2 + OVERREAD);
  if (!self->input || vpx_codec_enc_init(&self->codec, codec, config, 0)) {
    free(self->input);
    free(self);
    return NULL;
  }
  vpx_codec_control(&self->codec, VP8E_SET_CPUUSED, speed);
  vpx_codec_control(&self->codec, VP8E_SET_STATIC_THRESHOLD, 1);
  vpx_codec_control(&self->codec, VP8E_SET_MAX_INTRA_BITRATE_PCT, 300);
  if (vp9) {
    vpx_codec_control(&self->codec, VP9E_SET_AQ_MODE, 3);
    vpx_codec_control(&self->codec, VP9E_SET_ROW_MT, 0);
  } else {
    vpx_codec_control(&self->codec, VP8E_SET_NOISE_SENSITIVITY, 0);
    vpx_codec_control(&self->codec, VP8E_SET_TOKEN_PARTITIONS, 0);
  }
  vpx_img_wrap(&self->image, VPX_IMG_FMT_I420, width, height, 1, self->input);
  self->image.stride[0] = width;
  self->image.stride[1] = self->image.stride[2] = width / 2;
  self->image.planes[0] = self->input;
  self->image.planes[1] = self->input + luma;
  self->image.planes[2] = self->input + luma + luma / 4;
  return self;
}

/** The I420 buffer that the next call encodes: planes one after the other, stride equal to width. */
EXPORT uint8_t *vpx_encoder_input(VpxEncoder *self) { return self->input; }
/** Valid until the next call with the same handle. */
EXPORT const uint8_t *vpx_encoder_output(VpxEncoder *self) { return self->output; }
EXPORT int vpx_encoder_is_key(VpxEncoder *self) { return self->is_key; }

/** Bytes of the frame at the output pointer, 0 when the encoder left it out. `duration` in 1/90000 s. */
EXPORT int vpx_encoder_encode(VpxEncoder *self, int duration, int key) {
  const int error = vpx_codec_encode(&self->codec, &self->image, self->time, duration,
                                     key ? VPX_EFLAG_FORCE_KF : 0, VPX_DL_REALTIME);
  self->time += duration;
  if (error) return -error;
  vpx_codec_iter_t iterator = NULL;
  const vpx_codec_cx_pkt_t *packet;
  int length = 0;
  while ((packet = vpx_codec_get_cx_data(&self->codec, &iterator))) {
    if (packet->kind != VPX_CODEC_CX_FRAME_PKT) continue;
    self->output = packet->data.frame.buf;
    self->is_key = packet->data.frame.flags & VPX_FRAME_IS_KEY;
    length = packet->data.frame.sz;
  }
  return length;
}

EXPORT int vpx_encoder_set_bitrate(VpxEncoder *self, int bitrate_bps) {
  self->config.rc_target_bitrate = bitrate_bps / 1000;
  return -(int)vpx_codec_enc_config_set(&self->codec, &self->config);
}

EXPORT void vpx_encoder_destroy(VpxEncoder *self) {
  vpx_codec_destroy(&self->codec);
  free(self->input);
  free(self);
}
