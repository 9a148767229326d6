// Owns what the kernel tests call: every function that a kernel replaces, under plain names. It is linked twice, with the
// kernels (kernels-simd.wasm) and, as PLAIN, with the libraries' own C (kernels-plain.wasm); both must agree.
#include "export.h"
#include "mc.h"

typedef uint8_t Pixel;

#define FOR_BLOCKS(USE) USE(16, 16) USE(16, 8) USE(8, 16) USE(8, 8)

#define DECLARE_SAD(w, h)                                                         \
  int32_t WelsSampleSad##w##x##h##_c(Pixel *, int32_t, Pixel *, int32_t);         \
  void WelsSampleSadFour##w##x##h##_c(Pixel *, int32_t, Pixel *, int32_t, int32_t *);
#define DECLARE_SATD(w, h) int32_t WelsSampleSatd##w##x##h##_c(Pixel *, int32_t, Pixel *, int32_t);

FOR_BLOCKS(DECLARE_SAD)
void DeblockLumaLt4V_c(Pixel *, int32_t, int32_t, int32_t, int8_t *);
void DeblockLumaLt4H_c(Pixel *, int32_t, int32_t, int32_t, int8_t *);
void DeblockChromaLt4V_c(Pixel *, Pixel *, int32_t, int32_t, int32_t, int8_t *);
void DeblockChromaLt4H_c(Pixel *, Pixel *, int32_t, int32_t, int32_t, int8_t *);

namespace WelsEnc {
FOR_BLOCKS(DECLARE_SATD)
DECLARE_SATD(4, 4)
void WelsDctT4_c(int16_t *, Pixel *, int32_t, Pixel *, int32_t);
void WelsDctFourT4_c(int16_t *, Pixel *, int32_t, Pixel *, int32_t);
void WelsIDctT4Rec_c(Pixel *, int32_t, Pixel *, int32_t, int16_t *);
void WelsIDctFourT4Rec_c(Pixel *, int32_t, Pixel *, int32_t, int16_t *);
void WelsQuant4x4_c(int16_t *, const int16_t *, const int16_t *);
void WelsQuantFour4x4_c(int16_t *, const int16_t *, const int16_t *);
void WelsQuantFour4x4Max_c(int16_t *, const int16_t *, const int16_t *, int16_t *);
int32_t WelsGetNoneZeroCount_c(int16_t *);
}  // namespace WelsEnc

namespace WelsDec {
void IdctResAddPred_c(Pixel *, const int32_t, int16_t *);
}

namespace WelsVP {
void VAACalcSadBgd_c(const Pixel *, const Pixel *, int32_t, int32_t, int32_t, int32_t *, int32_t *, int32_t *,
                     Pixel *);
}

#define PROBE_SAD(w, h)                                                                           \
  EXPORT int probe_sad_##w##x##h(Pixel *a, int stride_a, Pixel *b, int stride_b) {                \
    return WelsSampleSad##w##x##h##_c(a, stride_a, b, stride_b);                                  \
  }                                                                                               \
  EXPORT void probe_sad_four_##w##x##h(Pixel *a, int stride_a, Pixel *b, int stride_b, int *out) { \
    WelsSampleSadFour##w##x##h##_c(a, stride_a, b, stride_b, (int32_t *)out);                     \
  }
#define PROBE_SATD(w, h)                                                            \
  EXPORT int probe_satd_##w##x##h(Pixel *a, int stride_a, Pixel *b, int stride_b) { \
    return WelsEnc::WelsSampleSatd##w##x##h##_c(a, stride_a, b, stride_b);          \
  }

FOR_BLOCKS(PROBE_SAD)
FOR_BLOCKS(PROBE_SATD)
PROBE_SATD(4, 4)

EXPORT void probe_dct(int16_t *block, Pixel *a, int stride_a, Pixel *b, int stride_b) {
  WelsEnc::WelsDctT4_c(block, a, stride_a, b, stride_b);
}
EXPORT void probe_dct_four(int16_t *blocks, Pixel *a, int stride_a, Pixel *b, int stride_b) {
  WelsEnc::WelsDctFourT4_c(blocks, a, stride_a, b, stride_b);
}
EXPORT void probe_idct(Pixel *out, int stride, Pixel *prediction, int prediction_stride, int16_t *block) {
  WelsEnc::WelsIDctT4Rec_c(out, stride, prediction, prediction_stride, block);
}
EXPORT void probe_idct_four(Pixel *out, int stride, Pixel *prediction, int prediction_stride, int16_t *blocks) {
  WelsEnc::WelsIDctFourT4Rec_c(out, stride, prediction, prediction_stride, blocks);
}
EXPORT void probe_idct_in_place(Pixel *pixels, int stride, int16_t *block) {
  WelsDec::IdctResAddPred_c(pixels, stride, block);
}
EXPORT void probe_quantise(int16_t *block, const int16_t *rounding, const int16_t *factor) {
  WelsEnc::WelsQuant4x4_c(block, rounding, factor);
}
EXPORT void probe_quantise_four(int16_t *blocks, const int16_t *rounding, const int16_t *factor) {
  WelsEnc::WelsQuantFour4x4_c(blocks, rounding, factor);
}
EXPORT void probe_quantise_four_max(int16_t *blocks, const int16_t *rounding, const int16_t *factor, int16_t *max) {
  WelsEnc::WelsQuantFour4x4Max_c(blocks, rounding, factor, max);
}
EXPORT int probe_nonzero(int16_t *block) { return WelsEnc::WelsGetNoneZeroCount_c(block); }

