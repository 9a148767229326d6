// Owns the plain C interface to vo-aacenc: AAC-LC from 16-bit samples, 1024 per channel and call. Handles are pointers.
#include <stdlib.h>

#include "cmnMemory.h"
#include "export.h"
#include "voAAC.h"

enum { FRAMES = 1024 };

typedef struct {
  VO_AUDIO_CODECAPI api;
  VO_HANDLE codec;
  VO_MEM_OPERATOR memory;
  VO_CODEC_INIT_USERDATA user;
  int16_t input[2 * FRAMES];
  uint8_t output[8192];
  int channels;
} AacEncoder;

EXPORT void aac_encoder_destroy(AacEncoder *self) {
  if (self->codec) self->api.Uninit(self->codec);
  free(self);
}

/** Null when the encoder refuses the rate, the channels or the bitrate. `adts`: with a header before each frame. */
EXPORT AacEncoder *aac_encoder_create(int sample_rate, int channels, int bitrate_bps, int adts) {
  AacEncoder *self = calloc(1, sizeof *self);
  if (!self) return NULL;
  voGetAACEncAPI(&self->api);
  self->memory.Alloc = cmnMemAlloc;
  self->memory.Copy = cmnMemCopy;
  self->memory.Free = cmnMemFree;
  self->memory.Set = cmnMemSet;
  self->memory.Check = cmnMemCheck;
  self->user.memflag = VO_IMF_USERMEMOPERATOR;
  self->user.memData = &self->memory;
  self->channels = channels;
  AACENC_PARAM parameters = {0};
  parameters.sampleRate = sample_rate;
  parameters.nChannels = channels;
  parameters.bitRate = bitrate_bps;
  parameters.adtsUsed = adts;
  if (self->api.Init(&self->codec, VO_AUDIO_CodingAAC, &self->user) ||
      self->api.SetParam(self->codec, VO_PID_AAC_ENCPARAM, &parameters)) {
    aac_encoder_destroy(self);
    return NULL;
  }
  return self;
}

EXPORT int16_t *aac_encoder_input(AacEncoder *self) { return self->input; }
EXPORT uint8_t *aac_encoder_output(AacEncoder *self) { return self->output; }

/** Bytes in the output buffer; negative on failure. */
EXPORT int aac_encoder_encode(AacEncoder *self) {
  VO_CODECBUFFER input = {0}, output = {0};
  VO_AUDIO_OUTPUTINFO info;
  input.Buffer = (VO_PBYTE)self->input;
  input.Length = sizeof(int16_t) * FRAMES * self->channels;
  if (self->api.SetInputData(self->codec, &input)) return -1;
  output.Buffer = self->output;
  output.Length = sizeof self->output;
  if (self->api.GetOutputData(self->codec, &output, &info)) return -1;
  return output.Length;
}
