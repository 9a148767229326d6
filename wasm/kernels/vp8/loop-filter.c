// Owns VP8's normal loop filter (RFC 6386, section 15.3) for inner edges and for macroblock edges, luma and chroma, both
// directions, under the names by which libvpx calls its NEON versions. Sixteen pixels of an edge at a time; chroma takes
// eight of U and eight of V.
#include "simd.h"

/** Eight pixels across each of sixteen places of an edge, as unsigned bytes. */
typedef union {
  struct {
    Vec p3, p2, p1, p0, q0, q1, q2, q3;
  };
  Vec row[8];
} Edge;

typedef struct {
  uint8_t edge, interior, variance;
} Limits;

static inline Vec splat(int value) { return wasm_i8x16_splat((int8_t)value); }
static inline Vec max(Vec a, Vec b) { return wasm_u8x16_max(a, b); }
static inline Vec plus(Vec a, Vec b) { return wasm_i8x16_add_sat(a, b); }
static inline Vec minus(Vec a, Vec b) { return wasm_i8x16_sub_sat(a, b); }
static inline Vec distance(Vec a, Vec b) {
  return wasm_v128_or(wasm_u8x16_sub_sat(a, b), wasm_u8x16_sub_sat(b, a));
}

/** Unsigned bytes to signed ones around zero, and back. */
static inline Vec flip_sign(Vec a) { return wasm_v128_xor(a, splat(0x80)); }

static inline Vec is_filtered(const Edge *e, Limits limits) {
  const Vec p_side = max(max(distance(e->p3, e->p2), distance(e->p2, e->p1)), distance(e->p1, e->p0));
  const Vec q_side = max(max(distance(e->q3, e->q2), distance(e->q2, e->q1)), distance(e->q1, e->q0));
  const Vec is_smooth = wasm_u8x16_le(max(p_side, q_side), splat(limits.interior));
  const Vec step = distance(e->p0, e->q0);
  const Vec across = wasm_u8x16_add_sat(wasm_u8x16_add_sat(step, step), wasm_u8x16_shr(distance(e->p1, e->q1), 1));
  return wasm_v128_and(is_smooth, wasm_u8x16_le(across, splat(limits.edge)));
}

static inline Vec has_high_variance(const Edge *e, Limits limits) {
  return wasm_u8x16_gt(max(distance(e->p1, e->p0), distance(e->q1, e->q0)), splat(limits.variance));
}

/** a + 3·(q0 − p0), saturating after each addition as the specification asks. */
static inline Vec common_adjustment(Vec a, Vec p0, Vec q0) {
  const Vec step = minus(q0, p0);
  return plus(plus(plus(a, step), step), step);
}

static inline void filter_inner(Edge *e, Limits limits) {
  const Vec filtered = is_filtered(e, limits), varied = has_high_variance(e, limits);
  Vec p1 = flip_sign(e->p1), p0 = flip_sign(e->p0), q0 = flip_sign(e->q0), q1 = flip_sign(e->q1);
  const Vec outer = wasm_v128_and(minus(p1, q1), varied);
  const Vec change = wasm_v128_and(common_adjustment(outer, p0, q0), filtered);
  const Vec q_change = wasm_i8x16_shr(plus(change, splat(4)), 3);
  const Vec p_change = wasm_i8x16_shr(plus(change, splat(3)), 3);
  q0 = minus(q0, q_change);
  p0 = plus(p0, p_change);
  const Vec half = wasm_i8x16_shr(wasm_i8x16_add(q_change, splat(1)), 1);
  const Vec outer_change = wasm_v128_andnot(half, varied);
  q1 = minus(q1, outer_change);
  p1 = plus(p1, outer_change);
  e->p1 = flip_sign(p1);
  e->p0 = flip_sign(p0);
  e->q0 = flip_sign(q0);
  e->q1 = flip_sign(q1);
}

/** (weight·change + 63) / 128, clipped to a signed byte; `change` as words. */
static inline Vec weighted(Vec low, Vec high, int weight) {
  const Vec factor = wasm_i16x8_splat(weight), rounding = wasm_i16x8_splat(63);
  low = wasm_i16x8_shr(wasm_i16x8_add(wasm_i16x8_mul(low, factor), rounding), 7);
  high = wasm_i16x8_shr(wasm_i16x8_add(wasm_i16x8_mul(high, factor), rounding), 7);
  return wasm_i8x16_narrow_i16x8(low, high);
}

static inline void filter_macroblock(Edge *e, Limits limits) {
  const Vec filtered = is_filtered(e, limits), varied = has_high_variance(e, limits);
  Vec p2 = flip_sign(e->p2), p1 = flip_sign(e->p1), p0 = flip_sign(e->p0);
  Vec q0 = flip_sign(e->q0), q1 = flip_sign(e->q1), q2 = flip_sign(e->q2);
  const Vec change = wasm_v128_and(common_adjustment(minus(p1, q1), p0, q0), filtered);

  const Vec sharp = wasm_v128_and(change, varied);
  q0 = minus(q0, wasm_i8x16_shr(plus(sharp, splat(4)), 3));
  p0 = plus(p0, wasm_i8x16_shr(plus(sharp, splat(3)), 3));

  const Vec soft = wasm_v128_andnot(change, varied);
  const Vec low = wasm_i16x8_extend_low_i8x16(soft), high = wasm_i16x8_extend_high_i8x16(soft);
  const Vec near = weighted(low, high, 27), middle = weighted(low, high, 18), far = weighted(low, high, 9);
  e->q0 = flip_sign(minus(q0, near));
  e->p0 = flip_sign(plus(p0, near));
  e->q1 = flip_sign(minus(q1, middle));
  e->p1 = flip_sign(plus(p1, middle));
  e->q2 = flip_sign(minus(q2, far));
  e->p2 = flip_sign(plus(p2, far));
}

