// Owns H.264's integer transform in both directions, and quantisation. Blocks are 4×4 words, row by row; "Four" means
// the four blocks of an 8×8. Same results as openh264's C definitions of these names.
#include "simd.h"

static inline void forward_pass(Vec r[4]) {
  const Vec sum03 = add(r[0], r[3]), gap03 = sub(r[0], r[3]);
  const Vec sum12 = add(r[1], r[2]), gap12 = sub(r[1], r[2]);
  r[0] = add(sum03, sum12);
  r[1] = add(shift_left(gap03, 1), gap12);
  r[2] = sub(sum03, sum12);
  r[3] = sub(gap03, shift_left(gap12, 1));
}

static inline void forward_transform(Vec r[4]) {
  forward_pass(r);
  transpose_4x4_pair(r);
  forward_pass(r);
  transpose_4x4_pair(r);
}

static inline void inverse_pass(Vec r[4]) {
  const Vec sum02 = add(r[0], r[2]), gap02 = sub(r[0], r[2]);
  const Vec sum13 = add(r[1], shift_right(r[3], 1)), gap13 = sub(shift_right(r[1], 1), r[3]);
  r[0] = add(sum02, sum13);
  r[1] = add(gap02, gap13);
  r[2] = sub(gap02, gap13);
  r[3] = sub(sum02, sum13);
}

static inline void inverse_transform(Vec r[4]) {
  transpose_4x4_pair(r);
  inverse_pass(r);
  transpose_4x4_pair(r);
  inverse_pass(r);
  for (int i = 0; i < 4; i++) r[i] = shift_right(add(r[i], splat(32)), 6);
}

/** The four rows of one block, each in the lower half. */
static inline void load_block(const int16_t *block, Vec r[4]) {
  const Vec rows01 = load16(block), rows23 = load16(block + 8);
  r[0] = rows01;
  r[1] = high_halves(rows01, rows01);
  r[2] = rows23;
  r[3] = high_halves(rows23, rows23);
}

static inline void add_block(uint8_t *out, int stride, const uint8_t *prediction, int prediction_stride,
                             const int16_t *block) {
  Vec r[4];
  load_block(block, r);
  inverse_transform(r);
  for (int i = 0; i < 4; i++) {
    store4(out + i * stride, clip_to_bytes(add(r[i], pixels4(prediction + i * prediction_stride))));
  }
}

/** a·b / 65536 of unsigned words. */
static inline Vec multiply_high(Vec a, Vec b) {
  return wasm_i16x8_shuffle(wasm_u32x4_extmul_low_u16x8(a, b), wasm_u32x4_extmul_high_u16x8(a, b), 1, 3, 5, 7, 9,
                            11, 13, 15);
}

/** Quantises eight coefficients in place; returns their magnitudes. */
static inline Vec quantise(int16_t *block, Vec rounding, Vec factor) {
  const Vec value = load16(block), sign = shift_right(value, 15);
  const Vec magnitude = multiply_high(add(wasm_i16x8_abs(value), rounding), factor);
  wasm_v128_store(block, sub(wasm_v128_xor(magnitude, sign), sign));
  return magnitude;
}

static inline int largest_word(Vec a) {
  a = wasm_i16x8_max(a, wasm_i64x2_shuffle(a, a, 1, 0));
  a = wasm_i16x8_max(a, wasm_i32x4_shuffle(a, a, 1, 0, 3, 2));
  a = wasm_i16x8_max(a, wasm_i16x8_shuffle(a, a, 1, 0, 3, 2, 5, 4, 7, 6));
  return wasm_i16x8_extract_lane(a, 0);
}

namespace WelsEnc {

void WelsDctT4_c(int16_t *block, uint8_t *a, int32_t stride_a, uint8_t *b, int32_t stride_b) {
  Vec r[4];
  for (int i = 0; i < 4; i++) r[i] = sub(pixels4(a + i * stride_a), pixels4(b + i * stride_b));
  forward_transform(r);
  wasm_v128_store(block, low_halves(r[0], r[1]));
  wasm_v128_store(block + 8, low_halves(r[2], r[3]));
}

void WelsDctFourT4_c(int16_t *blocks, uint8_t *a, int32_t stride_a, uint8_t *b, int32_t stride_b) {
  for (int pair = 0; pair < 2; pair++, a += 4 * stride_a, b += 4 * stride_b, blocks += 32) {
    Vec r[4];
    for (int i = 0; i < 4; i++) r[i] = sub(pixels8(a + i * stride_a), pixels8(b + i * stride_b));
    forward_transform(r);
    wasm_v128_store(blocks, low_halves(r[0], r[1]));
    wasm_v128_store(blocks + 8, low_halves(r[2], r[3]));
    wasm_v128_store(blocks + 16, high_halves(r[0], r[1]));
    wasm_v128_store(blocks + 24, high_halves(r[2], r[3]));
  }
}

void WelsIDctT4Rec_c(uint8_t *out, int32_t stride, uint8_t *prediction, int32_t prediction_stride, int16_t *block) {
  add_block(out, stride, prediction, prediction_stride, block);
}

void WelsIDctFourT4Rec_c(uint8_t *out, int32_t stride, uint8_t *prediction, int32_t prediction_stride,
                         int16_t *blocks) {
  for (int pair = 0; pair < 2; pair++) {
    const Vec left01 = load16(blocks), left23 = load16(blocks + 8);
    const Vec right01 = load16(blocks + 16), right23 = load16(blocks + 24);
    Vec r[4] = {low_halves(left01, right01), high_halves(left01, right01), low_halves(left23, right23),
                high_halves(left23, right23)};
    inverse_transform(r);
    for (int i = 0; i < 4; i++) {
      store8(out + i * stride, clip_to_bytes(add(r[i], pixels8(prediction + i * prediction_stride))));
    }
    blocks += 32;
    out += 4 * stride;
    prediction += 4 * prediction_stride;
  }
}

void WelsQuant4x4_c(int16_t *block, const int16_t *rounding, const int16_t *factor) {
  for (int i = 0; i < 16; i += 8) quantise(block + i, load16(rounding), load16(factor));
}

void WelsQuantFour4x4_c(int16_t *blocks, const int16_t *rounding, const int16_t *factor) {
  for (int i = 0; i < 64; i += 8) quantise(blocks + i, load16(rounding), load16(factor));
}

void WelsQuantFour4x4Max_c(int16_t *blocks, const int16_t *rounding, const int16_t *factor, int16_t *largest) {
  for (int i = 0; i < 4; i++, blocks += 16) {
    const Vec upper = quantise(blocks, load16(rounding), load16(factor));
    const Vec lower = quantise(blocks + 8, load16(rounding), load16(factor));
    largest[i] = largest_word(wasm_i16x8_max(upper, lower));
  }
}

int32_t WelsGetNoneZeroCount_c(int16_t *block) {
  const Vec zero = splat(0);
  const Vec is_zero =
      wasm_i8x16_narrow_i16x8(wasm_i16x8_eq(load16(block), zero), wasm_i16x8_eq(load16(block + 8), zero));
  return 16 - __builtin_popcount(wasm_i8x16_bitmask(is_zero));
}

}  // namespace WelsEnc

namespace WelsDec {

void IdctResAddPred_c(uint8_t *pixels, const int32_t stride, int16_t *block) {
  add_block(pixels, stride, pixels, stride, block);
}

}  // namespace WelsDec
