// Owns reading and writing bits of H.264 headers: fixed lengths, Exp-Golomb codes, and the bytes that keep start codes
// out of a NAL unit.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sluicetest {

using Bytes = std::vector<uint8_t>;

/** Reads past the end give zeros and make `exhausted` true. */
class BitReader {
 public:
  explicit BitReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  uint32_t bit() {
    if (position_ >= bytes_.size() * 8) {
      exhausted_ = true;
      return 0;
    }
    const uint32_t value = bytes_[position_ / 8] >> (7 - position_ % 8) & 1;
    position_++;
    return value;
  }
  uint32_t bits(int count) {
    uint32_t value = 0;
    while (count-- > 0) value = value << 1 | bit();
    return value;
  }
  uint32_t ue() {
    int zeros = 0;
    while (zeros < 31 && !exhausted_ && !bit()) zeros++;
    return (1u << zeros) - 1 + bits(zeros);
  }
  int32_t se() {
    const uint32_t code = ue();
    return code & 1 ? int32_t(code / 2 + 1) : -int32_t(code / 2);
  }

  size_t position() const { return position_; }
  bool exhausted() const { return exhausted_; }

 private:
  std::span<const uint8_t> bytes_;
  size_t position_ = 0;
  bool exhausted_ = false;
};

class BitWriter {
 public:
  void bit(uint32_t value) {
    if (count_ % 8 == 0) bytes_.push_back(0);
    if (value & 1) bytes_.back() |= uint8_t(0x80 >> count_ % 8);
    count_++;
  }
  void bits(int count, uint32_t value) {
    for (int i = count - 1; i >= 0; i--) bit(value >> i);
  }
  void ue(uint32_t value) {
    int length = 0;
    while ((value + 1) >> (length + 1)) length++;
    bits(length, 0);
    bits(length + 1, value + 1);
  }
  void se(int32_t value) { ue(value > 0 ? uint32_t(2 * value - 1) : uint32_t(-2 * value)); }
  void copy(BitReader from, size_t count) {
    while (count-- > 0) bit(from.bit());
  }
  /** The stop bit and zeros up to a whole byte. */
  void trailing() {
    bit(1);
    while (count_ % 8) bit(0);
  }
  bool isAligned() const { return count_ % 8 == 0; }
  const Bytes &bytes() const { return bytes_; }

 private:
  Bytes bytes_;
  size_t count_ = 0;
};

/** Appends a start code, `header` and the payload with emulation prevention. */
inline void appendNal(Bytes &out, uint8_t header, std::span<const uint8_t> payload) {
  out.insert(out.end(), {0, 0, 0, 1, header});
  int zeros = 0;
  for (const uint8_t byte : payload) {
    if (zeros >= 2 && byte <= 3) {
      out.push_back(3);
      zeros = 0;
    }
    out.push_back(byte);
    zeros = byte ? 0 : zeros + 1;
  }
}

/** A NAL unit's payload without the bytes of emulation prevention. */
inline Bytes unescaped(std::span<const uint8_t> payload) {
  Bytes out;
  out.reserve(payload.size());
  int zeros = 0;
  for (const uint8_t byte : payload) {
    if (zeros >= 2 && byte == 3) {
      zeros = 0;
      continue;
    }
    out.push_back(byte);
    zeros = byte ? 0 : zeros + 1;
  }
  return out;
}

/** The NAL units of an Annex B stream, each from its header byte on, without start codes. */
inline std::vector<std::span<const uint8_t>> nalsOf(std::span<const uint8_t> stream) {
  std::vector<std::span<const uint8_t>> nals;
  constexpr size_t none = SIZE_MAX;
  size_t begin = none;
  size_t i = 0;
  for (; i + 3 <= stream.size(); i++) {
    if (stream[i] || stream[i + 1] || stream[i + 2] != 1) continue;
    if (begin != none) {
      const size_t end = i > begin && stream[i - 1] == 0 ? i - 1 : i;
      nals.push_back(stream.subspan(begin, end - begin));
    }
    begin = i + 3;
    i += 2;
  }
  if (begin != none && begin < stream.size()) nals.push_back(stream.subspan(begin));
  return nals;
}

}  // namespace sluicetest
