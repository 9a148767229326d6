#include "avcodec-decoder.h"

extern "C" {
#include <libavutil/opt.h>
}

#include <new>
#include <utility>

namespace sluice {

namespace {

/** By name, for what libavcodec finds by itself may need a device (its own AV1) or be another library (libvpx). */
std::vector<const char *> decodersOf(Codec codec) {
  switch (codec) {
    case Codec::h264: return {"h264"};
    case Codec::h265: return {"hevc"};
    case Codec::vp8: return {"vp8"};
    case Codec::vp9: return {"vp9"};
    case Codec::av1: return {"libdav1d", "libaom-av1"};
  }
  return {};
}

ContextPointer open(Codec codec) {
  const AVCodec *found = AvcodecDecoder::find(codec);
  if (!found) throw Failure("libavcodec has no decoder for " + std::string(nameOf(codec)));
  ContextPointer context(avcodec_alloc_context3(found));
  if (!context) throw std::bad_alloc();
  context->thread_count = 1;
  context->flags |= AV_CODEC_FLAG_LOW_DELAY | AV_CODEC_FLAG_UNALIGNED;
  context->max_pixels = maxPixels;
  if (codec == Codec::av1) {
    // Their names differ between versions of libavcodec; the one thread bounds those that are not there.
    av_opt_set_int(context->priv_data, "max_frame_delay", 1, 0);
    av_opt_set_int(context->priv_data, "framethreads", 1, 0);
    av_opt_set_int(context->priv_data, "tilethreads", 1, 0);
  }
  if (avcodec_open2(context.get(), found, nullptr) < 0) {
    throw Failure("libavcodec's decoder " + std::string(found->name) + " does not begin");
  }
  return context;
}

bool isUsable(const AVFrame &frame) {
  const bool isI420 = frame.format == AV_PIX_FMT_YUV420P || frame.format == AV_PIX_FMT_YUVJ420P;
  const bool isWhole = frame.decode_error_flags == 0 && (frame.flags & AV_FRAME_FLAG_CORRUPT) == 0;
  return isI420 && isWhole && isDecodable({frame.width, frame.height});
}

}  // namespace

const AVCodec *AvcodecDecoder::find(Codec codec) {
  for (const char *name : decodersOf(codec)) {
    if (const AVCodec *found = avcodec_find_decoder_by_name(name)) return found;
  }
  return nullptr;
}

AvcodecDecoder::AvcodecDecoder(Codec codec) : context(open(codec)), packet(av_packet_alloc()), frame(newFrame()) {
  if (!packet) throw std::bad_alloc();
}

Decoded AvcodecDecoder::decode(const AccessUnit &unit) {
  const Decoded broken{Decoded::Kind::broken, nullptr};
  // Nothing at all would mean the end of the stream.
  if (unit.size == 0) return broken;
  // Not counted, so libavcodec copies where it keeps something.
  packet->data = const_cast<uint8_t *>(unit.data);
  packet->size = int(unit.size);
  packet->flags = unit.key ? AV_PKT_FLAG_KEY : 0;
  bool isBroken = avcodec_send_packet(context.get(), packet.get()) < 0;
  PictureRef latest;
  for (;;) {
    const int error = avcodec_receive_frame(context.get(), frame.get());
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) break;
    if (error < 0 || !isUsable(*frame)) {
      isBroken = true;
      if (error < 0) break;
      continue;
    }
    latest = std::make_shared<FramePicture>(std::exchange(frame, newFrame()));
  }
  if (isBroken) return broken;
  return latest ? Decoded{Decoded::Kind::pictured, std::move(latest)} : Decoded{};
}

}  // namespace sluice
