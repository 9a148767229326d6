// Owns what the native programs share: reading a clip, timing several runs over it, writing what came out. It measures as
// test/bench/codecs does for the modules: processor time of the thread, of the fastest run, copies included.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../glue/export.h"

struct Job {
  int width, height, frames, bitrate_bps, runs;
  size_t picture_bytes;
  const char *out;
  uint8_t *clip;
};

static inline double cpu_ms() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static inline Job read_job(int count, char **words) {
  if (count < 8) {
    fprintf(stderr, "usage: %s CLIP WIDTH HEIGHT FRAMES BITRATE RUNS OUT\n", words[0]);
    exit(2);
  }
  Job job = {};
  job.width = atoi(words[2]);
  job.height = atoi(words[3]);
  job.frames = atoi(words[4]);
  job.bitrate_bps = atoi(words[5]);
  job.runs = atoi(words[6]);
  job.out = words[7];
  job.picture_bytes = (size_t)job.width * job.height * 3 / 2;
  job.clip = (uint8_t *)malloc(job.picture_bytes * job.frames);
  FILE *file = fopen(words[1], "rb");
  if (!file || fread(job.clip, job.picture_bytes, job.frames, file) != (size_t)job.frames) {
    fprintf(stderr, "%s does not hold %d pictures\n", words[1], job.frames);
    exit(1);
  }
  fclose(file);
  return job;
}

struct Encoded {
  uint8_t *data;
  int length;
};

static inline FILE *open_result(const Job &job, const char *extension) {
  char path[4096];
  snprintf(path, sizeof path, "%s.%s", job.out, extension);
  FILE *file = fopen(path, "wb");
  if (!file) exit(1);
  return file;
}

static inline void write_picture(FILE *file, const Picture &picture) {
  const uint8_t *planes[3] = {picture.y, picture.u, picture.v};
  for (int i = 0; i < 3; i++) {
    const int width = i ? (picture.width + 1) / 2 : picture.width;
    const int height = i ? (picture.height + 1) / 2 : picture.height;
    const int stride = i ? picture.stride_uv : picture.stride_y;
    for (int y = 0; y < height; y++) fwrite(planes[i] + (size_t)y * stride, 1, width, file);
  }
}

/** Encodes and decodes the clip with the functions of `Codec`; prints the sums as JSON, writes OUT.bits and OUT.yuv. */
template <typename Codec>
static int measure(int count, char **words, const Codec &codec) {
  const Job job = read_job(count, words);
  Encoded *encoded = (Encoded *)calloc(job.frames, sizeof *encoded);
  double encode_ms = 1e9, decode_ms = 1e9;
  for (int run = 0; run < job.runs; run++) {
    auto *encoder = codec.encoder(job);
    const double began = cpu_ms();
    for (int i = 0; i < job.frames; i++) {
      memcpy(codec.input(encoder), job.clip + i * job.picture_bytes, job.picture_bytes);
      const int length = codec.encode(encoder, i);
      if (length < 0) return 1;
      encoded[i].data = (uint8_t *)realloc(encoded[i].data, length + 1);
      encoded[i].length = length;
      memcpy(encoded[i].data, codec.output(encoder), length);
    }
    const double took = cpu_ms() - began;
    if (took < encode_ms) encode_ms = took;
    codec.close(encoder);
  }
  FILE *bits = open_result(job, "bits"), *pictures = open_result(job, "yuv");
  for (int i = 0; i < job.frames; i++) fwrite(encoded[i].data, 1, encoded[i].length, bits);
  for (int run = 0; run <= job.runs; run++) {
    // The first run writes the pictures, the others are timed.
    auto *decoder = codec.decoder();
    const double began = cpu_ms();
    for (int i = 0; i < job.frames; i++) {
      if (encoded[i].length == 0) continue;
      const Picture *picture = codec.decode(decoder, encoded[i].data, encoded[i].length);
      if (run == 0 && picture) write_picture(pictures, *picture);
    }
    const double took = cpu_ms() - began;
    if (run > 0 && took < decode_ms) decode_ms = took;
    codec.close(decoder);
  }
  fclose(bits);
  fclose(pictures);
  printf("{\"encodeMs\":%.4f,\"decodeMs\":%.4f}\n", encode_ms / job.frames, decode_ms / job.frames);
  return 0;
}
