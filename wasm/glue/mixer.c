// Owns the arithmetic of mixing audio: sums of float samples, one input taken out of a sum, and a limiter that keeps the
// result within −1…1. Lengths are multiples of four; buffers have room for that.
#include <wasm_simd128.h>

#include "export.h"

typedef v128_t Vec;

/** sum += samples · gain */
EXPORT void mix_add(float *sum, const float *samples, float gain, int count) {
  const Vec factor = wasm_f32x4_splat(gain);
  for (int i = 0; i < count; i += 4) {
    const Vec scaled = wasm_f32x4_mul(wasm_v128_load(samples + i), factor);
    wasm_v128_store(sum + i, wasm_f32x4_add(wasm_v128_load(sum + i), scaled));
  }
}

/** out = sum − samples · gain */
EXPORT void mix_without(float *out, const float *sum, const float *samples, float gain, int count) {
  const Vec factor = wasm_f32x4_splat(gain);
  for (int i = 0; i < count; i += 4) {
    const Vec scaled = wasm_f32x4_mul(wasm_v128_load(samples + i), factor);
    wasm_v128_store(out + i, wasm_f32x4_sub(wasm_v128_load(sum + i), scaled));
  }
}

/** The largest magnitude; 0 for samples that are not numbers. */
EXPORT float mix_peak(const float *samples, int count) {
  Vec peak = wasm_f32x4_splat(0);
  for (int i = 0; i < count; i += 4) {
    const Vec magnitude = wasm_f32x4_abs(wasm_v128_load(samples + i));
    peak = wasm_f32x4_pmax(peak, magnitude);
  }
  const float a = wasm_f32x4_extract_lane(peak, 0), b = wasm_f32x4_extract_lane(peak, 1);
  const float c = wasm_f32x4_extract_lane(peak, 2), d = wasm_f32x4_extract_lane(peak, 3);
  const float ab = a > b ? a : b, cd = c > d ? c : d;
  return ab > cd ? ab : cd;
}

/**
 * Scales `samples` in place with a gain that moves evenly from `from` to `to` over the first `ramp` of them, and stays;
 * what is still outside −1…1 is cut.
 */
EXPORT void mix_limit(float *samples, int count, float from, float to, int ramp) {
  const float slope = ramp > 0 ? (to - from) / (float)ramp : 0;
  const Vec one = wasm_f32x4_splat(1), minus_one = wasm_f32x4_splat(-1);
  for (int i = 0; i < count; i += 4) {
    const float gain = i < ramp ? from + slope * (float)i : to;
    const Vec scaled = wasm_f32x4_mul(wasm_v128_load(samples + i), wasm_f32x4_splat(gain));
    wasm_v128_store(samples + i, wasm_f32x4_pmin(one, wasm_f32x4_pmax(minus_one, scaled)));
  }
}
