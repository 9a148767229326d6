// Owns VP8's forward transform of one 4×4 block, or of two side by side, under the names by which libvpx calls its NEON
// versions. Constants and rounding are those of libvpx's C definition, so that bitstreams stay the same.
#include "simd.h"

static inline Vec add(Vec a, Vec b) { return wasm_i16x8_add(a, b); }
static inline Vec sub(Vec a, Vec b) { return wasm_i16x8_sub(a, b); }

/** Transposes two 4×4 blocks that lie side by side. */
static inline void transpose(Vec r[4]) {
  const Vec a = low_words(r[0], r[1]), b = high_words(r[0], r[1]);
  const Vec c = low_words(r[2], r[3]), d = high_words(r[2], r[3]);
  const Vec left01 = low_pairs(a, c), left23 = high_pairs(a, c);
  const Vec right01 = low_pairs(b, d), right23 = high_pairs(b, d);
  r[0] = low_halves(left01, right01);
  r[1] = high_halves(left01, right01);
  r[2] = low_halves(left23, right23);
  r[3] = high_halves(left23, right23);
}

/** (c·factor[0] + d·factor[1] + rounding) >> shift, for words c and d. */
static inline Vec rotate(Vec c, Vec d, Vec factors, int rounding, int shift) {
  const Vec round = wasm_i32x4_splat(rounding);
  const Vec low = wasm_i32x4_dot_i16x8(low_words(c, d), factors);
  const Vec high = wasm_i32x4_dot_i16x8(high_words(c, d), factors);
  return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(wasm_i32x4_add(low, round), shift),
                                 wasm_i32x4_shr(wasm_i32x4_add(high, round), shift));
}

static inline void transform(Vec r[4]) {
  const Vec odd1 = wasm_i16x8_make(2217, 5352, 2217, 5352, 2217, 5352, 2217, 5352);
  const Vec odd3 = wasm_i16x8_make(-5352, 2217, -5352, 2217, -5352, 2217, -5352, 2217);

  transpose(r);
  Vec a = wasm_i16x8_shl(add(r[0], r[3]), 3), b = wasm_i16x8_shl(add(r[1], r[2]), 3);
  Vec c = wasm_i16x8_shl(sub(r[1], r[2]), 3), d = wasm_i16x8_shl(sub(r[0], r[3]), 3);
  r[0] = add(a, b);
  r[2] = sub(a, b);
  r[1] = rotate(c, d, odd1, 14500, 12);
  r[3] = rotate(c, d, odd3, 7500, 12);

  transpose(r);
  a = add(r[0], r[3]);
  b = add(r[1], r[2]);
  c = sub(r[1], r[2]);
  d = sub(r[0], r[3]);
  const Vec rounding = wasm_i16x8_splat(7);
  r[0] = wasm_i16x8_shr(add(add(a, b), rounding), 4);
  r[2] = wasm_i16x8_shr(add(sub(a, b), rounding), 4);
  // The C definition adds one where d is not zero; a comparison gives −1 there.
  r[1] = sub(rotate(c, d, odd1, 12000, 16), wasm_i16x8_ne(d, wasm_i16x8_splat(0)));
  r[3] = rotate(c, d, odd3, 51000, 16);
}

void vp8_short_fdct4x4_neon(int16_t *in, int16_t *out, int pitch_bytes) {
  const int pitch = pitch_bytes / 2;
  Vec r[4];
  for (int i = 0; i < 4; i++) r[i] = load8(in + i * pitch);
  transform(r);
  store16(out, low_halves(r[0], r[1]));
  store16(out + 8, low_halves(r[2], r[3]));
}

void vp8_short_fdct8x4_neon(int16_t *in, int16_t *out, int pitch_bytes) {
  const int pitch = pitch_bytes / 2;
  Vec r[4];
  for (int i = 0; i < 4; i++) r[i] = load16(in + i * pitch);
  transform(r);
  store16(out, low_halves(r[0], r[1]));
  store16(out + 8, low_halves(r[2], r[3]));
  store16(out + 16, high_halves(r[0], r[1]));
  store16(out + 24, high_halves(r[2], r[3]));
}
