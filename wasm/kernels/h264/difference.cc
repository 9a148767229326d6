// Owns how the H.264 encoder measures how far two blocks are apart: sum of absolute differences (SAD), and the same
// after a Hadamard transform (SATD). Same results as openh264's C definitions of these names.
#include "simd.h"

template <int width, int height>
static inline int sad(const uint8_t *a, int stride_a, const uint8_t *b, int stride_b) {
  Vec sums = splat(0);
  if (width == 16) {
    for (int y = 0; y < height; y++, a += stride_a, b += stride_b) {
      sums = add(sums, wasm_u16x8_extadd_pairwise_u8x16(byte_distance(load16(a), load16(b))));
    }
  } else {
    for (int y = 0; y < height; y += 2, a += 2 * stride_a, b += 2 * stride_b) {
      const Vec distance = byte_distance(two_rows(a, stride_a), two_rows(b, stride_b));
      sums = add(sums, wasm_u16x8_extadd_pairwise_u8x16(distance));
    }
  }
  return sum_of_words(sums);
}

/** SADs with the block one row above, one below, one column left and one right of `b`. */
template <int width, int height>
static inline void sad_of_neighbours(const uint8_t *a, int stride_a, const uint8_t *b, int stride_b, int32_t *out) {
  out[0] = sad<width, height>(a, stride_a, b - stride_b, stride_b);
  out[1] = sad<width, height>(a, stride_a, b + stride_b, stride_b);
  out[2] = sad<width, height>(a, stride_a, b - 1, stride_b);
  out[3] = sad<width, height>(a, stride_a, b + 1, stride_b);
}

#define DEFINE_SAD(width, height)                                                                           \
  int32_t WelsSampleSad##width##x##height##_c(uint8_t *a, int32_t stride_a, uint8_t *b, int32_t stride_b) { \
    return sad<width, height>(a, stride_a, b, stride_b);                                                    \
  }                                                                                                         \
  void WelsSampleSadFour##width##x##height##_c(uint8_t *a, int32_t stride_a, uint8_t *b, int32_t stride_b,  \
                                               int32_t *out) {                                              \
    sad_of_neighbours<width, height>(a, stride_a, b, stride_b, out);                                        \
  }

DEFINE_SAD(16, 16)
DEFINE_SAD(16, 8)
DEFINE_SAD(8, 16)
DEFINE_SAD(8, 8)

/**
 * Halved sums of the absolute Hadamard coefficients of two 4×4 blocks side by side, spread over eight words.
 * The last butterfly is not computed: |a + b| + |a − b| = 2·max(|a|, |b|), and SATD halves the sum anyway.
 */
static inline Vec satd_words(Vec r0, Vec r1, Vec r2, Vec r3) {
  const Vec even_sum = add(r0, r2), odd_sum = add(r1, r3);
  const Vec even_gap = sub(r0, r2), odd_gap = sub(r1, r3);
  Vec r[4] = {add(even_sum, odd_sum), add(even_gap, odd_gap), sub(even_gap, odd_gap), sub(even_sum, odd_sum)};
  transpose_4x4_pair(r);
  const Vec a = wasm_i16x8_abs(add(r[0], r[2])), b = wasm_i16x8_abs(add(r[1], r[3]));
  const Vec c = wasm_i16x8_abs(sub(r[0], r[2])), d = wasm_i16x8_abs(sub(r[1], r[3]));
  return add(wasm_i16x8_max(a, b), wasm_i16x8_max(c, d));
}

template <int width, int height>
static inline int satd(const uint8_t *a, int stride_a, const uint8_t *b, int stride_b) {
  Vec sums = splat(0);
  for (int y = 0; y < height; y += 4) {
    for (int x = 0; x < width; x += 8) {
      Vec gap[4];
      for (int i = 0; i < 4; i++) {
        gap[i] = sub(pixels8(a + (y + i) * stride_a + x), pixels8(b + (y + i) * stride_b + x));
      }
      sums = add(sums, satd_words(gap[0], gap[1], gap[2], gap[3]));
    }
  }
  return sum_of_words(sums);
}

#define DEFINE_SATD(width, height)                                                                           \
  int32_t WelsSampleSatd##width##x##height##_c(uint8_t *a, int32_t stride_a, uint8_t *b, int32_t stride_b) { \
    return satd<width, height>(a, stride_a, b, stride_b);                                                    \
  }

namespace WelsEnc {

DEFINE_SATD(8, 8)
DEFINE_SATD(16, 8)
DEFINE_SATD(8, 16)
DEFINE_SATD(16, 16)

int32_t WelsSampleSatd4x4_c(uint8_t *a, int32_t stride_a, uint8_t *b, int32_t stride_b) {
  Vec gap[4];
  for (int i = 0; i < 4; i++) gap[i] = sub(pixels4(a + i * stride_a), pixels4(b + i * stride_b));
  return sum_of_words(satd_words(gap[0], gap[1], gap[2], gap[3]));
}

}  // namespace WelsEnc
