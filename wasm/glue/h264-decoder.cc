// Owns the plain C interface to openh264's decoder. Handles are pointers; 1 means a picture, 0 none, a negative result is
// openh264's decoding state. The planes of a picture are valid until the next call with the same handle.
#include <stdlib.h>
#include <string.h>

#include "codec_api.h"
#include "export.h"

struct H264Decoder {
  ISVCDecoder *decoder;
  uint8_t *input;
  int capacity;
  Picture picture;
};

EXPORT void h264_decoder_destroy(H264Decoder *self) {
  if (self->decoder) {
    self->decoder->Uninitialize();
    WelsDestroyDecoder(self->decoder);
  }
  free(self->input);
  free(self);
}

/** `conceal`: show a guess instead of nothing where data is missing. */
EXPORT H264Decoder *h264_decoder_create(int conceal) {
  H264Decoder *self = (H264Decoder *)calloc(1, sizeof *self);
  if (!self) return nullptr;
  if (WelsCreateDecoder(&self->decoder)) {
    free(self);
    return nullptr;
  }
  int level = WELS_LOG_QUIET;
  self->decoder->SetOption(DECODER_OPTION_TRACE_LEVEL, &level);
  SDecodingParam parameters;
  memset(&parameters, 0, sizeof parameters);
  parameters.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
  parameters.eEcActiveIdc = conceal ? ERROR_CON_SLICE_MV_COPY_CROSS_IDR_FREEZE_RES_CHANGE : ERROR_CON_DISABLE;
  parameters.uiTargetDqLayer = 255;
  if (self->decoder->Initialize(&parameters)) {
    h264_decoder_destroy(self);
    return nullptr;
  }
  return self;
}

/** A buffer for `length` bytes of the next access unit; null when memory is short. */
EXPORT uint8_t *h264_decoder_input(H264Decoder *self, int length) {
  if (length > self->capacity) {
    free(self->input);
    self->capacity = length + length / 2;
    self->input = (uint8_t *)malloc(self->capacity + OVERREAD);
    if (!self->input) self->capacity = 0;
  }
  return self->input;
}

EXPORT Picture *h264_decoder_picture(H264Decoder *self) { return &self->picture; }

static int keep(H264Decoder *self, uint8_t *planes[3], const SBufferInfo &info, int state) {
  if (info.iBufferStatus != 1) return -state;
  const SSysMEMBuffer &buffer = info.UsrData.sSystemBuffer;
  self->picture = {buffer.iWidth,     buffer.iHeight, buffer.iStride[0], buffer.iStride[1],
                   planes[0], planes[1],      planes[2]};
  return 1;
}

EXPORT int h264_decoder_decode(H264Decoder *self, int length) {
  uint8_t *planes[3] = {nullptr, nullptr, nullptr};
  SBufferInfo info;
  memset(&info, 0, sizeof info);
  const int state = self->decoder->DecodeFrameNoDelay(self->input, length, planes, &info);
  return keep(self, planes, info, state);
}

/** For every profile but baseline the decoder holds pictures back to reorder them; this takes the next one out. */
EXPORT int h264_decoder_flush(H264Decoder *self) {
  uint8_t *planes[3] = {nullptr, nullptr, nullptr};
  SBufferInfo info;
  memset(&info, 0, sizeof info);
  const int state = self->decoder->FlushFrame(planes, &info);
  return keep(self, planes, info, state);
}