static inline Edge load_rows(const uint8_t *pixels, int pitch) {
  Edge e;
  for (int i = 0; i < 8; i++) e.row[i] = load16(pixels + (i - 4) * pitch);
  return e;
}

static inline Edge load_rows_twice(const uint8_t *u, const uint8_t *v, int pitch) {
  Edge e;
  for (int i = 0; i < 8; i++) e.row[i] = load8_twice(u + (i - 4) * pitch, v + (i - 4) * pitch);
  return e;
}

/** Stores rows `first` … 7 − `first`, those that a filter may have changed. */
static inline void store_rows(const Edge *e, int first, uint8_t *pixels, int pitch) {
  for (int i = first; i < 8 - first; i++) store16(pixels + (i - 4) * pitch, e->row[i]);
}

static inline void store_rows_twice(const Edge *e, int first, uint8_t *u, uint8_t *v, int pitch) {
  for (int i = first; i < 8 - first; i++) {
    store_low8(u + (i - 4) * pitch, e->row[i]);
    store_high8(v + (i - 4) * pitch, e->row[i]);
  }
}

/** Transposes two blocks of 8×8 pixels into one edge. */
static inline Edge load_columns(const uint8_t *a, const uint8_t *b, int pitch) {
  Vec v[8], w[8];
  Edge e;
  a -= 4;
  b -= 4;
  for (int i = 0; i < 8; i++) v[i] = low_bytes(load8(a + i * pitch), load8(b + i * pitch));
  for (int i = 0; i < 4; i++) {
    w[i] = low_bytes(v[i], v[i + 4]);
    w[i + 4] = high_bytes(v[i], v[i + 4]);
  }
  for (int half = 0; half < 8; half += 4) {
    for (int i = half; i < half + 2; i++) {
      v[i] = low_bytes(w[i], w[i + 2]);
      v[i + 2] = high_bytes(w[i], w[i + 2]);
    }
  }
  for (int i = 0; i < 8; i += 2) {
    e.row[i] = low_bytes(v[i], v[i + 1]);
    e.row[i + 1] = high_bytes(v[i], v[i + 1]);
  }
  return e;
}

/** Transposes half an edge back into 8×8 pixels; `c` are its bytes interleaved column 0 with 4, 2 with 6, 1 with 5, 3 with 7. */
static inline void store_8x8(const Vec c[4], uint8_t *pixels, int pitch) {
  const Vec quarter[4] = {low_bytes(c[0], c[1]), high_bytes(c[0], c[1]), low_bytes(c[2], c[3]),
                          high_bytes(c[2], c[3])};
  for (int i = 0; i < 2; i++) {
    const Vec rows01 = low_bytes(quarter[i], quarter[i + 2]), rows23 = high_bytes(quarter[i], quarter[i + 2]);
    store_low8(pixels + (4 * i) * pitch, rows01);
    store_high8(pixels + (4 * i + 1) * pitch, rows01);
    store_low8(pixels + (4 * i + 2) * pitch, rows23);
    store_high8(pixels + (4 * i + 3) * pitch, rows23);
  }
}

static inline void store_columns(const Edge *e, uint8_t *a, uint8_t *b, int pitch) {
  const Vec *r = e->row;
  const Vec low[4] = {low_bytes(r[0], r[4]), low_bytes(r[2], r[6]), low_bytes(r[1], r[5]), low_bytes(r[3], r[7])};
  const Vec high[4] = {high_bytes(r[0], r[4]), high_bytes(r[2], r[6]), high_bytes(r[1], r[5]),
                       high_bytes(r[3], r[7])};
  store_8x8(low, a - 4, pitch);
  store_8x8(high, b - 4, pitch);
}

/** Defines the four forms of a filter, which changes rows `first` … 7 − `first` of an edge. */
#define DEFINE_FILTERS(name, filter, first)                                                                        \
  void vp8_##name##_horizontal_edge_y_neon(uint8_t *y, int pitch, uint8_t edge, uint8_t interior, uint8_t variance) { \
    Edge e = load_rows(y, pitch);                                                                                  \
    filter(&e, (Limits){edge, interior, variance});                                                                \
    store_rows(&e, first, y, pitch);                                                                               \
  }                                                                                                                \
  void vp8_##name##_horizontal_edge_uv_neon(uint8_t *u, int pitch, uint8_t edge, uint8_t interior, uint8_t variance, \
                                            uint8_t *v) {                                                          \
    Edge e = load_rows_twice(u, v, pitch);                                                                         \
    filter(&e, (Limits){edge, interior, variance});                                                                \
    store_rows_twice(&e, first, u, v, pitch);                                                                      \
  }                                                                                                                \
  void vp8_##name##_vertical_edge_y_neon(uint8_t *y, int pitch, uint8_t edge, uint8_t interior, uint8_t variance) { \
    Edge e = load_columns(y, y + 8 * pitch, pitch);                                                                \
    filter(&e, (Limits){edge, interior, variance});                                                                \
    store_columns(&e, y, y + 8 * pitch, pitch);                                                                    \
  }                                                                                                                \
  void vp8_##name##_vertical_edge_uv_neon(uint8_t *u, int pitch, uint8_t edge, uint8_t interior, uint8_t variance, \
                                          uint8_t *v) {                                                            \
    Edge e = load_columns(u, v, pitch);                                                                            \
    filter(&e, (Limits){edge, interior, variance});                                                                \
    store_columns(&e, u, v, pitch);                                                                                \
  }

DEFINE_FILTERS(loop_filter, filter_inner, 2)
DEFINE_FILTERS(mbloop_filter, filter_macroblock, 1)
