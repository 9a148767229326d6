// Owns decoding by the system's libavcodec, in one thread and at once: what one picture's bytes give is there when the
// call returns, whatever order pictures are to be shown in.
#pragma once
extern "C" {
#include <libavcodec/avcodec.h>
}

#include <memory>
#include <span>

#include "objects.h"

namespace sluicetest {

class SoftwareDecoder {
 public:
  explicit SoftwareDecoder(AVCodecID codec);
  ~SoftwareDecoder();
  SoftwareDecoder(const SoftwareDecoder &) = delete;
  SoftwareDecoder &operator=(const SoftwareDecoder &) = delete;

  /** Decodes one picture into the surface, which must be NV12; false when nothing came of it. */
  bool decode(std::span<const uint8_t> bytes, Surface &into);

 private:
  static int takeBuffer(AVCodecContext *context, AVFrame *frame, int flags);

  AVCodecContext *context_ = nullptr;
  AVPacket *packet_ = nullptr;
  /** What the decoder gives out: of no interest but that it must be taken. */
  AVFrame *shown_ = nullptr;
  /** The picture that is being decoded, shown or not. */
  AVFrame *decoded_ = nullptr;
};

}  // namespace sluicetest
