// Owns drawing I420 pictures onto an I420 canvas: filled rectangles, and pictures scaled bilinearly (after averaging
// neighbours where they shrink much). A canvas is contiguous, its stride is its width; all positions and sizes are even.
#include <stdlib.h>
#include <string.h>
#include <wasm_simd128.h>

#include "export.h"

/** Wider rows would not fit the line buffer; no codec here makes them. */
enum { LARGEST_SIDE = 8192 };

typedef v128_t Vec;

/** How one plane is scaled. Weights are in 1/128. */
typedef struct {
  int from_width, from_height, to_width, to_height;
  /** How often the plane is first averaged down by two, in each direction. */
  int halvings_x, halvings_y;
  int groups;
  /** For each group of eight output columns: its first source column, then left and right neighbours and weights. */
  int *first_column;
  uint8_t *neighbours, *column_weights;
  /** For each output row: the upper source row and the weight of the lower one. */
  int *row;
  uint8_t *row_weight;
} Plan;

typedef struct {
  Plan luma, chroma;
} Scaler;

static uint8_t line[LARGEST_SIDE + OVERREAD];

/** Where a plane is averaged down: two buffers that take turns, as large as the largest scaler so far needs. */
static uint8_t *halved[2];
static int halved_size;

static int reserve_halved(int size) {
  if (size <= halved_size) return 1;
  halved_size = 0;
  for (int i = 0; i < 2; i++) {
    free(halved[i]);
    halved[i] = malloc(size);
  }
  if (!halved[0] || !halved[1]) return 0;
  halved_size = size;
  return 1;
}

/** Source position of an output sample's centre, in 1/128 of a source sample. */
static int position(int output, int from, int to, int *weight) {
  const int64_t at = (int64_t)(2 * output + 1) * from * 128 / (2 * to) - 64;
  const int sample = at < 0 ? 0 : (int)(at >> 7);
  if (sample >= from - 1) {
    *weight = 0;
    return from - 1;
  }
  *weight = at < 0 ? 0 : (int)(at & 127);
  return sample;
}

static void plan_free(Plan *plan) {
  free(plan->first_column);
  free(plan->neighbours);
  free(plan->column_weights);
  free(plan->row);
  free(plan->row_weight);
}

/** Beyond 1.85 source samples per output one, eight outputs would need more than the sixteen bytes of one vector. */
static int halvings(int *from, int to) {
  int count = 0;
  for (; *from >= 1.85 * to; *from /= 2) count++;
  return count;
}

static int plan_make(Plan *plan, int from_width, int from_height, int to_width, int to_height) {
  plan->halvings_x = halvings(&from_width, to_width);
  plan->halvings_y = halvings(&from_height, to_height);
  plan->from_width = from_width;
  plan->from_height = from_height;
  plan->to_width = to_width;
  plan->to_height = to_height;
  plan->groups = (to_width + 7) / 8;
  plan->first_column = malloc(plan->groups * sizeof *plan->first_column);
  plan->neighbours = malloc(plan->groups * 16);
  plan->column_weights = malloc(plan->groups * 16);
  plan->row = malloc(to_height * sizeof *plan->row);
  plan->row_weight = malloc(to_height);
  if (!plan->first_column || !plan->neighbours || !plan->column_weights || !plan->row || !plan->row_weight) return 0;
  for (int group = 0; group < plan->groups; group++) {
    for (int i = 0; i < 8; i++) {
      const int x = group * 8 + i < to_width ? group * 8 + i : to_width - 1;
      int weight;
      const int column = position(x, from_width, to_width, &weight);
      if (i == 0) plan->first_column[group] = column;
      const int left = column - plan->first_column[group];
      plan->neighbours[group * 16 + i] = left;
      plan->neighbours[group * 16 + 8 + i] = left + (weight > 0);
      plan->column_weights[group * 16 + i] = 128 - weight;
      plan->column_weights[group * 16 + 8 + i] = weight;
    }
  }
  for (int y = 0; y < to_height; y++) {
    int weight;
    plan->row[y] = position(y, from_height, to_height, &weight);
    plan->row_weight[y] = weight;
  }
  return 1;
}

