// Renders test clips: a textured background that stands still or pans, before it a swaying textured head with a blinking
// mouth, and sensor noise over all. Ours, so that no footage is needed. Prints packed I420 at 30 pictures per second.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { LATTICE = 256, NOISE = 65536 };

static float lattice[LATTICE][LATTICE];
static int8_t noise[NOISE];
static uint32_t seed = 12345;

static uint32_t next_random(void) {
  seed ^= seed << 13;
  seed ^= seed >> 17;
  seed ^= seed << 5;
  return seed;
}

static float uniform(void) { return (float)(next_random() & 65535) / 65535.f; }

/** Smooth noise between the points of a random lattice. */
static float value_noise(float x, float y) {
  const int column = (int)floorf(x), row = (int)floorf(y);
  float fx = x - column, fy = y - row;
  fx = fx * fx * (3 - 2 * fx);
  fy = fy * fy * (3 - 2 * fy);
  const float *above = lattice[row & 255], *below = lattice[(row + 1) & 255];
  const int left = column & 255, right = (column + 1) & 255;
  const float top = above[left] + (above[right] - above[left]) * fx;
  const float bottom = below[left] + (below[right] - below[left]) * fx;
  return top + (bottom - top) * fy;
}

static float fractal_noise(float x, float y, int octaves) {
  float sum = 0, amplitude = .5f;
  for (int i = 0; i < octaves; i++) {
    sum += amplitude * value_noise(x, y);
    x = x * 2.03f + 17;
    y = y * 2.01f + 31;
    amplitude *= .55f;
  }
  return sum;
}

static float *make_background(int width, int height) {
  float *pixels = malloc(sizeof(float) * 2 * width * height);
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < 2 * width; x++) {
      const float u = x * 24.f / width, v = y * 24.f / width;
      float value = fractal_noise(u, v, 7) * 150 + 30;
      if ((int)(u * .8f) % 3 == 0) value = value * .6f + 60;
      if ((int)(v * 1.1f) % 4 == 0) value = 255 - value * .8f;
      pixels[y * 2 * width + x] = value;
    }
  }
  return pixels;
}

static float *make_skin(int width, int height) {
  float *pixels = malloc(sizeof(float) * width * height);
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      pixels[y * width + x] = fractal_noise(x * 60.f / width, y * 60.f / width, 6) * 120 + 50;
    }
  }
  return pixels;
}

typedef struct {
  float x, y, radius_x, radius_y, cosine, sine, mouth;
} Head;

static Head head_at(float seconds, int width, int height) {
  const float angle = .12f * sinf(seconds * 1.3f);
  return (Head){
      .x = width * (.5f + .07f * sinf(seconds * 1.7f) + .02f * sinf(seconds * 5.1f)),
      .y = height * (.52f + .03f * sinf(seconds * 2.3f)),
      .radius_x = width * .16f,
      .radius_y = height * .34f,
      .cosine = cosf(angle),
      .sine = sinf(angle),
      .mouth = .05f + .05f * fabsf(sinf(seconds * 9)),
  };
}

/** The head's brightness at a pixel, or the background's when it does not cover it. */
static float shade(const Head *head, const float *skin, int width, int height, int x, int y, float background) {
  const float dx = x - head->x, dy = y - head->y;
  const float hx = (dx * head->cosine + dy * head->sine) / head->radius_x;
  const float hy = (-dx * head->sine + dy * head->cosine) / head->radius_y;
  const float distance = hx * hx + hy * hy;
  const int is_shoulder = hy > .8f && hx * hx < 4 * (hy - .6f);
  if (distance >= 1 && !is_shoulder) return background;
  const int column = (((int)(width * .5f + hx * head->radius_x) % width) + width) % width;
  const int row = (((int)(height * .5f + hy * head->radius_y) % height) + height) % height;
  const float texture = skin[row * width + column];
  if (distance >= 1) return 60 + texture * .4f;
  const float eye_x = fabsf(hx) - .35f, eye_y = hy + .2f, mouth_y = hy - .45f;
  if (hx * hx * 4 + mouth_y * mouth_y / (head->mouth * head->mouth) * .3f < .3f) return 55;
  if (eye_x * eye_x * 6 + eye_y * eye_y * 20 < .1f) return 40;
  return texture * .5f + 85 + 30 * (1 - hx * hx);
}

int main(int count, char **words) {
  if (count < 6) {
    fprintf(stderr, "usage: %s WIDTH HEIGHT PICTURES PAN NOISE\n", words[0]);
    return 2;
  }
  const int width = atoi(words[1]), height = atoi(words[2]), pictures = atoi(words[3]);
  const float pan = atof(words[4]), noise_level = atof(words[5]);
  for (int i = 0; i < LATTICE; i++) {
    for (int j = 0; j < LATTICE; j++) lattice[i][j] = uniform();
  }
  const float *background = make_background(width, height), *skin = make_skin(width, height);
  for (int i = 0; i < NOISE; i++) {
    float sum = 0;
    for (int k = 0; k < 6; k++) sum += uniform() - .5f;
    noise[i] = (int8_t)roundf(sum * 1.4f * noise_level);
  }
  const int luma = width * height;
  uint8_t *picture = malloc(luma * 3 / 2);
  for (int i = 0; i < pictures; i++) {
    const Head head = head_at(i / 30.f, width, height);
    const float shift = pan * i * width / 1280.f;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        const float at = fmodf(x + shift, width);
        const int column = (int)at;
        const float *row = background + y * 2 * width + column;
        const float behind = row[0] + (row[1] - row[0]) * (at - column);
        const float value = shade(&head, skin, width, height, x, y, behind) + noise[next_random() & (NOISE - 1)];
        picture[y * width + x] = value < 16 ? 16 : value > 235 ? 235 : (uint8_t)value;
      }
    }
    for (int plane = 0; plane < 2; plane++) {
      uint8_t *out = picture + luma + plane * luma / 4;
      for (int y = 0; y < height / 2; y++) {
        for (int x = 0; x < width / 2; x++) {
          const float dx = (2 * x - head.x) / head.radius_x, dy = (2 * y - head.y) / head.radius_y;
          const int tint = picture[2 * y * width + 2 * x] >> 5;
          const int skin_colour = plane ? 150 : 112, wall_colour = plane ? 120 + tint : 134 - tint;
          const int value = dx * dx + dy * dy < 1 ? skin_colour : wall_colour;
          out[y * (width / 2) + x] = (uint8_t)(value + noise[next_random() & (NOISE - 1)] / 2);
        }
      }
    }
    fwrite(picture, 1, luma * 3 / 2, stdout);
  }
  return 0;
}
