// Owns decoding with libavcodec on the processor: one thread, nothing held back.
#pragma once
extern "C" {
#include <libavcodec/avcodec.h>
}

#include "frame-picture.h"

namespace sluice {

struct ContextDeleter {
  void operator()(AVCodecContext *context) const { avcodec_free_context(&context); }
};
using ContextPointer = std::unique_ptr<AVCodecContext, ContextDeleter>;

struct PacketDeleter {
  void operator()(AVPacket *packet) const { av_packet_free(&packet); }
};
using PacketPointer = std::unique_ptr<AVPacket, PacketDeleter>;

class AvcodecDecoder final : public Decoder {
 public:
  /** libavcodec's decoder that needs no device; null when it was built without one. */
  static const AVCodec *find(Codec codec);

  explicit AvcodecDecoder(Codec codec);
  Decoded decode(const AccessUnit &unit) override;

 private:
  const ContextPointer context;
  const PacketPointer packet;
  FramePointer frame;
};

}  // namespace sluice
