#include "device-encoder.h"

extern "C" {
#include <libavutil/hwcontext.h>
#include <libavutil/opt.h>
}

#include <cmath>
#include <new>

#include "device-checks.h"
#include "va-picture.h"

namespace sluice {

namespace {

/** Key pictures come when they are asked for; some drivers count to 2¹⁶. */
constexpr int longestGop = 60'000;

#ifdef AV_PROFILE_H264_CONSTRAINED_BASELINE
constexpr int constrainedBaseline = AV_PROFILE_H264_CONSTRAINED_BASELINE;
#else
constexpr int constrainedBaseline = FF_PROFILE_H264_CONSTRAINED_BASELINE;
#endif

const char *nameOf(RateControl control) {
  switch (control) {
    case RateControl::constant: return "CBR";
    case RateControl::variable: return "VBR";
    case RateControl::none: return "CQP";
  }
  return "auto";
}

/** Options that an encoder does not have are left out. */
void setOptions(AVCodecContext &context, const EncoderPlace &place) {
  const auto set = [&](const char *name, const char *value) { av_opt_set(context.priv_data, name, value, 0); };
  set("async_depth", "1");
  set("low_power", place.ability.entrypoint == VAEntrypointEncSliceLP ? "1" : "0");
  if (place.qsv) {
    set("preset", "veryfast");
    set("forced_idr", "1");
    set("look_ahead", "0");
  } else {
    set("rc_mode", nameOf(rateControlOf(*place.device, place.ability)));
    set("sei", "0");
  }
}

}  // namespace

DeviceEncoder::DeviceEncoder(const AVCodec &codec, EncoderPlace place, const EncoderSettings &settings)
    : Encoder(settings.size), codec(codec), place(std::move(place)), rate(settings.rate), packet(av_packet_alloc()) {
  if (!packet) throw std::bad_alloc();
}

void DeviceEncoder::open(AVBufferRef &given) {
  context.reset();
  frames = sharedRef(given);
  if (place.qsv) {
    AVBufferRef *derived = nullptr;
    if (av_hwframe_ctx_create_derived(&derived, AV_PIX_FMT_QSV, place.qsv, &given, AV_HWFRAME_MAP_DIRECT) < 0) {
      throw Failure("QSV does not take the pictures of the device");
    }
    frames.reset(derived);
  }
  ContextPointer made(avcodec_alloc_context3(&codec));
  if (!made) throw std::bad_alloc();
  made->width = size.width;
  made->height = size.height;
  made->pix_fmt = place.qsv ? AV_PIX_FMT_QSV : AV_PIX_FMT_VAAPI;
  made->sw_pix_fmt = AV_PIX_FMT_NV12;
  made->hw_frames_ctx = sharedRef(*frames).release();
  made->time_base = {1, 90'000};
  made->framerate = {int(std::lround(rate.framerate * 1000)), 1000};
  made->gop_size = longestGop;
  made->max_b_frames = 0;
  made->refs = 1;
  made->bit_rate = made->rc_max_rate = int64_t{rate.bitrateKbps} * 1000;
  // One second of it.
  made->rc_buffer_size = int(made->bit_rate);
  if (codec.id == AV_CODEC_ID_H264) made->profile = constrainedBaseline;
  setOptions(*made, place);
  if (avcodec_open2(made.get(), &codec, nullptr) < 0) {
    checkHealth(place.device);
    throw Failure(std::string(codec.name) + " does not begin");
  }
  context = std::move(made);
  pool = sharedRef(given);
  openedRate = rate;
}

FramePointer DeviceEncoder::taken(const AVFrame &frame) const {
  FramePointer made = newFrame();
  if (!place.qsv) {
    if (av_frame_ref(made.get(), &frame) < 0) throw std::bad_alloc();
    return made;
  }
  made->format = AV_PIX_FMT_QSV;
  made->hw_frames_ctx = sharedRef(*frames).release();
  if (av_hwframe_map(made.get(), &frame, AV_HWFRAME_MAP_READ | AV_HWFRAME_MAP_DIRECT) < 0) fail();
  made->width = frame.width;
  made->height = frame.height;
  return made;
}

Encoded DeviceEncoder::encode(const Picture &picture, double durationMs, bool key) {
  const AVFrame &given = *vaPicture(picture).frame;
  if (!context || pool->data != given.hw_frames_ctx->data) open(*given.hw_frames_ctx);
  const FramePointer frame = taken(given);
  frame->pts = time;
  frame->pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  time += std::lround(durationMs * 90);
  if (avcodec_send_frame(context.get(), frame.get()) < 0) fail();
  Encoded encoded;
  for (;;) {
    const int error = avcodec_receive_packet(context.get(), packet.get());
    if (error == AVERROR(EAGAIN)) return encoded;
    if (error < 0) fail();
    encoded.data.insert(encoded.data.end(), packet->data, packet->data + packet->size);
    encoded.key = (packet->flags & AV_PKT_FLAG_KEY) != 0;
    av_packet_unref(packet.get());
  }
}

void DeviceEncoder::setRate(Rate given) {
  rate = given;
  const double change = double(rate.bitrateKbps) / openedRate.bitrateKbps;
  // The next picture opens it again.
  if (context && (change < 0.8 || change > 1.25)) context.reset();
}

void DeviceEncoder::fail() const {
  checkHealth(place.device);
  throw Failure(std::string(codec.name) + " cannot encode");
}

}  // namespace sluice
