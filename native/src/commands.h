// Owns what a session is told: the C++ side of `NativeSession`'s methods (addon.ts).
#pragma once
#include <variant>
#include <vector>

#include "media.h"

namespace sluice {

struct OpenDecoder {
  int id;
  Codec codec;
};
struct OpenCanvas {
  int id;
  Size size;
};
struct OpenStill {
  int id;
  Size size;
  std::vector<uint8_t> packed;
};
struct OpenEncoder {
  int id;
  EncoderSettings settings;
};
struct CloseObject {
  int id;
};
struct Decode {
  int decoder;
  /** Padded (backend.h). */
  std::vector<uint8_t> data;
  double timestamp;
  bool key;
};
/** The caller knows that the decoder has pictures of this size. */
struct Resized {
  int decoder;
  Size size;
};
struct LayerOf {
  int picture;
  Rect source, destination;
};
struct Compose {
  int canvas;
  Colour background;
  std::vector<LayerOf> layers;
};
struct Encode {
  int encoder, canvas;
  double atMs;
  bool key;
};
struct SetRate {
  int encoder;
  Rate rate;
};
struct Tap {
  int ticket, picture;
  Size size;
  Pixels pixels;
};

using Command = std::variant<OpenDecoder, OpenCanvas, OpenStill, OpenEncoder, CloseObject, Decode, Resized, Compose,
                             Encode, SetRate, Tap>;

}  // namespace sluice
