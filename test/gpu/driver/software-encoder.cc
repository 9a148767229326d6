#include "software-encoder.h"

extern "C" {
#include <libavutil/dict.h>
}
#include <libyuv.h>

#include <algorithm>

namespace sluicetest {
namespace {

double perSecond(const EncodeRate &rate) { return double(rate.framesNumerator) / rate.framesDenominator; }

}  // namespace

SoftwareEncoder::SoftwareEncoder(const EncoderChoice &choice, const EncodeRate &rate) {
  const AVCodec *codec = avcodec_find_encoder_by_name(choice.name);
  if (!codec) return;
  context_ = avcodec_alloc_context3(codec);
  frame_ = av_frame_alloc();
  packet_ = av_packet_alloc();
  context_->width = choice.width;
  context_->height = choice.height;
  context_->pix_fmt = AV_PIX_FMT_YUV420P;
  context_->time_base = {rate.framesDenominator, rate.framesNumerator};
  context_->framerate = {rate.framesNumerator, rate.framesDenominator};
  context_->thread_count = 1;
  context_->max_b_frames = 0;
  context_->gop_size = 1 << 20;
  context_->log_level_offset = 100;
  openedRate_ = perSecond(rate);
  setRate(rate);
  frame_->format = context_->pix_fmt;
  frame_->width = choice.width;
  frame_->height = choice.height;
  frame_->pts = 0;
  AVDictionary *options = nullptr;
  for (const auto &[key, value] : choice.options) av_dict_set(&options, key, value.c_str(), 0);
  isOpen_ = avcodec_open2(context_, codec, &options) == 0 && av_dict_count(options) == 0 &&
            av_frame_get_buffer(frame_, 0) == 0;
  av_dict_free(&options);
}

SoftwareEncoder::~SoftwareEncoder() {
  avcodec_free_context(&context_);
  av_frame_free(&frame_);
  av_packet_free(&packet_);
}

void SoftwareEncoder::setRate(const EncodeRate &rate) {
  if (rate.mode == VA_RC_CQP) return;
  const double scale = openedRate_ / perSecond(rate);
  context_->bit_rate = std::max<int64_t>(int64_t(double(rate.bitsPerSecond) * scale), 8000);
  context_->rc_max_rate = std::max<int64_t>(int64_t(double(rate.maxBitsPerSecond) * scale), 8000);
  const int64_t buffer = rate.bufferBits > 0 ? rate.bufferBits : rate.maxBitsPerSecond;
  context_->rc_buffer_size = int(std::clamp<int64_t>(buffer, 8000, INT32_MAX));
}

Bytes SoftwareEncoder::encode(const Surface &surface, bool isKey) {
  if (!isOpen_ || av_frame_make_writable(frame_) < 0) return {};
  libyuv::NV12ToI420(surface.plane(0), surface.pitch(0), surface.plane(1), surface.pitch(1), frame_->data[0],
                     frame_->linesize[0], frame_->data[1], frame_->linesize[1], frame_->data[2], frame_->linesize[2],
                     context_->width, context_->height);
  frame_->pict_type = isKey ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_P;
  if (avcodec_send_frame(context_, frame_) < 0) return {};
  frame_->pts++;
  if (avcodec_receive_packet(context_, packet_) < 0) return {};
  Bytes bytes(packet_->data, packet_->data + packet_->size);
  av_packet_unref(packet_);
  return bytes;
}

}  // namespace sluicetest
