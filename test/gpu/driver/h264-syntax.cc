#include "h264-syntax.h"

namespace sluicetest::h264 {
namespace {

bool hasChromaFormat(uint32_t profile) {
  return profile == 100 || profile == 110 || profile == 122 || profile == 244 || profile == 44;
}

void skipReferenceModification(BitReader &reader) {
  if (!reader.bit()) return;
  for (uint32_t what = reader.ue(); what != 3; what = reader.ue()) {
    if (what > 3 || reader.exhausted()) throw Unsupported{"modification of reference lists"};
    reader.ue();
  }
}

void skipMarking(BitReader &reader, bool isIdr) {
  if (isIdr) {
    reader.bits(2);
    return;
  }
  if (!reader.bit()) return;
  for (uint32_t what = reader.ue(); what != 0; what = reader.ue()) {
    if (what > 6 || reader.exhausted()) throw Unsupported{"marking of references"};
    if (what != 5) reader.ue();
    if (what == 3) reader.ue();
  }
}

/** Bits of the payload before the stop bit. */
size_t bitsBeforeTrailing(std::span<const uint8_t> bytes) {
  size_t length = bytes.size();
  while (length > 0 && bytes[length - 1] == 0) length--;
  if (length == 0) return 0;
  int zeros = 0;
  while (!(bytes[length - 1] >> zeros & 1)) zeros++;
  return length * 8 - size_t(zeros) - 1;
}

}  // namespace

Sequence readSequence(std::span<const uint8_t> nal) {
  const Bytes bytes = unescaped(nal);
  BitReader reader(bytes);
  reader.bits(8);
  const uint32_t profile = reader.bits(8);
  reader.bits(16);
  reader.ue();
  if (hasChromaFormat(profile)) {
    if (reader.ue() != 1 || reader.ue() != 0 || reader.ue() != 0) throw Unsupported{"other than 4:2:0 of 8 bits"};
    reader.bit();
    if (reader.bit()) throw Unsupported{"scaling matrices"};
  }
  Sequence sequence;
  sequence.frameNumberBits = reader.ue() + 4;
  sequence.orderType = reader.ue();
  if (sequence.orderType == 0) sequence.orderBits = reader.ue() + 4;
  else if (sequence.orderType == 1) throw Unsupported{"picture order count of type 1"};
  reader.ue();
  reader.bit();
  sequence.widthInMacroblocks = reader.ue() + 1;
  sequence.heightInMacroblocks = reader.ue() + 1;
  if (!reader.bit()) throw Unsupported{"interlaced pictures"};
  return sequence;
}

PictureSet readPicture(std::span<const uint8_t> nal) {
  const Bytes bytes = unescaped(nal);
  BitReader reader(bytes);
  reader.bits(8);
  PictureSet set;
  set.id = reader.ue();
  reader.ue();
  set.cabac = reader.bit();
  set.orderPresent = reader.bit();
  if (reader.ue() != 0) throw Unsupported{"slice groups"};
  set.references = reader.ue() + 1;
  reader.ue();
  set.weighted = reader.bit();
  set.weightedBi = reader.bits(2);
  set.initialQp = 26 + reader.se();
  reader.se();
  set.chromaOffset = reader.se();
  set.deblockingControl = reader.bit();
  reader.bit();
  set.redundant = reader.bit();
  if (reader.position() < bitsBeforeTrailing(bytes)) set.transform8x8 = reader.bit();
  return set;
}

SliceHeader readSlice(std::span<const uint8_t> nal, const Sequence &sequence, const PictureSet &set) {
  BitReader reader(nal);
  SliceHeader header;
  const uint32_t nalHeader = reader.bits(8);
  header.isIdr = (nalHeader & 31) == idrSlice;
  header.firstMacroblock = reader.ue();
  header.type = reader.ue();
  header.pictureSet = reader.ue();
  if (!header.isIntra() && !header.isPredicted()) throw Unsupported{"slices of other types than I and P"};
  reader.bits(int(sequence.frameNumberBits));
  if (header.isIdr) reader.ue();
  if (sequence.orderType == 0) {
    reader.bits(int(sequence.orderBits));
    if (set.orderPresent) reader.se();
  }
  if (set.redundant) reader.ue();
  header.references = set.references;
  if (header.isPredicted()) {
    if (reader.bit()) header.references = reader.ue() + 1;
    skipReferenceModification(reader);
    if (set.weighted) throw Unsupported{"weighted prediction"};
  }
  if (nalHeader >> 5 & 3) skipMarking(reader, header.isIdr);
  header.codingAt = reader.position();
  if (set.cabac && !header.isIntra()) header.cabacInit = reader.ue();
  header.qp = set.initialQp + reader.se();
  if (set.deblockingControl) {
    header.disableDeblocking = reader.ue();
    if (header.disableDeblocking != 1) {
      header.alphaOffset = reader.se();
      header.betaOffset = reader.se();
    }
  }
  header.end = reader.position();
  if (reader.exhausted()) throw Unsupported{"a slice header that ends too early"};
  return header;
}

uint32_t pictureSetOf(std::span<const uint8_t> nal) {
  const Bytes bytes = unescaped(nal.first(std::min<size_t>(nal.size(), 32)));
  BitReader reader(bytes);
  reader.bits(8);
  reader.ue();
  reader.ue();
  return reader.ue();
}

Bytes sliceUnder(std::span<const uint8_t> header, const Sequence &sequence, const PictureSet &set,
                 std::span<const uint8_t> coded, const Sequence &codedSequence, const PictureSet &codedSet) {
  const SliceHeader asked = readSlice(header, sequence, set);
  const SliceHeader made = readSlice(coded, codedSequence, codedSet);
  if (asked.isIntra() != made.isIntra()) throw Unsupported{"a slice of another type than the picture's"};
  if (asked.firstMacroblock != 0) throw Unsupported{"more than one slice"};
  if (asked.isPredicted() && asked.references != made.references) throw Unsupported{"more than one reference"};
  if (set.cabac != codedSet.cabac || set.transform8x8 != codedSet.transform8x8 ||
      set.chromaOffset != codedSet.chromaOffset || set.weighted != codedSet.weighted)
    throw Unsupported{"a picture parameter set that is not what the parameter buffers say"};
  if (sequence.widthInMacroblocks != codedSequence.widthInMacroblocks ||
      sequence.heightInMacroblocks != codedSequence.heightInMacroblocks)
    throw Unsupported{"a sequence parameter set of another size than the parameter buffers'"};
  if (!set.deblockingControl && (made.alphaOffset || made.betaOffset)) throw Unsupported{"no control of deblocking"};

  BitWriter out;
  out.copy(BitReader(header), asked.codingAt);
  if (set.cabac && !made.isIntra()) out.ue(made.cabacInit);
  out.se(made.qp - set.initialQp);
  if (set.deblockingControl) {
    out.ue(made.disableDeblocking);
    if (made.disableDeblocking != 1) {
      out.se(made.alphaOffset);
      out.se(made.betaOffset);
    }
  }
  BitReader rest(coded);
  for (size_t i = 0; i < made.end; i++) rest.bit();
  if (set.cabac) {
    // Data of CABAC begin at a byte, after ones.
    while (!out.isAligned()) out.bit(1);
    Bytes bytes = out.bytes();
    const auto data = coded.subspan((made.end + 7) / 8);
    bytes.insert(bytes.end(), data.begin(), data.end());
    return bytes;
  }
  out.copy(rest, bitsBeforeTrailing(coded) - made.end);
  out.trailing();
  return out.bytes();
}

}  // namespace sluicetest::h264
