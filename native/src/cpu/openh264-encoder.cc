#include "openh264-encoder.h"

#include <cstring>

namespace sluice {

namespace {

SEncParamExt parametersOf(ISVCEncoder &encoder, const EncoderSettings &settings) {
  SEncParamExt p;
  encoder.GetDefaultParams(&p);
  p.iUsageType = CAMERA_VIDEO_REAL_TIME;
  p.iPicWidth = settings.size.width;
  p.iPicHeight = settings.size.height;
  p.fMaxFrameRate = float(settings.rate.framerate);
  p.iTargetBitrate = settings.rate.bitrateKbps * 1000;
  p.iMaxBitrate = UNSPECIFIED_BIT_RATE;
  p.iRCMode = RC_BITRATE_MODE;
  p.iComplexityMode = LOW_COMPLEXITY;
  // Key pictures come when they are asked for.
  p.uiIntraPeriod = 0;
  p.iMultipleThreadIdc = 1;
  p.bEnableFrameSkip = false;
  p.bEnableDenoise = false;
  // As the WebAssembly engine has it, so that a room that changes engines looks the same.
  p.bEnableAdaptiveQuant = false;
  p.bEnableBackgroundDetection = true;
  p.bEnableSceneChangeDetect = true;
  p.eSpsPpsIdStrategy = CONSTANT_ID;
  p.iNumRefFrame = 1;
  p.bPrefixNalAddingCtrl = false;
  p.iTemporalLayerNum = 1;
  p.iSpatialLayerNum = 1;
  SSpatialLayerConfig &layer = p.sSpatialLayers[0];
  layer.iVideoWidth = p.iPicWidth;
  layer.iVideoHeight = p.iPicHeight;
  layer.fFrameRate = p.fMaxFrameRate;
  layer.iSpatialBitrate = p.iTargetBitrate;
  layer.iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
  layer.uiProfileIdc = PRO_BASELINE;
  layer.sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
  layer.sSliceArgument.uiSliceNum = 1;
  return p;
}

}  // namespace

void Openh264Encoder::Deleter::operator()(ISVCEncoder *encoder) const {
  encoder->Uninitialize();
  WelsDestroySVCEncoder(encoder);
}

Openh264Encoder::Openh264Encoder(const EncoderSettings &settings) : Encoder(settings.size) {
  ISVCEncoder *made = nullptr;
  if (WelsCreateSVCEncoder(&made) != 0) throw Failure("openh264's encoder does not begin");
  encoder.reset(made);
  int level = WELS_LOG_QUIET, format = videoFormatI420;
  encoder->SetOption(ENCODER_OPTION_TRACE_LEVEL, &level);
  SEncParamExt parameters = parametersOf(*encoder, settings);
  if (encoder->InitializeExt(&parameters) != 0) throw Failure("openh264 refuses the encoder's settings");
  encoder->SetOption(ENCODER_OPTION_DATAFORMAT, &format);
}

Encoded Openh264Encoder::encode(const Picture &picture, double durationMs, bool key) {
  if (key) encoder->ForceIntraFrame(true);
  timeMs += durationMs;
  const AVFrame &frame = frameOf(picture);
  SSourcePicture source{};
  source.iColorFormat = videoFormatI420;
  source.iPicWidth = size.width;
  source.iPicHeight = size.height;
  source.uiTimeStamp = static_cast<long long>(timeMs);
  for (int plane = 0; plane < 3; plane++) {
    source.iStride[plane] = frame.linesize[plane];
    source.pData[plane] = frame.data[plane];
  }
  SFrameBSInfo info{};
  if (encoder->EncodeFrame(&source, &info) != 0) throw Failure("openh264 cannot encode");
  Encoded encoded{{}, info.eFrameType == videoFrameTypeIDR};
  if (info.eFrameType == videoFrameTypeSkip) return encoded;
  for (int i = 0; i < info.iLayerNum; i++) {
    const SLayerBSInfo &layer = info.sLayerInfo[i];
    size_t bytes = 0;
    for (int nal = 0; nal < layer.iNalCount; nal++) bytes += size_t(layer.pNalLengthInByte[nal]);
    encoded.data.insert(encoded.data.end(), layer.pBsBuf, layer.pBsBuf + bytes);
  }
  return encoded;
}

void Openh264Encoder::setRate(Rate rate) {
  SBitrateInfo bitrate{SPATIAL_LAYER_ALL, rate.bitrateKbps * 1000};
  encoder->SetOption(ENCODER_OPTION_BITRATE, &bitrate);
  float framerate = float(rate.framerate);
  encoder->SetOption(ENCODER_OPTION_FRAME_RATE, &framerate);
}

}  // namespace sluice
