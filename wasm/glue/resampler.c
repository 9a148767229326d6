// Owns the plain C interface to speexdsp's resampler: interleaved float samples. "Frames" are samples per channel.
#include <stdlib.h>

#include "export.h"
#include "speex/speex_resampler.h"

typedef struct {
  SpeexResamplerState *state;
  float *input, *output;
  int input_frames, output_frames;
} Resampler;

EXPORT void resampler_destroy(Resampler *self) {
  if (self->state) speex_resampler_destroy(self->state);
  free(self->input);
  free(self->output);
  free(self);
}

/** For at most `most_frames` input frames a call. `quality` 0 … 10. */
EXPORT Resampler *resampler_create(int channels, int from_rate, int to_rate, int quality, int most_frames) {
  Resampler *self = calloc(1, sizeof *self);
  if (!self) return NULL;
  int error;
  self->input_frames = most_frames;
  self->output_frames = (int)((int64_t)most_frames * to_rate / from_rate) + 16;
  self->input = malloc(sizeof(float) * channels * self->input_frames + OVERREAD);
  self->output = malloc(sizeof(float) * channels * self->output_frames + OVERREAD);
  self->state = speex_resampler_init(channels, from_rate, to_rate, quality, &error);
  if (!self->input || !self->output || !self->state) {
    resampler_destroy(self);
    return NULL;
  }
  // Otherwise the first output would be the silence of the filter's own delay.
  speex_resampler_skip_zeros(self->state);
  return self;
}

EXPORT float *resampler_input(Resampler *self) { return self->input; }
EXPORT float *resampler_output(Resampler *self) { return self->output; }

/** Frames in the output buffer; negative on failure. All input is consumed. */
EXPORT int resampler_process(Resampler *self, int frames) {
  spx_uint32_t in = frames, out = self->output_frames;
  if (speex_resampler_process_interleaved_float(self->state, self->input, &in, self->output, &out)) return -1;
  return (int)in == frames ? (int)out : -1;
}
