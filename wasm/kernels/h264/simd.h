// Short names for the WebAssembly SIMD operations that the H.264 kernels share. "Words" are 16-bit lanes.
// Loads may read up to 15 bytes beyond what is used: every plane has that much room behind it.
#pragma once

#include <stdint.h>
#include <wasm_simd128.h>

typedef v128_t Vec;

static inline Vec splat(int value) { return wasm_i16x8_splat(value); }
static inline Vec add(Vec a, Vec b) { return wasm_i16x8_add(a, b); }
static inline Vec sub(Vec a, Vec b) { return wasm_i16x8_sub(a, b); }
static inline Vec shift_left(Vec a, int bits) { return wasm_i16x8_shl(a, bits); }
static inline Vec shift_right(Vec a, int bits) { return wasm_i16x8_shr(a, bits); }

static inline Vec load16(const void *p) { return wasm_v128_load(p); }
static inline Vec load8(const void *p) { return wasm_v128_load64_zero(p); }
static inline Vec load4(const void *p) { return wasm_v128_load32_zero(p); }

/** Eight pixels as words. */
static inline Vec pixels8(const uint8_t *p) { return wasm_u16x8_load8x8(p); }
/** Four pixels as words; the upper half is zero. */
static inline Vec pixels4(const uint8_t *p) { return wasm_u16x8_extend_low_u8x16(load4(p)); }
/** Two rows of eight pixels as bytes. */
static inline Vec two_rows(const uint8_t *p, int stride) { return wasm_v128_load64_lane(p + stride, load8(p), 1); }

static inline void store8(void *p, Vec bytes) { wasm_v128_store64_lane(p, bytes, 0); }
static inline void store4(void *p, Vec bytes) { wasm_v128_store32_lane(p, bytes, 0); }

/** Words clipped to 0…255, as bytes in the lower half. */
static inline Vec clip_to_bytes(Vec words) { return wasm_u8x16_narrow_i16x8(words, words); }

static inline Vec low_words(Vec a, Vec b) { return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
static inline Vec high_words(Vec a, Vec b) { return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
static inline Vec low_pairs(Vec a, Vec b) { return wasm_i32x4_shuffle(a, b, 0, 4, 1, 5); }
static inline Vec high_pairs(Vec a, Vec b) { return wasm_i32x4_shuffle(a, b, 2, 6, 3, 7); }
static inline Vec low_halves(Vec a, Vec b) { return wasm_i64x2_shuffle(a, b, 0, 2); }
static inline Vec high_halves(Vec a, Vec b) { return wasm_i64x2_shuffle(a, b, 1, 3); }

/** |a − b| of unsigned bytes. */
static inline Vec byte_distance(Vec a, Vec b) {
  return wasm_v128_or(wasm_u8x16_sub_sat(a, b), wasm_u8x16_sub_sat(b, a));
}

static inline int sum_of_longs(Vec a) {
  a = wasm_i32x4_add(a, wasm_i64x2_shuffle(a, a, 1, 0));
  a = wasm_i32x4_add(a, wasm_i32x4_shuffle(a, a, 1, 0, 3, 2));
  return wasm_i32x4_extract_lane(a, 0);
}

static inline int sum_of_words(Vec a) { return sum_of_longs(wasm_u32x4_extadd_pairwise_u16x8(a)); }

/** Transposes two 4×4 blocks of words that lie side by side (the lower and the upper halves of the four rows). */
static inline void transpose_4x4_pair(Vec r[4]) {
  const Vec a = low_words(r[0], r[1]), b = high_words(r[0], r[1]);
  const Vec c = low_words(r[2], r[3]), d = high_words(r[2], r[3]);
  const Vec left01 = low_pairs(a, c), left23 = high_pairs(a, c);
  const Vec right01 = low_pairs(b, d), right23 = high_pairs(b, d);
  r[0] = low_halves(left01, right01);
  r[1] = high_halves(left01, right01);
  r[2] = low_halves(left23, right23);
  r[3] = high_halves(left23, right23);
}

/** Transposes an 8×8 block of words. */
static inline void transpose_8x8(Vec r[8]) {
  Vec a[8], b[8];
  for (int i = 0; i < 4; i++) {
    a[2 * i] = low_words(r[2 * i], r[2 * i + 1]);
    a[2 * i + 1] = high_words(r[2 * i], r[2 * i + 1]);
  }
  for (int half = 0; half < 8; half += 4) {
    b[half] = low_pairs(a[half], a[half + 2]);
    b[half + 1] = high_pairs(a[half], a[half + 2]);
    b[half + 2] = low_pairs(a[half + 1], a[half + 3]);
    b[half + 3] = high_pairs(a[half + 1], a[half + 3]);
  }
  for (int i = 0; i < 4; i++) {
    r[2 * i] = low_halves(b[i], b[i + 4]);
    r[2 * i + 1] = high_halves(b[i], b[i + 4]);
  }
}
