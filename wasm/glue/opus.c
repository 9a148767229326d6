// Owns the plain C interface to Opus at 48 kHz with float samples. Handles are pointers; a negative result is Opus's
// error code. "Frames" are samples per channel.
#include <opus.h>
#include <stdlib.h>

#include "export.h"

/** 120 ms, the longest packet. */
enum { MOST_FRAMES = 5760, MOST_BYTES = 4000 };

typedef struct {
  OpusEncoder *codec;
  float input[2 * MOST_FRAMES];
  uint8_t output[MOST_BYTES];
} Encoder;

typedef struct {
  OpusDecoder *codec;
  float output[2 * MOST_FRAMES];
  uint8_t input[MOST_BYTES];
} Decoder;

EXPORT Encoder *opus_encoder_open(int channels, int voice, int bitrate_bps, int complexity, int fec) {
  Encoder *self = calloc(1, sizeof *self);
  if (!self) return NULL;
  int error;
  const int application = voice ? OPUS_APPLICATION_VOIP : OPUS_APPLICATION_AUDIO;
  self->codec = opus_encoder_create(48000, channels, application, &error);
  if (error) {
    free(self);
    return NULL;
  }
  opus_encoder_ctl(self->codec, OPUS_SET_BITRATE(bitrate_bps));
  opus_encoder_ctl(self->codec, OPUS_SET_COMPLEXITY(complexity));
  opus_encoder_ctl(self->codec, OPUS_SET_INBAND_FEC(fec));
  return self;
}

EXPORT float *opus_encoder_input(Encoder *self) { return self->input; }
EXPORT uint8_t *opus_encoder_output(Encoder *self) { return self->output; }

EXPORT int opus_encoder_encode(Encoder *self, int frames) {
  return opus_encode_float(self->codec, self->input, frames, self->output, MOST_BYTES);
}

EXPORT int opus_encoder_set_bitrate(Encoder *self, int bitrate_bps) {
  return opus_encoder_ctl(self->codec, OPUS_SET_BITRATE(bitrate_bps));
}

/** How many packets in a hundred are lost on the way; what in-band FEC spends depends on it. */
EXPORT int opus_encoder_set_loss(Encoder *self, int percent) {
  return opus_encoder_ctl(self->codec, OPUS_SET_PACKET_LOSS_PERC(percent));
}

EXPORT void opus_encoder_close(Encoder *self) {
  opus_encoder_destroy(self->codec);
  free(self);
}

EXPORT Decoder *opus_decoder_open(int channels) {
  Decoder *self = calloc(1, sizeof *self);
  if (!self) return NULL;
  int error;
  self->codec = opus_decoder_create(48000, channels, &error);
  if (error) {
    free(self);
    return NULL;
  }
  return self;
}

EXPORT uint8_t *opus_decoder_input(Decoder *self) { return self->input; }
EXPORT float *opus_decoder_output(Decoder *self) { return self->output; }

/**
 * Frames decoded. `length` 0 conceals `frames` that were lost. With `fec`, decodes from this packet the `frames` of the
 * lost one before it.
 */
EXPORT int opus_decoder_decode(Decoder *self, int length, int frames, int fec) {
  return opus_decode_float(self->codec, length ? self->input : NULL, length, self->output, frames, fec);
}

EXPORT void opus_decoder_close(Decoder *self) {
  opus_decoder_destroy(self->codec);
  free(self);
}
