#include "software-decoder.h"

#include <libyuv.h>

#include <algorithm>
#include <cstring>

namespace sluicetest {

SoftwareDecoder::SoftwareDecoder(AVCodecID codec) {
  const AVCodec *known = avcodec_find_decoder(codec);
  context_ = avcodec_alloc_context3(known);
  packet_ = av_packet_alloc();
  shown_ = av_frame_alloc();
  decoded_ = av_frame_alloc();
  context_->opaque = this;
  context_->get_buffer2 = takeBuffer;
  context_->thread_count = 1;
  context_->thread_type = 0;
  context_->flags |= AV_CODEC_FLAG_LOW_DELAY;
  // Whatever it has to say is about streams that are broken on purpose.
  context_->log_level_offset = 100;
  if (avcodec_open2(context_, known, nullptr) < 0) avcodec_free_context(&context_);
}

SoftwareDecoder::~SoftwareDecoder() {
  avcodec_free_context(&context_);
  av_packet_free(&packet_);
  av_frame_free(&shown_);
  av_frame_free(&decoded_);
}

int SoftwareDecoder::takeBuffer(AVCodecContext *context, AVFrame *frame, int flags) {
  const int result = avcodec_default_get_buffer2(context, frame, flags);
  if (result < 0) return result;
  auto *self = static_cast<SoftwareDecoder *>(context->opaque);
  av_frame_unref(self->decoded_);
  return av_frame_ref(self->decoded_, frame);
}

bool SoftwareDecoder::decode(std::span<const uint8_t> bytes, Surface &into) {
  if (!context_ || av_new_packet(packet_, int(bytes.size())) < 0) return false;
  std::memcpy(packet_->data, bytes.data(), bytes.size());
  av_frame_unref(decoded_);
  avcodec_send_packet(context_, packet_);
  av_packet_unref(packet_);
  while (avcodec_receive_frame(context_, shown_) == 0) av_frame_unref(shown_);
  const AVFrame &frame = *decoded_;
  if (!frame.data[0] || (frame.format != AV_PIX_FMT_YUV420P && frame.format != AV_PIX_FMT_YUVJ420P)) return false;
  const int width = std::min(frame.width, into.pitch(0));
  const int height = std::min(frame.height, (into.layout.height + 15) / 16 * 16);
  libyuv::I420ToNV12(frame.data[0], frame.linesize[0], frame.data[1], frame.linesize[1], frame.data[2],
                     frame.linesize[2], into.plane(0), into.pitch(0), into.plane(1), into.pitch(1), width, height);
  av_frame_unref(decoded_);
  return true;
}

}  // namespace sluicetest
