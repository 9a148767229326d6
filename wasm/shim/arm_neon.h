// NEON intrinsics for libvpx's ARM sources, by way of SIMDe's portable forms, which clang turns into WebAssembly SIMD.
// Only the names that SIMDe 0.7.4 lacks are ours.
#pragma once

#define SIMDE_ENABLE_NATIVE_ALIASES
#define SIMDE_ARM_NEON_A32V7_ENABLE_NATIVE_ALIASES
#define SIMDE_ARM_NEON_A64V8_ENABLE_NATIVE_ALIASES
#include <simde/arm/neon.h>

#ifndef vmla_lane_s16
#define vmla_lane_s16(sum, a, v, lane) vadd_s16(sum, vmul_s16(a, vdup_n_s16(vget_lane_s16(v, lane))))
#define vmlaq_lane_s16(sum, a, v, lane) vaddq_s16(sum, vmulq_s16(a, vdupq_n_s16(vget_lane_s16(v, lane))))
#endif
#ifndef vabal_u8
#define vabal_u8(sum, a, b) vaddq_u16(sum, vabdl_u8(a, b))
#define vabal_s16(sum, a, b) vaddq_s32(sum, vabdl_s16(a, b))
#endif
#ifndef vmlaq_lane_s32
#define vmla_lane_s32(sum, a, v, lane) vadd_s32(sum, vmul_s32(a, vdup_n_s32(vget_lane_s32(v, lane))))
#define vmlaq_lane_s32(sum, a, v, lane) vaddq_s32(sum, vmulq_s32(a, vdupq_n_s32(vget_lane_s32(v, lane))))
#define vmlsq_lane_s32(sum, a, v, lane) vsubq_s32(sum, vmulq_s32(a, vdupq_n_s32(vget_lane_s32(v, lane))))
#define vmlsq_lane_s16(sum, a, v, lane) vsubq_s16(sum, vmulq_s16(a, vdupq_n_s16(vget_lane_s16(v, lane))))
#define vmls_lane_s16(sum, a, v, lane) vsub_s16(sum, vmul_s16(a, vdup_n_s16(vget_lane_s16(v, lane))))
#endif
