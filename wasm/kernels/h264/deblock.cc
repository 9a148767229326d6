// Owns H.264's deblocking of edges with boundary strength below 4, luma and chroma, both directions (ITU-T H.264, 8.7.2.3).
// V: the edge is horizontal and filtered vertically; H: the edge is vertical. Same results as openh264's C definitions.
#include "simd.h"

static inline Vec less(Vec a, Vec b) { return wasm_i16x8_lt(a, b); }
static inline Vec both(Vec a, Vec b) { return wasm_v128_and(a, b); }
static inline Vec distance(Vec a, Vec b) { return wasm_i16x8_abs(sub(a, b)); }
static inline Vec within(Vec value, Vec limit) {
  return wasm_i16x8_max(wasm_i16x8_min(value, limit), wasm_i16x8_neg(limit));
}

/** The pixels across an edge, p on one side and q on the other, 0 the nearest. */
struct LumaEdge {
  Vec p2, p1, p0, q0, q1, q2;
};

static inline Vec is_blocky(Vec p1, Vec p0, Vec q0, Vec q1, Vec alpha, Vec beta) {
  return both(both(less(distance(p0, q0), alpha), less(distance(p1, p0), beta)), less(distance(q1, q0), beta));
}

static inline Vec edge_step(Vec p1, Vec p0, Vec q0, Vec q1, Vec limit) {
  const Vec slope = add(add(shift_left(sub(q0, p0), 2), sub(p1, q1)), splat(4));
  return within(shift_right(slope, 3), limit);
}

static inline void filter_luma(LumaEdge &e, Vec alpha, Vec beta, Vec strength) {
  const Vec active = both(is_blocky(e.p1, e.p0, e.q0, e.q1, alpha, beta), wasm_i16x8_ge(strength, splat(0)));
  if (!wasm_v128_any_true(active)) return;
  const Vec smooth_p = both(active, less(distance(e.p2, e.p0), beta));
  const Vec smooth_q = both(active, less(distance(e.q2, e.q0), beta));
  // A mask is −1 where set, so subtracting both adds one for each smooth side.
  const Vec limit = sub(sub(strength, smooth_p), smooth_q);
  const Vec step = both(edge_step(e.p1, e.p0, e.q0, e.q1, limit), active);
  const Vec middle = shift_right(add(add(e.p0, e.q0), splat(1)), 1);
  const Vec step_p = shift_right(sub(add(e.p2, middle), shift_left(e.p1, 1)), 1);
  const Vec step_q = shift_right(sub(add(e.q2, middle), shift_left(e.q1, 1)), 1);
  e.p1 = add(e.p1, both(within(step_p, strength), smooth_p));
  e.q1 = add(e.q1, both(within(step_q, strength), smooth_q));
  e.p0 = add(e.p0, step);
  e.q0 = sub(e.q0, step);
}

static inline void filter_chroma(Vec p1, Vec &p0, Vec &q0, Vec q1, Vec alpha, Vec beta, Vec strength) {
  const Vec active = both(is_blocky(p1, p0, q0, q1, alpha, beta), wasm_i16x8_gt(strength, splat(0)));
  const Vec step = both(edge_step(p1, p0, q0, q1, strength), active);
  p0 = add(p0, step);
  q0 = sub(q0, step);
}

/** Strengths of eight luma pixels: one value for each four. */
static inline Vec luma_strengths(const int8_t *tc) {
  return wasm_i16x8_make(tc[0], tc[0], tc[0], tc[0], tc[1], tc[1], tc[1], tc[1]);
}

/** Strengths of eight chroma pixels: one value for each two. */
static inline Vec chroma_strengths(const int8_t *tc) {
  return wasm_i16x8_make(tc[0], tc[0], tc[1], tc[1], tc[2], tc[2], tc[3], tc[3]);
}

static inline bool is_off(const int8_t *tc) { return tc[0] < 0 && tc[1] < 0; }

void DeblockLumaLt4V_c(uint8_t *pixels, int32_t stride, int32_t alpha, int32_t beta, int8_t *tc) {
  for (int half = 0; half < 2; half++, pixels += 8, tc += 2) {
    if (is_off(tc)) continue;
    LumaEdge e = {pixels8(pixels - 3 * stride), pixels8(pixels - 2 * stride), pixels8(pixels - stride),
                  pixels8(pixels),              pixels8(pixels + stride),     pixels8(pixels + 2 * stride)};
    filter_luma(e, splat(alpha), splat(beta), luma_strengths(tc));
    store8(pixels - 2 * stride, clip_to_bytes(e.p1));
    store8(pixels - stride, clip_to_bytes(e.p0));
    store8(pixels, clip_to_bytes(e.q0));
    store8(pixels + stride, clip_to_bytes(e.q1));
  }
}

void DeblockLumaLt4H_c(uint8_t *pixels, int32_t stride, int32_t alpha, int32_t beta, int8_t *tc) {
  for (int half = 0; half < 2; half++, pixels += 8 * stride, tc += 2) {
    if (is_off(tc)) continue;
    Vec r[8];
    for (int y = 0; y < 8; y++) r[y] = pixels8(pixels + y * stride - 4);
    transpose_8x8(r);
    LumaEdge e = {r[1], r[2], r[3], r[4], r[5], r[6]};
    filter_luma(e, splat(alpha), splat(beta), luma_strengths(tc));
    r[2] = e.p1;
    r[3] = e.p0;
    r[4] = e.q0;
    r[5] = e.q1;
    transpose_8x8(r);
    for (int y = 0; y < 8; y++) store8(pixels + y * stride - 4, clip_to_bytes(r[y]));
  }
}

void DeblockChromaLt4V_c(uint8_t *cb, uint8_t *cr, int32_t stride, int32_t alpha, int32_t beta, int8_t *tc) {
  uint8_t *planes[2] = {cb, cr};
  for (uint8_t *pixels : planes) {
    Vec p0 = pixels8(pixels - stride), q0 = pixels8(pixels);
    filter_chroma(pixels8(pixels - 2 * stride), p0, q0, pixels8(pixels + stride), splat(alpha), splat(beta),
                  chroma_strengths(tc));
    store8(pixels - stride, clip_to_bytes(p0));
    store8(pixels, clip_to_bytes(q0));
  }
}

void DeblockChromaLt4H_c(uint8_t *cb, uint8_t *cr, int32_t stride, int32_t alpha, int32_t beta, int8_t *tc) {
  uint8_t *planes[2] = {cb, cr};
  for (uint8_t *pixels : planes) {
    Vec r[8];
    for (int y = 0; y < 8; y++) r[y] = pixels4(pixels + y * stride - 2);
    transpose_8x8(r);
    filter_chroma(r[0], r[1], r[2], r[3], splat(alpha), splat(beta), chroma_strengths(tc));
    transpose_8x8(r);
    for (int y = 0; y < 8; y++) store4(pixels + y * stride - 2, clip_to_bytes(r[y]));
  }
}
