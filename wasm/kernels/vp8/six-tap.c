// Owns VP8's sub-pixel prediction (RFC 6386, section 18.3): six taps across, then six down, under the names by which
// libvpx calls its NEON versions.
#include "simd.h"

#include <string.h>

static const int16_t taps_at[8][6] = {
    {0, 0, 128, 0, 0, 0},     {0, -6, 123, 12, -1, 0}, {2, -11, 108, 36, -8, 1}, {0, -9, 93, 50, -6, 0},
    {3, -16, 77, 77, -16, 3}, {0, -6, 50, 93, -9, 0},  {1, -8, 36, 108, -11, 2}, {0, -1, 12, 123, -6, 0},
};

typedef struct {
  Vec tap[6];
} Taps;

static inline Taps taps_of(int offset) {
  Taps taps;
  for (int i = 0; i < 6; i++) taps.tap[i] = wasm_i16x8_splat(taps_at[offset][i]);
  return taps;
}

/** The filter over six rows or columns of words, as bytes. The two large products are added last, with saturation. */
static inline Vec six_taps(Vec a, Vec b, Vec c, Vec d, Vec e, Vec f, const Taps *taps) {
  const Vec *tap = taps->tap;
  const Vec outer = wasm_i16x8_add(wasm_i16x8_mul(a, tap[0]), wasm_i16x8_mul(f, tap[5]));
  const Vec middle = wasm_i16x8_add(wasm_i16x8_mul(b, tap[1]), wasm_i16x8_mul(e, tap[4]));
  Vec sum = wasm_i16x8_add(outer, middle);
  sum = wasm_i16x8_add_sat(sum, wasm_i16x8_mul(c, tap[2]));
  sum = wasm_i16x8_add_sat(sum, wasm_i16x8_mul(d, tap[3]));
  sum = wasm_i16x8_shr(wasm_i16x8_add_sat(sum, wasm_i16x8_splat(64)), 7);
  return wasm_u8x16_narrow_i16x8(sum, sum);
}

static inline void store_row(uint8_t *out, Vec bytes, int width) {
  if (width >= 8) {
    store_low8(out, bytes);
  } else {
    wasm_v128_store32_lane(out, bytes, 0);
  }
}

static inline Vec across(const uint8_t *p, const Taps *taps) {
  return six_taps(pixels8(p - 2), pixels8(p - 1), pixels8(p), pixels8(p + 1), pixels8(p + 2), pixels8(p + 3), taps);
}

/** Filters eight columns (or four) down; `in` needs two rows above and three below. */
static inline void down(const uint8_t *in, int stride, const Taps *taps, uint8_t *out, int out_stride, int width,
                        int height) {
  Vec a = pixels8(in - 2 * stride), b = pixels8(in - stride), c = pixels8(in);
  Vec d = pixels8(in + stride), e = pixels8(in + 2 * stride);
  for (int y = 0; y < height; y++, out += out_stride) {
    const Vec f = pixels8(in + (y + 3) * stride);
    store_row(out, six_taps(a, b, c, d, e, f, taps), width);
    a = b;
    b = c;
    c = d;
    d = e;
    e = f;
  }
}

static inline void predict(const uint8_t *src, int stride, int offset_x, int offset_y, uint8_t *out, int out_stride,
                           int width, int height) {
  const Taps right = taps_of(offset_x), below = taps_of(offset_y);
  // Eight columns of up to 16 + 5 rows, and what the last load reads beyond.
  uint8_t filtered[21 * 8 + 16];
  for (int x = 0; x < width; x += 8) {
    const uint8_t *in = src + x;
    if (offset_x == 0) {
      down(in, stride, &below, out + x, out_stride, width, height);
    } else if (offset_y == 0) {
      for (int y = 0; y < height; y++) store_row(out + x + y * out_stride, across(in + y * stride, &right), width);
    } else {
      for (int y = 0; y < height + 5; y++) store_low8(filtered + y * 8, across(in + (y - 2) * stride, &right));
      down(filtered + 2 * 8, 8, &below, out + x, out_stride, width, height);
    }
  }
}

#define DEFINE_PREDICT(width, height)                                                                         \
  void vp8_sixtap_predict##width##x##height##_neon(uint8_t *src, int stride, int offset_x, int offset_y,      \
                                                   uint8_t *out, int out_stride) {                            \
    predict(src, stride, offset_x, offset_y, out, out_stride, width, height);                                 \
  }

DEFINE_PREDICT(4, 4)
DEFINE_PREDICT(8, 4)
DEFINE_PREDICT(8, 8)
DEFINE_PREDICT(16, 16)
