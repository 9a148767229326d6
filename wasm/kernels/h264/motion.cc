// Owns H.264's motion compensation: quarter-pel luma, eighth-pel chroma, averaging. It replaces the function that fills
// openh264's table of them. Blocks are up to 17 wide; 5, 9 and 17 occur when the encoder refines a vector.
#include "simd.h"

#include <string.h>

#include "mc.h"

typedef const uint8_t *Source;
typedef uint8_t *Target;

/** The six-tap filter 1, −5, 20, 20, −5, 1 without rounding. */
static inline Vec six_taps(Vec a, Vec b, Vec c, Vec d, Vec e, Vec f) {
  const Vec outer = add(a, f), middle = add(b, e), inner = add(c, d);
  return add(sub(outer, wasm_i16x8_mul(middle, splat(5))), wasm_i16x8_mul(inner, splat(20)));
}

static inline Vec round_to_pixels(Vec sums) { return clip_to_bytes(shift_right(add(sums, splat(16)), 5)); }

static inline void store_columns(Target out, Vec bytes, int columns) {
  if (columns >= 8) {
    store8(out, bytes);
  } else {
    store4(out, bytes);
    if (columns == 5) out[4] = wasm_u8x16_extract_lane(bytes, 4);
  }
}

/** Where the next group of columns begins, when `done` are finished: the last group overlaps rather than spills. */
static inline int group_start(int done, int width) { return done + 8 > width && width >= 8 ? width - 8 : done; }
static inline int group_size(int start, int width) { return width - start >= 8 ? 8 : width - start; }

static void half_right(Source src, int32_t stride, Target out, int32_t out_stride, int32_t width, int32_t height) {
  for (int y = 0; y < height; y++, src += stride, out += out_stride) {
    for (int x = 0; x < width;) {
      x = group_start(x, width);
      const int columns = group_size(x, width);
      const Source p = src + x;
      const Vec sums =
          six_taps(pixels8(p - 2), pixels8(p - 1), pixels8(p), pixels8(p + 1), pixels8(p + 2), pixels8(p + 3));
      store_columns(out + x, round_to_pixels(sums), columns);
      x += columns;
    }
  }
}

static void half_down(Source src, int32_t stride, Target out, int32_t out_stride, int32_t width, int32_t height) {
  for (int x = 0; x < width;) {
    x = group_start(x, width);
    const int columns = group_size(x, width);
    Source p = src + x;
    Target q = out + x;
    Vec a = pixels8(p - 2 * stride), b = pixels8(p - stride), c = pixels8(p);
    Vec d = pixels8(p + stride), e = pixels8(p + 2 * stride);
    for (int y = 0; y < height; y++, p += stride, q += out_stride) {
      const Vec f = pixels8(p + 3 * stride);
      store_columns(q, round_to_pixels(six_taps(a, b, c, d, e, f)), columns);
      a = b;
      b = c;
      c = d;
      d = e;
      e = f;
    }
    x += columns;
  }
}

/** Half a pixel right and down: the vertical filter in words, then the horizontal one in longs. */
static void half_both(Source src, int32_t stride, Target out, int32_t out_stride, int32_t width, int32_t height) {
  int16_t row[32];
  const Vec first = wasm_i16x8_make(1, -5, 1, -5, 1, -5, 1, -5);
  const Vec last = wasm_i16x8_make(-5, 1, -5, 1, -5, 1, -5, 1);
  const Vec middle = splat(20), rounding = wasm_i32x4_splat(512);
  for (int y = 0; y < height; y++, src += stride, out += out_stride) {
    for (int x = 0; x < width + 5; x += 8) {
      const Source p = src - 2 + x;
      wasm_v128_store(row + x, six_taps(pixels8(p - 2 * stride), pixels8(p - stride), pixels8(p),
                                        pixels8(p + stride), pixels8(p + 2 * stride), pixels8(p + 3 * stride)));
    }
    for (int x = 0; x < width;) {
      x = group_start(x, width);
      const int columns = group_size(x, width);
      // A pairwise dot product gives every second column; the odd ones start one word later.
      Vec sums[2];
      for (int odd = 0; odd < 2; odd++) {
        const int16_t *p = row + x + odd;
        const Vec taps = wasm_i32x4_add(wasm_i32x4_add(wasm_i32x4_dot_i16x8(load16(p), first),
                                                       wasm_i32x4_dot_i16x8(load16(p + 2), middle)),
                                        wasm_i32x4_dot_i16x8(load16(p + 4), last));
        sums[odd] = wasm_i32x4_shr(wasm_i32x4_add(taps, rounding), 10);
      }
      const Vec words = wasm_i16x8_narrow_i32x4(sums[0], sums[1]);
      store_columns(out + x, clip_to_bytes(wasm_i16x8_shuffle(words, words, 0, 4, 1, 5, 2, 6, 3, 7)), columns);
      x += columns;
    }
  }
}

