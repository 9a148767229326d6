// Owns the pass that the H.264 encoder makes over every picture before encoding it: how far each 8×8 block is from the
// same block of the picture before. Same results as openh264's C definition.
#include "simd.h"

static inline int largest_byte_of_half(Vec bytes, bool upper) {
  bytes = wasm_u8x16_max(bytes, wasm_i32x4_shuffle(bytes, bytes, 1, 0, 3, 2));
  bytes = wasm_u8x16_max(bytes, wasm_i16x8_shuffle(bytes, bytes, 1, 0, 3, 2, 5, 4, 7, 6));
  bytes = wasm_u8x16_max(
      bytes, wasm_i8x16_shuffle(bytes, bytes, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
  return upper ? wasm_u8x16_extract_lane(bytes, 8) : wasm_u8x16_extract_lane(bytes, 0);
}

namespace WelsVP {

/**
 * For the four 8×8 blocks of every whole macroblock: sum of absolute differences, difference of the sums, and largest
 * absolute difference; `frame_sad` gets the sum over all.
 */
void VAACalcSadBgd_c(const uint8_t *current, const uint8_t *reference, int32_t width, int32_t height, int32_t stride,
                     int32_t *frame_sad, int32_t *sad8x8, int32_t *sum_gap8x8, uint8_t *largest8x8) {
  int total = 0, block = 0;
  for (int y = 0; y < height >> 4; y++) {
    for (int x = 0; x < width >> 4; x++) {
      // Two 8×8 blocks at a time: the left one in the lower half of every vector, the right one in the upper.
      for (int half = 0; half < 2; half++, block += 2) {
        const uint8_t *a = current + (y * 16 + half * 8) * stride + x * 16;
        const uint8_t *b = reference + (y * 16 + half * 8) * stride + x * 16;
        Vec sad = splat(0), sum_a = splat(0), sum_b = splat(0), largest = splat(0);
        for (int row = 0; row < 8; row++, a += stride, b += stride) {
          const Vec p = load16(a), q = load16(b), gap = byte_distance(p, q);
          sad = add(sad, wasm_u16x8_extadd_pairwise_u8x16(gap));
          sum_a = add(sum_a, wasm_u16x8_extadd_pairwise_u8x16(p));
          sum_b = add(sum_b, wasm_u16x8_extadd_pairwise_u8x16(q));
          largest = wasm_u8x16_max(largest, gap);
        }
        const Vec sads = wasm_u32x4_extadd_pairwise_u16x8(sad);
        const Vec gaps = wasm_i32x4_extadd_pairwise_i16x8(sub(sum_a, sum_b));
        sad8x8[block] = wasm_i32x4_extract_lane(sads, 0) + wasm_i32x4_extract_lane(sads, 1);
        sad8x8[block + 1] = wasm_i32x4_extract_lane(sads, 2) + wasm_i32x4_extract_lane(sads, 3);
        sum_gap8x8[block] = wasm_i32x4_extract_lane(gaps, 0) + wasm_i32x4_extract_lane(gaps, 1);
        sum_gap8x8[block + 1] = wasm_i32x4_extract_lane(gaps, 2) + wasm_i32x4_extract_lane(gaps, 3);
        largest8x8[block] = largest_byte_of_half(largest, false);
        largest8x8[block + 1] = largest_byte_of_half(largest, true);
        total += sad8x8[block] + sad8x8[block + 1];
      }
    }
  }
  *frame_sad = total;
}

}  // namespace WelsVP
