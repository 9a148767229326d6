#include "avcodec-encoder.h"

extern "C" {
#include <libavutil/opt.h>
}

#include <cmath>
#include <cstdlib>
#include <new>

namespace sluice {

namespace {

/** Key pictures come when they are asked for. */
constexpr int longestGop = 100'000;

void setBitrate(AVCodecContext &context, Rate rate) {
  context.bit_rate = int64_t{rate.bitrateKbps} * 1000;
  context.rc_max_rate = context.bit_rate;
  // One second of it.
  context.rc_buffer_size = int(context.bit_rate);
}

}  // namespace

AvcodecEncoder::AvcodecEncoder(const AVCodec &codec, const EncoderSettings &settings)
    : Encoder(settings.size), codec(codec), context(open(settings.rate)), packet(av_packet_alloc()), shell(newFrame()) {
  if (!packet) throw std::bad_alloc();
}

ContextPointer AvcodecEncoder::open(Rate rate) const {
  ContextPointer made(avcodec_alloc_context3(&codec));
  if (!made) throw std::bad_alloc();
  made->width = size.width;
  made->height = size.height;
  made->pix_fmt = AV_PIX_FMT_YUV420P;
  made->time_base = {1, 90'000};
  made->framerate = {int(std::lround(rate.framerate * 1000)), 1000};
  made->gop_size = longestGop;
  made->max_b_frames = 0;
  made->refs = 1;
  made->thread_count = 1;
  setBitrate(*made, rate);
  av_opt_set(made->priv_data, "preset", "superfast", 0);
  av_opt_set(made->priv_data, "tune", "zerolatency", 0);
  av_opt_set(made->priv_data, "forced-idr", "1", 0);
  if (codec.id == AV_CODEC_ID_H264) {
    av_opt_set(made->priv_data, "profile", "baseline", 0);
    av_opt_set(made->priv_data, "x264-params", "scenecut=0", 0);
  } else {
    av_opt_set(made->priv_data, "x265-params",
               "log-level=none:repeat-headers=1:scenecut=0:open-gop=0:pools=none:frame-threads=1:wpp=0", 0);
  }
  if (avcodec_open2(made.get(), &codec, nullptr) < 0) {
    throw Failure("libavcodec's encoder " + std::string(codec.name) + " does not begin");
  }
  return made;
}

Encoded AvcodecEncoder::encode(const Picture &picture, double durationMs, bool key) {
  av_frame_unref(shell.get());
  if (av_frame_ref(shell.get(), &frameOf(picture)) < 0) throw std::bad_alloc();
  shell->pts = time;
  shell->pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  time += std::lround(durationMs * 90);
  const int error = avcodec_send_frame(context.get(), shell.get());
  av_frame_unref(shell.get());
  if (error < 0) throw Failure(std::string(codec.name) + " cannot encode");
  Encoded encoded;
  while (avcodec_receive_packet(context.get(), packet.get()) >= 0) {
    encoded.data.insert(encoded.data.end(), packet->data, packet->data + packet->size);
    encoded.key = (packet->flags & AV_PKT_FLAG_KEY) != 0;
    av_packet_unref(packet.get());
  }
  return encoded;
}

void AvcodecEncoder::setRate(Rate rate) {
  // libavcodec tells x264 while it runs. x265 has to begin anew, with a key picture: only where it is worth one.
  if (codec.id == AV_CODEC_ID_H264) {
    setBitrate(*context, rate);
    return;
  }
  const double change = double(rate.bitrateKbps) * 1000 / double(context->bit_rate);
  if (change < 0.8 || change > 1.25) context = open(rate);
}

}  // namespace sluice