static void average(Target out, int32_t out_stride, Source a, int32_t stride_a, Source b, int32_t stride_b,
                    int32_t width, int32_t height) {
  for (int y = 0; y < height; y++, out += out_stride, a += stride_a, b += stride_b) {
    if (width >= 16) {
      wasm_v128_store(out, wasm_u8x16_avgr(load16(a), load16(b)));
    } else if (width == 8) {
      store8(out, wasm_u8x16_avgr(load8(a), load8(b)));
    } else {
      store4(out, wasm_u8x16_avgr(load4(a), load4(b)));
    }
  }
}

static void copy(Source src, int32_t stride, Target out, int32_t out_stride, int32_t width, int32_t height) {
  for (int y = 0; y < height; y++, src += stride, out += out_stride) {
    if (width == 16) {
      wasm_v128_store(out, load16(src));
    } else if (width == 8) {
      memcpy(out, src, 8);
    } else if (width == 4) {
      memcpy(out, src, 4);
    } else {
      memcpy(out, src, 2);
    }
  }
}

/** Luma at a quarter-pel vector (ITU-T H.264, 8.4.2.2.1): half-pel planes, and averages of two of them. */
static void luma(Source src, int32_t stride, Target out, int32_t out_stride, int16_t vector_x, int16_t vector_y,
                 int32_t width, int32_t height) {
  const int x = vector_x & 3, y = vector_y & 3;
  const Source nearer_column = src + (x >> 1), nearer_row = src + (y >> 1) * stride;
  uint8_t first[256], second[256];
  switch (y * 4 + x) {
    case 0:
      return copy(src, stride, out, out_stride, width, height);
    case 2:
      return half_right(src, stride, out, out_stride, width, height);
    case 8:
      return half_down(src, stride, out, out_stride, width, height);
    case 10:
      return half_both(src, stride, out, out_stride, width, height);
    case 1:
    case 3:
      half_right(src, stride, first, 16, width, height);
      return average(out, out_stride, nearer_column, stride, first, 16, width, height);
    case 4:
    case 12:
      half_down(src, stride, first, 16, width, height);
      return average(out, out_stride, nearer_row, stride, first, 16, width, height);
    case 6:
    case 14:
      half_right(nearer_row, stride, first, 16, width, height);
      half_both(src, stride, second, 16, width, height);
      break;
    case 9:
    case 11:
      half_down(nearer_column, stride, first, 16, width, height);
      half_both(src, stride, second, 16, width, height);
      break;
    default:
      half_right(nearer_row, stride, first, 16, width, height);
      half_down(nearer_column, stride, second, 16, width, height);
  }
  average(out, out_stride, first, 16, second, 16, width, height);
}

/** Chroma at an eighth-pel vector: bilinear (ITU-T H.264, 8.4.2.2.2). */
static void chroma(Source src, int32_t stride, Target out, int32_t out_stride, int16_t vector_x, int16_t vector_y,
                   int32_t width, int32_t height) {
  const int x = vector_x & 7, y = vector_y & 7;
  if (x == 0 && y == 0) return copy(src, stride, out, out_stride, width, height);
  const Vec upper_left = splat((8 - x) * (8 - y)), upper_right = splat(x * (8 - y));
  const Vec lower_left = splat((8 - x) * y), lower_right = splat(x * y);
  Vec above = pixels8(src), above_right = pixels8(src + 1);
  for (int row = 0; row < height; row++, out += out_stride) {
    src += stride;
    const Vec below = pixels8(src), below_right = pixels8(src + 1);
    const Vec upper = add(wasm_i16x8_mul(above, upper_left), wasm_i16x8_mul(above_right, upper_right));
    const Vec lower = add(wasm_i16x8_mul(below, lower_left), wasm_i16x8_mul(below_right, lower_right));
    const Vec bytes = clip_to_bytes(wasm_u16x8_shr(add(add(upper, lower), splat(32)), 6));
    if (width == 8) {
      store8(out, bytes);
    } else if (width == 4) {
      store4(out, bytes);
    } else {
      wasm_v128_store16_lane(out, bytes, 0);
    }
    above = below;
    above_right = below_right;
  }
}

void WelsCommon::InitMcFunc(SMcFunc *functions, uint32_t) {
  functions->pfLumaHalfpelHor = half_right;
  functions->pfLumaHalfpelVer = half_down;
  functions->pfLumaHalfpelCen = half_both;
  functions->pfSampleAveraging = average;
  functions->pMcLumaFunc = luma;
  functions->pMcChromaFunc = chroma;
}
