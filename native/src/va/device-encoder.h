// Owns encoding on a device with libavcodec's encoders for VA-API, or for QSV on a device derived from it: low delay, one
// picture at a time. They have no way to change the rate while they run, so they begin anew where it is worth one.
#pragma once
#include "../cpu/avcodec-decoder.h"
#include "va-abilities.h"

namespace sluice {

/** Where an encoder of libavcodec runs. */
struct EncoderPlace {
  VaDeviceRef device;
  VaAbility ability;
  /** Null for VA-API. */
  AVBufferRef *qsv;
};

class DeviceEncoder final : public Encoder {
 public:
  DeviceEncoder(const AVCodec &codec, EncoderPlace place, const EncoderSettings &settings);
  Encoded encode(const Picture &picture, double durationMs, bool key) override;
  void setRate(Rate rate) override;

 private:
  /** Opens for pictures of this pool. */
  void open(AVBufferRef &pool);
  /** The frame as the encoder takes it. */
  FramePointer taken(const AVFrame &frame) const;
  [[noreturn]] void fail() const;

  const AVCodec &codec;
  const EncoderPlace place;
  Rate rate;
  const PacketPointer packet;
  /** Of the encoder: for QSV, `pool` as QSV sees it. */
  BufferRefPointer frames;
  ContextPointer context;
  /** The pool that it was opened for; held, so that no other has its address. */
  BufferRefPointer pool;
  Rate openedRate;
  /** In 1/90000 s. */
  int64_t time = 0;
};

}  // namespace sluice
