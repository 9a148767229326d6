// Owns the syntax of H.264 parameter sets and slice headers, as far as this driver writes and rewrites them (ITU-T
// H.264, 7.3.2 and 7.3.3). Progressive 4:2:0 of 8 bits; what else there is throws Unsupported.
#pragma once
#include <cstdint>
#include <span>

#include "bits.h"

namespace sluicetest::h264 {

struct Unsupported {
  const char *what;
};

enum NalType : uint8_t { slice = 1, idrSlice = 5, sei = 6, sequence = 7, picture = 8 };
inline NalType typeOf(std::span<const uint8_t> nal) { return NalType(nal[0] & 31); }

struct Sequence {
  uint32_t widthInMacroblocks = 0, heightInMacroblocks = 0;
  uint32_t frameNumberBits = 4, orderType = 0, orderBits = 4;
  bool orderDeltaAlwaysZero = true;
};

struct PictureSet {
  uint32_t id = 0;
  bool cabac = false, orderPresent = false, weighted = false, deblockingControl = false, redundant = false;
  bool transform8x8 = false;
  uint32_t references = 1;
  int32_t initialQp = 26, chromaOffset = 0;
  uint32_t weightedBi = 0;
};

/** `nal` from its header byte on, with emulation prevention. */
Sequence readSequence(std::span<const uint8_t> nal);
PictureSet readPicture(std::span<const uint8_t> nal);

/** Of a slice header, what a rewrite needs; positions are in bits of the unescaped NAL unit, header byte included. */
struct SliceHeader {
  uint32_t firstMacroblock = 0, type = 0, pictureSet = 0, references = 1;
  bool isIdr = false;
  uint32_t cabacInit = 0;
  int32_t qp = 26;
  uint32_t disableDeblocking = 0;
  int32_t alphaOffset = 0, betaOffset = 0;
  /** Where the parts that depend on the coding of macroblocks begin: cabac_init_idc or slice_qp_delta. */
  size_t codingAt = 0;
  size_t end = 0;

  bool isIntra() const { return type % 5 == 2; }
  bool isPredicted() const { return type % 5 == 0; }
};

SliceHeader readSlice(std::span<const uint8_t> unescapedNal, const Sequence &, const PictureSet &);

/** The first numbers of a slice header, which need no parameter sets: the picture parameter set that it asks for. */
uint32_t pictureSetOf(std::span<const uint8_t> nal);

/**
 * The slice `coded` under the header of another encoder that decided the same: everything of `header` up to where
 * coding begins, then what is true of `coded`. NAL header byte and payload, without emulation prevention.
 */
Bytes sliceUnder(std::span<const uint8_t> header, const Sequence &, const PictureSet &, std::span<const uint8_t> coded,
                 const Sequence &codedSequence, const PictureSet &codedPicture);

}  // namespace sluicetest::h264