static SMcFunc motion() {
  SMcFunc functions;
  WelsCommon::InitMcFunc(&functions, 0);
  return functions;
}
EXPORT void probe_luma(const Pixel *src, int stride, Pixel *out, int out_stride, int x, int y, int w, int h) {
  motion().pMcLumaFunc(src, stride, out, out_stride, x, y, w, h);
}
EXPORT void probe_chroma(const Pixel *src, int stride, Pixel *out, int out_stride, int x, int y, int w, int h) {
  motion().pMcChromaFunc(src, stride, out, out_stride, x, y, w, h);
}
EXPORT void probe_half_right(const Pixel *src, int stride, Pixel *out, int out_stride, int w, int h) {
  motion().pfLumaHalfpelHor(src, stride, out, out_stride, w, h);
}
EXPORT void probe_half_down(const Pixel *src, int stride, Pixel *out, int out_stride, int w, int h) {
  motion().pfLumaHalfpelVer(src, stride, out, out_stride, w, h);
}
EXPORT void probe_half_both(const Pixel *src, int stride, Pixel *out, int out_stride, int w, int h) {
  motion().pfLumaHalfpelCen(src, stride, out, out_stride, w, h);
}
EXPORT void probe_average(Pixel *out, int out_stride, const Pixel *a, const Pixel *b, int stride, int w, int h) {
  motion().pfSampleAveraging(out, out_stride, a, stride, b, stride, w, h);
}

EXPORT void probe_deblock_luma_v(Pixel *pixels, int stride, int alpha, int beta, int8_t *tc) {
  DeblockLumaLt4V_c(pixels, stride, alpha, beta, tc);
}
EXPORT void probe_deblock_luma_h(Pixel *pixels, int stride, int alpha, int beta, int8_t *tc) {
  DeblockLumaLt4H_c(pixels, stride, alpha, beta, tc);
}
EXPORT void probe_deblock_chroma_v(Pixel *cb, Pixel *cr, int stride, int alpha, int beta, int8_t *tc) {
  DeblockChromaLt4V_c(cb, cr, stride, alpha, beta, tc);
}
EXPORT void probe_deblock_chroma_h(Pixel *cb, Pixel *cr, int stride, int alpha, int beta, int8_t *tc) {
  DeblockChromaLt4H_c(cb, cr, stride, alpha, beta, tc);
}

EXPORT void probe_analysis(const Pixel *current, const Pixel *reference, int width, int height, int stride,
                           int32_t *frame_sad, int32_t *sad8x8, int32_t *gap8x8, Pixel *largest8x8) {
  WelsVP::VAACalcSadBgd_c(current, reference, width, height, stride, frame_sad, sad8x8, gap8x8, largest8x8);
}

// VP8: libvpx keeps its C definitions beside the ones that the kernels replace.
#ifdef PLAIN
#define VP8(name) vp8_##name##_c
#else
#define VP8(name) vp8_##name##_neon
#endif

extern "C" {
struct loop_filter_info {
  const Pixel *macroblock_limit, *block_limit, *interior_limit, *variance;
};
#define DECLARE_LOOP(name) void VP8(loop_filter_##name)(Pixel *, Pixel *, Pixel *, int, int, loop_filter_info *);
#define DECLARE_SIX_TAP(w, h) void VP8(sixtap_predict##w##x##h)(Pixel *, int, int, int, Pixel *, int);
DECLARE_LOOP(mbh)
DECLARE_LOOP(mbv)
DECLARE_LOOP(bh)
DECLARE_LOOP(bv)
DECLARE_SIX_TAP(4, 4)
DECLARE_SIX_TAP(8, 4)
DECLARE_SIX_TAP(8, 8)
DECLARE_SIX_TAP(16, 16)
void VP8(short_fdct4x4)(int16_t *, int16_t *, int);
void VP8(short_fdct8x4)(int16_t *, int16_t *, int);
}

/** The limits are sixteen equal bytes each, in the order edge (macroblock), edge (block), interior, variance. */
#define PROBE_LOOP(name)                                                                              \
  EXPORT void probe_loop_##name(Pixel *y, Pixel *u, Pixel *v, int stride, int uv_stride, Pixel *limits) { \
    loop_filter_info info = {limits, limits + 16, limits + 32, limits + 48};                          \
    VP8(loop_filter_##name)(y, u, v, stride, uv_stride, &info);                                       \
  }
#define PROBE_SIX_TAP(w, h)                                                                    \
  EXPORT void probe_six_tap_##w##x##h(Pixel *src, int stride, int x, int y, Pixel *out, int out_stride) { \
    VP8(sixtap_predict##w##x##h)(src, stride, x, y, out, out_stride);                          \
  }
PROBE_LOOP(mbh)
PROBE_LOOP(mbv)
PROBE_LOOP(bh)
PROBE_LOOP(bv)
PROBE_SIX_TAP(4, 4)
PROBE_SIX_TAP(8, 4)
PROBE_SIX_TAP(8, 8)
PROBE_SIX_TAP(16, 16)
EXPORT void probe_fdct4x4(int16_t *in, int16_t *out, int pitch_bytes) { VP8(short_fdct4x4)(in, out, pitch_bytes); }
EXPORT void probe_fdct8x4(int16_t *in, int16_t *out, int pitch_bytes) { VP8(short_fdct8x4)(in, out, pitch_bytes); }
