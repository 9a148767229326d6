// Owns the headers of H.264 that an encoder on a device is given, after ITU-T H.264 7.3: constrained baseline, one slice,
// one reference, pictures in the order in which they are shown.
#pragma once
#include "../media.h"

namespace sluice {

/** What an encoder's headers say; the same is told the driver. */
struct H264Format {
  Size size;
  /** Pictures in a thousand seconds. */
  uint32_t framerateMilli;

  Size macroblocks() const { return {(size.width + 15) / 16, (size.height + 15) / 16}; }
  /** 31 for level 3.1, and so on: never less than that, which browsers offer. */
  int level() const;
};

struct H264Slice {
  bool isIdr;
  /** Of 8 bits. */
  int frameNumber;
  int idrNumber;
  /** On top of `initialQp`. */
  int qpDelta;
};

inline constexpr int frameNumberBits = 8;
inline constexpr int initialQp = 26;
inline constexpr int longestMotion = 15;

/** In Annex B with emulation prevention; a slice's header ends inside of its last byte. */
struct PackedHeader {
  std::vector<uint8_t> bytes;
  uint32_t bits;
};

/** Sequence and picture parameter set. */
PackedHeader packedParameterSets(const H264Format &format);
PackedHeader packedSliceHeader(const H264Slice &slice);

}  // namespace sluice
