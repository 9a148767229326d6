#include "h264-headers.h"

#include <bit>

namespace sluice {

namespace {

/** Writes bits of a NAL unit, the highest first. */
class BitWriter {
 public:
  void bits(int count, uint32_t value) {
    for (int i = count - 1; i >= 0; i--) {
      if (used % 8 == 0) bytes.push_back(0);
      bytes.back() |= uint8_t((value >> i & 1) << (7 - used % 8));
      used++;
    }
  }
  /** Exp-Golomb (9.1), unsigned and signed. */
  void ue(uint32_t value) {
    const int width = std::bit_width(value + 1);
    bits(width - 1, 0);
    bits(width, value + 1);
  }
  void se(int value) { ue(value > 0 ? uint32_t(value) * 2 - 1 : uint32_t(-value) * 2); }
  void trailing() {
    bits(1, 1);
    while (used % 8 != 0) bits(1, 0);
  }

  /** Appends it as a NAL unit; gives its bits, start code included. */
  uint32_t appendTo(std::vector<uint8_t> &out) const {
    const size_t began = out.size();
    out.insert(out.end(), {0, 0, 0, 1});
    int zeros = 0;
    for (const uint8_t byte : bytes) {
      if (zeros == 2 && byte <= 3) {
        out.push_back(3);
        zeros = 0;
      }
      out.push_back(byte);
      zeros = byte == 0 ? zeros + 1 : 0;
    }
    const uint32_t unused = uint32_t(bytes.size() * 8 - used);
    return uint32_t(out.size() - began) * 8 - unused;
  }

 private:
  std::vector<uint8_t> bytes;
  size_t used = 0;
};

/** Limits of table A-1: macroblocks in a second and in a picture. */
struct Level {
  int number;
  int64_t perSecond, perPicture;
};
constexpr Level levels[] = {
    {31, 108'000, 3'600},  {32, 216'000, 5'120},  {40, 245'760, 8'192},
    {42, 522'240, 8'704},  {50, 589'824, 22'080}, {51, 983'040, 36'864},
};
constexpr int highestLevel = 52;

enum NalType : uint32_t { slice = 1, idrSlice = 5, sequence = 7, picture = 8 };
constexpr uint32_t highestReference = 3;

BitWriter beginNal(NalType type) {
  BitWriter out;
  out.bits(1, 0);
  out.bits(2, highestReference);
  out.bits(5, type);
  return out;
}

/** Annex E: when pictures come, and that none is held back. */
void writeUsability(BitWriter &out, const H264Format &format) {
  // Nothing about aspect, overscan, signal and chroma's place.
  out.bits(4, 0);
  out.bits(1, 1);
  out.bits(32, 1000);
  out.bits(32, format.framerateMilli * 2);
  out.bits(1, 0);
  // No hypothetical decoders, no timing in each picture.
  out.bits(3, 0);
  out.bits(1, 1);
  out.bits(1, 1);
  out.ue(0);
  out.ue(0);
  out.ue(longestMotion);
  out.ue(longestMotion);
  out.ue(0);
  out.ue(1);
}

BitWriter sequenceParameterSet(const H264Format &format) {
  BitWriter out = beginNal(sequence);
  out.bits(8, 66);
  // It is constrained (set 1), and so of the Main profile too.
  out.bits(8, 0b1100'0000);
  out.bits(8, uint32_t(format.level()));
  out.ue(0);
  out.ue(frameNumberBits - 4);
  // Order of output is order of decoding.
  out.ue(2);
  out.ue(1);
  out.bits(1, 0);
  const auto [columns, rows] = format.macroblocks();
  out.ue(uint32_t(columns - 1));
  out.ue(uint32_t(rows - 1));
  out.bits(1, 1);
  out.bits(1, 1);
  const int right = columns * 16 - format.size.width, bottom = rows * 16 - format.size.height;
  out.bits(1, right > 0 || bottom > 0);
  if (right > 0 || bottom > 0) {
    out.ue(0);
    out.ue(uint32_t(right / 2));
    out.ue(0);
    out.ue(uint32_t(bottom / 2));
  }
  out.bits(1, 1);
  writeUsability(out, format);
  out.trailing();
  return out;
}

BitWriter pictureParameterSet() {
  BitWriter out = beginNal(picture);
  out.ue(0);
  out.ue(0);
  // CAVLC, no order of fields, one slice group, one reference, no weights.
  out.bits(2, 0);
  out.ue(0);
  out.ue(0);
  out.ue(0);
  out.bits(3, 0);
  out.se(initialQp - 26);
  out.se(0);
  out.se(0);
  // Slices tell of deblocking.
  out.bits(1, 1);
  out.bits(2, 0);
  out.trailing();
  return out;
}

}  // namespace

int H264Format::level() const {
  const auto [columns, rows] = macroblocks();
  const int64_t perPicture = int64_t{columns} * rows, perSecond = perPicture * framerateMilli / 1000;
  for (const Level &level : levels) {
    if (perSecond <= level.perSecond && perPicture <= level.perPicture) return level.number;
  }
  return highestLevel;
}

PackedHeader packedParameterSets(const H264Format &format) {
  PackedHeader header{{}, 0};
  header.bits += sequenceParameterSet(format).appendTo(header.bytes);
  header.bits += pictureParameterSet().appendTo(header.bytes);
  return header;
}

PackedHeader packedSliceHeader(const H264Slice &given) {
  BitWriter out = beginNal(given.isIdr ? idrSlice : slice);
  out.ue(0);
  // All slices of the picture are of the type: I or P.
  out.ue(given.isIdr ? 7 : 5);
  out.ue(0);
  out.bits(frameNumberBits, uint32_t(given.frameNumber));
  if (given.isIdr) out.ue(uint32_t(given.idrNumber));
  // P: as many references as the picture's parameters say, in their order. Then how references are marked.
  out.bits(2, 0);
  if (!given.isIdr) out.bits(1, 0);
  out.se(given.qpDelta);
  out.ue(0);
  out.se(0);
  out.se(0);
  PackedHeader header{{}, 0};
  header.bits = out.appendTo(header.bytes);
  return header;
}

}  // namespace sluice
