// Owns the plain C interface to openh264's encoder: constrained baseline, one slice, one thread. Handles are pointers;
// a negative result is openh264's error code. The caller writes a picture into the input buffer and encodes it.
#include <stdlib.h>
#include <string.h>

#include "codec_api.h"
#include "export.h"

struct H264Encoder {
  ISVCEncoder *encoder;
  SSourcePicture picture;
  uint8_t *input, *output;
  int output_capacity;
  bool is_key;
};

static const int quiet = WELS_LOG_QUIET;

static SEncParamExt parameters(ISVCEncoder *encoder, int width, int height, float fps, int bitrate_bps,
                               int complexity, int screen) {
  SEncParamExt p;
  encoder->GetDefaultParams(&p);
  p.iUsageType = screen ? SCREEN_CONTENT_REAL_TIME : CAMERA_VIDEO_REAL_TIME;
  p.iPicWidth = width;
  p.iPicHeight = height;
  p.fMaxFrameRate = fps;
  p.iTargetBitrate = bitrate_bps;
  p.iMaxBitrate = UNSPECIFIED_BIT_RATE;
  p.iRCMode = RC_BITRATE_MODE;
  p.iComplexityMode = (ECOMPLEXITY_MODE)complexity;
  // Key frames come when they are asked for.
  p.uiIntraPeriod = 0;
  p.iMultipleThreadIdc = 1;
  p.bEnableFrameSkip = false;
  p.bEnableDenoise = false;
  // Its analysis has no SIMD kernel.
  p.bEnableAdaptiveQuant = false;
  p.bEnableBackgroundDetection = true;
  p.bEnableSceneChangeDetect = true;
  p.eSpsPpsIdStrategy = CONSTANT_ID;
  p.iNumRefFrame = 1;
  p.bPrefixNalAddingCtrl = false;
  p.iTemporalLayerNum = 1;
  p.iSpatialLayerNum = 1;
  SSpatialLayerConfig &layer = p.sSpatialLayers[0];
  layer.iVideoWidth = width;
  layer.iVideoHeight = height;
  layer.fFrameRate = fps;
  layer.iSpatialBitrate = bitrate_bps;
  layer.iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
  layer.uiProfileIdc = PRO_BASELINE;
  layer.sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
  layer.sSliceArgument.uiSliceNum = 1;
  return p;
}

EXPORT void h264_encoder_destroy(H264Encoder *self) {
  if (self->encoder) {
    self->encoder->Uninitialize();
    WelsDestroySVCEncoder(self->encoder);
  }
  free(self->input);
  free(self->output);
  free(self);
}

/** Width and height are even. `complexity` 0 low … 2 high. Null when openh264 refuses or memory is short. */
EXPORT H264Encoder *h264_encoder_create(int width, int height, float fps, int bitrate_bps, int complexity, int screen) {
  H264Encoder *self = (H264Encoder *)calloc(1, sizeof *self);
  if (!self) return nullptr;
  const int luma = width * height;
  self->output_capacity = luma * 3 / 2 + 65536;
  self->input = (uint8_t *)calloc(1, luma * 3 / 2 + OVERREAD);
  self->output = (uint8_t *)malloc(self->output_capacity);
  if (!self->input || !self->output || WelsCreateSVCEncoder(&self->encoder)) {
    self->encoder = nullptr;
    h264_encoder_destroy(self);
    return nullptr;
  }
  int level = quiet, format = videoFormatI420;
  self->encoder->SetOption(ENCODER_OPTION_TRACE_LEVEL, &level);
  SEncParamExt p = parameters(self->encoder, width, height, fps, bitrate_bps, complexity, screen);
  if (self->encoder->InitializeExt(&p)) {
    h264_encoder_destroy(self);
    return nullptr;
  }
  self->encoder->SetOption(ENCODER_OPTION_DATAFORMAT, &format);
  SSourcePicture &picture = self->picture;
  picture.iColorFormat = videoFormatI420;
  picture.iPicWidth = width;
  picture.iPicHeight = height;
  picture.iStride[0] = width;
  picture.iStride[1] = picture.iStride[2] = width / 2;
  picture.pData[0] = self->input;
  picture.pData[1] = self->input + luma;
  picture.pData[2] = self->input + luma + luma / 4;
  return self;
}

/** The I420 buffer that the next call encodes: planes one after the other, stride equal to width. */
EXPORT uint8_t *h264_encoder_input(H264Encoder *self) { return self->input; }
EXPORT uint8_t *h264_encoder_output(H264Encoder *self) { return self->output; }
EXPORT int h264_encoder_is_key(H264Encoder *self) { return self->is_key; }

/** Bytes of the access unit (Annex B) in the output buffer, 0 when the encoder left the picture out. */
EXPORT int h264_encoder_encode(H264Encoder *self, double timestamp_ms, int key) {
  if (key) self->encoder->ForceIntraFrame(true);
  self->picture.uiTimeStamp = (long long)timestamp_ms;
  SFrameBSInfo info;
  memset(&info, 0, sizeof info);
  const int error = self->encoder->EncodeFrame(&self->picture, &info);
  if (error) return -error;
  self->is_key = info.eFrameType == videoFrameTypeIDR;
  if (info.eFrameType == videoFrameTypeSkip) return 0;
  int length = 0;
  for (int i = 0; i < info.iLayerNum; i++) {
    const SLayerBSInfo &layer = info.sLayerInfo[i];
    int size = 0;
    for (int nal = 0; nal < layer.iNalCount; nal++) size += layer.pNalLengthInByte[nal];
    if (length + size > self->output_capacity) return -cmMallocMemeError;
    memcpy(self->output + length, layer.pBsBuf, size);
    length += size;
  }
  return length;
}

EXPORT int h264_encoder_set_bitrate(H264Encoder *self, int bitrate_bps) {
  SBitrateInfo info;
  info.iLayer = SPATIAL_LAYER_ALL;
  info.iBitrate = bitrate_bps;
  return -self->encoder->SetOption(ENCODER_OPTION_BITRATE, &info);
}

EXPORT int h264_encoder_set_frame_rate(H264Encoder *self, float fps) {
  return -self->encoder->SetOption(ENCODER_OPTION_FRAME_RATE, &fps);
}
