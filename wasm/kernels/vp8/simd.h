// Short names for the WebAssembly SIMD operations that the VP8 kernels share. "Words" are 16-bit lanes.
#pragma once

#include <stdint.h>
#include <wasm_simd128.h>

typedef v128_t Vec;

static inline Vec load16(const void *p) { return wasm_v128_load(p); }
static inline Vec load8(const void *p) { return wasm_v128_load64_zero(p); }
static inline Vec load8_twice(const void *low, const void *high) { return wasm_v128_load64_lane(high, load8(low), 1); }
static inline Vec pixels8(const uint8_t *p) { return wasm_u16x8_load8x8(p); }
static inline void store16(void *p, Vec v) { wasm_v128_store(p, v); }
static inline void store_low8(void *p, Vec v) { wasm_v128_store64_lane(p, v, 0); }
static inline void store_high8(void *p, Vec v) { wasm_v128_store64_lane(p, v, 1); }

static inline Vec low_bytes(Vec a, Vec b) {
  return wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
static inline Vec high_bytes(Vec a, Vec b) {
  return wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
static inline Vec low_words(Vec a, Vec b) { return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
static inline Vec high_words(Vec a, Vec b) { return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
static inline Vec low_pairs(Vec a, Vec b) { return wasm_i32x4_shuffle(a, b, 0, 4, 1, 5); }
static inline Vec high_pairs(Vec a, Vec b) { return wasm_i32x4_shuffle(a, b, 2, 6, 3, 7); }
static inline Vec low_halves(Vec a, Vec b) { return wasm_i64x2_shuffle(a, b, 0, 2); }
static inline Vec high_halves(Vec a, Vec b) { return wasm_i64x2_shuffle(a, b, 1, 3); }
