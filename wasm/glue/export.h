// What the glue files share: how a function becomes visible to JavaScript, and the form in which pictures are told.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
#define LINKAGE extern "C"
#else
#define LINKAGE
#endif

#ifdef __wasm__
#define EXPORT LINKAGE __attribute__((used, visibility("default")))
#else
#define EXPORT LINKAGE
#endif

/** An I420 picture somewhere in memory. JavaScript reads it as seven 32-bit integers. */
typedef struct {
  int32_t width, height, stride_y, stride_uv;
  uint8_t *y, *u, *v;
} Picture;

/** Room behind every buffer that SIMD code reads: it loads up to 15 bytes beyond what it uses. */
#define OVERREAD 64
