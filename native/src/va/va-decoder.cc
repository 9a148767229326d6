#include "va-decoder.h"

extern "C" {
#include <libavutil/hwcontext.h>
}

#include <new>
#include <utility>

#include "device-checks.h"
#include "surface-pool.h"

namespace sluice {

namespace {

/** Of pictures that the session holds: what is shown, and what comes next. Three more are libavcodec's own custom. */
constexpr int held = 2 + 3;

/** Smaller ones no device decodes. */
constexpr int leastSide = 16;

/** Units that a device may refuse one after the other, though it works, before somebody else is to try. */
constexpr int maxFailures = 3;

/** Such as no peer's data is to blame for. */
bool isOfDevice(int error) { return error != AVERROR_INVALIDDATA && error != AVERROR_PATCHWELCOME; }

bool isI420(const AVCodecContext &stream) {
  return stream.sw_pix_fmt == AV_PIX_FMT_YUV420P || stream.sw_pix_fmt == AV_PIX_FMT_YUVJ420P;
}

ContextPointer open(const VaDevice &device, Codec codec) {
  const AVCodec *found = VaDecoder::find(codec);
  if (!found) throw Failure("libavcodec cannot decode " + std::string(nameOf(codec)) + " on devices");
  ContextPointer context(avcodec_alloc_context3(found));
  if (!context) throw std::bad_alloc();
  context->thread_count = 1;
  context->flags |= AV_CODEC_FLAG_LOW_DELAY;
  context->max_pixels = maxPixels;
  // Many call Baseline what is Constrained Baseline; what is neither fails.
  context->hwaccel_flags |= AV_HWACCEL_FLAG_ALLOW_PROFILE_MISMATCH;
  context->hw_device_ctx = sharedRef(*device.reference).release();
  return context;
}

}  // namespace

const AVCodec *VaDecoder::find(Codec codec) {
  constexpr AVCodecID ids[] = {AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_VP8, AV_CODEC_ID_VP9, AV_CODEC_ID_AV1};
  void *at = nullptr;
  while (const AVCodec *each = av_codec_iterate(&at)) {
    if (!av_codec_is_decoder(each) || each->id != ids[int(codec)]) continue;
    for (int i = 0; const AVCodecHWConfig *config = avcodec_get_hw_config(each, i); i++) {
      constexpr int wanted = AV_CODEC_HW_CONFIG_METHOD_HW_FRAMES_CTX;
      if (config->device_type == AV_HWDEVICE_TYPE_VAAPI && (config->methods & wanted)) return each;
    }
  }
  return nullptr;
}

VaDecoder::VaDecoder(VaDeviceRef given, Codec codec)
    : device(std::move(given)), context(open(*device, codec)), packet(av_packet_alloc()), frame(newFrame()) {
  if (!packet) throw std::bad_alloc();
  context->opaque = this;
  context->get_format = pick;
  if (avcodec_open2(context.get(), context->codec, nullptr) < 0) {
    throw Failure("libavcodec's decoder of " + std::string(nameOf(codec)) + " does not begin");
  }
}

Decoded VaDecoder::decode(const AccessUnit &unit) {
  // Nothing at all would mean the end of the stream.
  if (unit.size == 0) return {Decoded::Kind::broken, nullptr};
  isForeign = false;
  // Not counted, so libavcodec copies where it keeps something.
  packet->data = const_cast<uint8_t *>(unit.data);
  packet->size = int(unit.size);
  packet->flags = unit.key ? AV_PKT_FLAG_KEY : 0;
  int worst = std::min(avcodec_send_packet(context.get(), packet.get()), 0);
  PictureRef latest;
  for (;;) {
    const int error = avcodec_receive_frame(context.get(), frame.get());
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) break;
    if (error < 0) {
      worst = error;
      break;
    }
    FramePointer made = std::exchange(frame, newFrame());
    const bool isWhole = made->decode_error_flags == 0 && (made->flags & AV_FRAME_FLAG_CORRUPT) == 0;
    if (made->format != AV_PIX_FMT_VAAPI || !isWhole) {
      worst = AVERROR_INVALIDDATA;
    } else {
      latest = std::make_shared<VaPicture>(std::move(made));
    }
  }
  if (worst < 0) return broken(worst);
  if (!latest) return {};
  failures = 0;
  return {Decoded::Kind::pictured, std::move(latest)};
}

Decoded VaDecoder::broken(int error) {
  if (refusal) throw *refusal;
  if (!isForeign && isOfDevice(error)) {
    checkHealth(device);
    // It works, so it is what it was given: perhaps damaged, perhaps of a kind that others can decode.
    if (++failures >= maxFailures) throw Failure("the device cannot decode a stream");
  }
  return {Decoded::Kind::broken, nullptr};
}

AVPixelFormat VaDecoder::pick(AVCodecContext *context, const AVPixelFormat *formats) {
  auto &self = *static_cast<VaDecoder *>(context->opaque);
  for (; *formats != AV_PIX_FMT_NONE; formats++) {
    if (*formats != AV_PIX_FMT_VAAPI) continue;
    // libavcodec is C: nothing may be thrown through it.
    try {
      return self.begin(*context) ? AV_PIX_FMT_VAAPI : AV_PIX_FMT_NONE;
    } catch (const Failure &failure) {
      self.refusal.emplace(failure);
    } catch (const std::bad_alloc &) {
      self.refusal.emplace("out of memory");
    }
    return AV_PIX_FMT_NONE;
  }
  // Either it never had the device in mind for such a stream, or it has asked before and the device did not take it.
  if (isI420(*context)) self.refusal.emplace("the device does not take a stream");
  else self.isForeign = true;
  return AV_PIX_FMT_NONE;
}

bool VaDecoder::begin(AVCodecContext &stream) {
  const Size size{stream.coded_width, stream.coded_height};
  if (!isI420(stream) || !isDecodable({stream.width, stream.height}) || size.width < leastSide || size.height < leastSide) {
    isForeign = true;
    return false;
  }
  AVBufferRef *made = nullptr;
  if (avcodec_get_hw_frames_parameters(&stream, device->reference.get(), AV_PIX_FMT_VAAPI, &made) < 0) {
    checkHealth(device);
    throw Failure("the device does not decode such a stream");
  }
  BufferRefPointer pool(made);
  reinterpret_cast<AVHWFramesContext *>(pool->data)->initial_pool_size += held;
  beginPool(*pool);
  stream.hw_frames_ctx = pool.release();
  return true;
}

}  // namespace sluice
