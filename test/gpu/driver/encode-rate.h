// Owns what the rate of an encoder is: the parameter buffers that speak of it, of every codec.
#pragma once
#include <va/va.h>

#include <cstdint>

#include "context.h"

namespace sluicetest {

struct EncodeRate {
  /** VA_RC_CQP, VA_RC_CBR or VA_RC_VBR. */
  uint32_t mode = VA_RC_CQP;
  int qp = 26;
  int64_t bitsPerSecond = 0, maxBitsPerSecond = 0, bufferBits = 0;
  int framesNumerator = 30, framesDenominator = 1;

  bool operator==(const EncodeRate &) const = default;

  /** Takes what a picture's buffers of miscellaneous parameters say; throws Misuse. */
  void take(const PendingPicture &picture);
};

}  // namespace sluicetest