/** Averages pairs of columns, of rows, or both. Writes up to seven bytes beyond `width`. */
static void halve(const uint8_t *src, int stride, uint8_t *out, int out_stride, int width, int height, int by_x,
                  int by_y) {
  for (int y = 0; y < height; y++, src += stride << by_y, out += out_stride) {
    const uint8_t *below = by_y ? src + stride : src;
    for (int x = 0; x < width; x += 8) {
      if (by_x) {
        const Vec sums = wasm_i16x8_add(wasm_u16x8_extadd_pairwise_u8x16(wasm_v128_load(src + 2 * x)),
                                        wasm_u16x8_extadd_pairwise_u8x16(wasm_v128_load(below + 2 * x)));
        const Vec words = wasm_u16x8_shr(wasm_i16x8_add(sums, wasm_i16x8_splat(2)), 2);
        wasm_v128_store64_lane(out + x, wasm_u8x16_narrow_i16x8(words, words), 0);
      } else {
        const Vec bytes = wasm_u8x16_avgr(wasm_v128_load64_zero(src + x), wasm_v128_load64_zero(below + x));
        wasm_v128_store64_lane(out + x, bytes, 0);
      }
    }
  }
}

/** Mixes two rows into the line buffer. */
static void blend_rows(const uint8_t *upper, const uint8_t *lower, int weight, int width) {
  const Vec upper_weight = wasm_i8x16_splat(128 - weight), lower_weight = wasm_i8x16_splat(weight);
  const Vec rounding = wasm_i16x8_splat(64);
  for (int x = 0; x < width; x += 16) {
    const Vec a = wasm_v128_load(upper + x), b = wasm_v128_load(lower + x);
    const Vec low = wasm_i16x8_add(wasm_u16x8_extmul_low_u8x16(a, upper_weight),
                                   wasm_u16x8_extmul_low_u8x16(b, lower_weight));
    const Vec high = wasm_i16x8_add(wasm_u16x8_extmul_high_u8x16(a, upper_weight),
                                    wasm_u16x8_extmul_high_u8x16(b, lower_weight));
    wasm_v128_store(line + x, wasm_u8x16_narrow_i16x8(wasm_u16x8_shr(wasm_i16x8_add(low, rounding), 7),
                                                      wasm_u16x8_shr(wasm_i16x8_add(high, rounding), 7)));
  }
}

/** Scales one row: left and right neighbours of eight outputs are gathered into one vector and weighted at once. */
static void scale_row(const Plan *plan, const uint8_t *row, uint8_t *out) {
  const Vec rounding = wasm_i16x8_splat(64);
  for (int group = 0; group < plan->groups; group++) {
    const Vec pixels = wasm_i8x16_swizzle(wasm_v128_load(row + plan->first_column[group]),
                                          wasm_v128_load(plan->neighbours + 16 * group));
    const Vec weights = wasm_v128_load(plan->column_weights + 16 * group);
    const Vec sums = wasm_i16x8_add(wasm_u16x8_extmul_low_u8x16(pixels, weights),
                                    wasm_u16x8_extmul_high_u8x16(pixels, weights));
    const Vec words = wasm_u16x8_shr(wasm_i16x8_add(sums, rounding), 7);
    const Vec bytes = wasm_u8x16_narrow_i16x8(words, words);
    const int columns = plan->to_width - 8 * group;
    if (columns >= 8) {
      wasm_v128_store64_lane(out + 8 * group, bytes, 0);
    } else {
      uint8_t rest[16];
      wasm_v128_store(rest, bytes);
      memcpy(out + 8 * group, rest, columns);
    }
  }
}

