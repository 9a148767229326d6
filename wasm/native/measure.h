// Owns what the native programs share: reading a clip, timing every frame over several runs, writing what came out. It
// measures as test/bench/codecs does for the modules: for every frame the fastest of all runs, copies included.
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

static inline double now_ms() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
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

/** The fastest time of every frame. */
struct Fastest {
  double *ms;
  int count;
  explicit Fastest(int frames) : ms((double *)malloc(frames * sizeof(double))), count(frames) {
    for (int i = 0; i < count; i++) ms[i] = 1e9;
  }
  void note(int frame, double took) {
    if (took < ms[frame]) ms[frame] = took;
  }
  double sum() const {
    double total = 0;
    for (int i = 0; i < count; i++) total += ms[i] < 1e9 ? ms[i] : 0;
    return total;
  }
};

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
  Fastest encode(job.frames), decode(job.frames);
  for (int run = 0; run < job.runs; run++) {
    auto *encoder = codec.encoder(job);
    for (int i = 0; i < job.frames; i++) {
      const double began = now_ms();
      memcpy(codec.input(encoder), job.clip + i * job.picture_bytes, job.picture_bytes);
      const int length = codec.encode(encoder, i);
      if (length < 0) return 1;
      encoded[i].data = (uint8_t *)realloc(encoded[i].data, length + 1);
      encoded[i].length = length;
      memcpy(encoded[i].data, codec.output(encoder), length);
      encode.note(i, now_ms() - began);
    }
    codec.close(encoder);
  }
  FILE *bits = open_result(job, "bits"), *pictures = open_result(job, "yuv");
  for (int i = 0; i < job.frames; i++) fwrite(encoded[i].data, 1, encoded[i].length, bits);
  for (int run = 0; run <= job.runs; run++) {
    auto *decoder = codec.decoder();
    for (int i = 0; i < job.frames; i++) {
      if (encoded[i].length == 0) continue;
      const double began = now_ms();
      const Picture *picture = codec.decode(decoder, encoded[i].data, encoded[i].length);
      decode.note(i, now_ms() - began);
      if (run == 0 && picture) write_picture(pictures, *picture);
    }
    codec.close(decoder);
  }
  fclose(bits);
  fclose(pictures);
  printf("{\"encodeMs\":%.4f,\"decodeMs\":%.4f}\n", encode.sum() / job.frames, decode.sum() / job.frames);
  return 0;
}
