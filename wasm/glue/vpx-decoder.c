// Owns the plain C interface to libvpx's VP8 and VP9 decoders. Handles are pointers; 1 means a picture, 0 none, a
// negative result is libvpx's error code. The planes of a picture are valid until the next call with the same handle.
#include <stdlib.h>

#include "export.h"
#include "vpx/vp8dx.h"
#include "vpx/vpx_decoder.h"

typedef struct {
  vpx_codec_ctx_t codec;
  uint8_t *input;
  int capacity;
  Picture picture;
} VpxDecoder;

EXPORT VpxDecoder *vpx_decoder_create(int vp9) {
  VpxDecoder *self = calloc(1, sizeof *self);
  vpx_codec_dec_cfg_t config = {1, 0, 0};
  if (!self || vpx_codec_dec_init(&self->codec, vp9 ? vpx_codec_vp9_dx() : vpx_codec_vp8_dx(), &config, 0)) {
    free(self);
    return NULL;
  }
  return self;
}

/** A buffer for `length` bytes of the next frame; null when memory is short. */
EXPORT uint8_t *vpx_decoder_input(VpxDecoder *self, int length) {
  if (length > self->capacity) {
    free(self->input);
    self->capacity = length + length / 2;
    self->input = malloc(self->capacity + OVERREAD);
    if (!self->input) self->capacity = 0;
  }
  return self->input;
}

EXPORT Picture *vpx_decoder_picture(VpxDecoder *self) { return &self->picture; }

EXPORT int vpx_decoder_decode(VpxDecoder *self, int length) {
  const int error = vpx_codec_decode(&self->codec, self->input, length, NULL, 0);
  if (error) return -error;
  vpx_codec_iter_t iterator = NULL;
  const vpx_image_t *image = vpx_codec_get_frame(&self->codec, &iterator);
  // VP9 can carry other pixel formats (4:4:4, 4:4:0), which nothing here can use.
  if (!image) return 0;
  if (image->fmt != VPX_IMG_FMT_I420) return -VPX_CODEC_UNSUP_BITSTREAM;
  self->picture = (Picture){image->d_w,       image->d_h,       image->stride[0], image->stride[1],
                            image->planes[0], image->planes[1], image->planes[2]};
  return 1;
}

EXPORT void vpx_decoder_destroy(VpxDecoder *self) {
  vpx_codec_destroy(&self->codec);
  free(self->input);
  free(self);
}