static void draw_plane(const Plan *plan, const uint8_t *src, int stride, uint8_t *out, int out_stride) {
  int width = plan->from_width << plan->halvings_x, height = plan->from_height << plan->halvings_y;
  int turn = 0;
  for (int x = plan->halvings_x, y = plan->halvings_y; x > 0 || y > 0; turn ^= 1) {
    const int by_x = x > 0, by_y = y > 0;
    width >>= by_x;
    height >>= by_y;
    const int halved_stride = (width + 15) & ~15;
    halve(src, stride, halved[turn], halved_stride, width, height, by_x, by_y);
    src = halved[turn];
    stride = halved_stride;
    x -= by_x;
    y -= by_y;
  }
  for (int y = 0; y < plan->to_height; y++, out += out_stride) {
    const uint8_t *row = src + plan->row[y] * stride;
    if (plan->row_weight[y]) {
      blend_rows(row, row + stride, plan->row_weight[y], plan->from_width);
      row = line;
    }
    if (plan->from_width == plan->to_width) {
      memcpy(out, row, plan->to_width);
    } else {
      scale_row(plan, row, out);
    }
  }
}

EXPORT void scaler_destroy(Scaler *self) {
  plan_free(&self->luma);
  plan_free(&self->chroma);
  free(self);
}

/** Scales from one even size to another; null when a side is out of range or memory is short. */
EXPORT Scaler *scaler_create(int from_width, int from_height, int to_width, int to_height) {
  const int sides[4] = {from_width, from_height, to_width, to_height};
  for (int i = 0; i < 4; i++) {
    if (sides[i] < 2 || sides[i] > LARGEST_SIDE || sides[i] % 2 != 0) return NULL;
  }
  Scaler *self = calloc(1, sizeof *self);
  if (!self) return NULL;
  // The first halving leaves the most, and in the worst case it is in one direction only.
  if (plan_make(&self->luma, from_width, from_height, to_width, to_height) &&
      plan_make(&self->chroma, from_width / 2, from_height / 2, to_width / 2, to_height / 2) &&
      reserve_halved((from_width + 16) * from_height + OVERREAD)) {
    return self;
  }
  scaler_destroy(self);
  return NULL;
}

/**
 * Draws the planes that begin at `y`, `u`, `v` (already moved to the part that is wanted) with their upper left corner at
 * (`at_x`, `at_y`) of the canvas. All inside, all even.
 */
EXPORT void scaler_draw(const Scaler *self, const uint8_t *y, const uint8_t *u, const uint8_t *v, int stride_y,
                        int stride_uv, uint8_t *canvas, int canvas_width, int canvas_height, int at_x, int at_y) {
  const int luma = canvas_width * canvas_height, half = canvas_width / 2;
  const int chroma = luma + at_y / 2 * half + at_x / 2;
  draw_plane(&self->luma, y, stride_y, canvas + at_y * canvas_width + at_x, canvas_width);
  draw_plane(&self->chroma, u, stride_uv, canvas + chroma, half);
  draw_plane(&self->chroma, v, stride_uv, canvas + chroma + luma / 4, half);
}

static void fill_plane(uint8_t *out, int stride, int width, int height, int value) {
  for (int y = 0; y < height; y++) memset(out + y * stride, value, width);
}

/** Fills a rectangle of the canvas with one colour. */
EXPORT void canvas_fill(uint8_t *canvas, int canvas_width, int canvas_height, int x, int y, int width, int height,
                        int luma, int cb, int cr) {
  const int size = canvas_width * canvas_height, half = canvas_width / 2;
  const int chroma = size + y / 2 * half + x / 2;
  fill_plane(canvas + y * canvas_width + x, canvas_width, width, height, luma);
  fill_plane(canvas + chroma, half, width / 2, height / 2, cb);
  fill_plane(canvas + chroma + size / 4, half, width / 2, height / 2, cr);
}
