// Owns encoding by the system's libavcodec (libx264, libx265, libvpx), one picture in, its bytes out.
#pragma once
extern "C" {
#include <libavcodec/avcodec.h>
}

#include <string>
#include <utility>
#include <vector>

#include "encode-rate.h"
#include "objects.h"

namespace sluicetest {

struct EncoderChoice {
  /** Of libavcodec. */
  const char *name;
  int width = 0, height = 0;
  /** Options of that encoder; one that it does not know makes it refuse. */
  std::vector<std::pair<const char *, std::string>> options;
};

class SoftwareEncoder {
 public:
  /** `isOpen` is false when libavcodec refuses. */
  SoftwareEncoder(const EncoderChoice &choice, const EncodeRate &rate);
  ~SoftwareEncoder();
  SoftwareEncoder(const SoftwareEncoder &) = delete;
  SoftwareEncoder &operator=(const SoftwareEncoder &) = delete;

  bool isOpen() const { return isOpen_; }
  /** From the next picture on; the mode and the quality of CQP stay. */
  void setRate(const EncodeRate &rate);
  /** The coded picture; empty when it failed. */
  Bytes encode(const Surface &surface, bool isKey);

 private:
  AVCodecContext *context_ = nullptr;
  AVFrame *frame_ = nullptr;
  AVPacket *packet_ = nullptr;
  bool isOpen_ = false;
  /** Pictures a second that it was opened with: it spends its bits by them. */
  double openedRate_ = 30;
};

}  // namespace sluicetest
