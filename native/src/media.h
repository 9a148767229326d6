// Owns the plain values that all of the addon speaks of: sizes, rectangles, codecs, limits. Nothing of Node, FFmpeg or
// libva.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

enum class Codec { h264, h265, vp8, vp9, av1 };

inline constexpr Codec allCodecs[] = {Codec::h264, Codec::h265, Codec::vp8, Codec::vp9, Codec::av1};

std::string_view nameOf(Codec codec);
std::optional<Codec> codecNamed(std::string_view name);

struct Size {
  int width = 0, height = 0;
  bool operator==(const Size &) const = default;
};

/** In pixels, even in all four. */
struct Rect {
  int x = 0, y = 0, width = 0, height = 0;
  bool operator==(const Rect &) const = default;
};

struct Colour {
  uint8_t r = 0, g = 0, b = 0;
  bool operator==(const Colour &) const = default;
};

struct Rate {
  int bitrateKbps = 0;
  double framerate = 30;
};

struct EncoderSettings {
  Codec codec = Codec::h264;
  Size size;
  Rate rate;
};

enum class Pixels { rgb, gray };

/** One side of a picture; of those that a decoder is told of in a bitstream too. */
inline constexpr int maxSide = 4096;
/** Pixels of a picture, as many as the largest level of H.264 allows. */
inline constexpr int64_t maxPixels = int64_t{36'864} * 256;
inline constexpr size_t maxLayers = 256;

/** Whether a canvas, still or encoder may have the size. */
constexpr bool isAllowed(Size size) {
  const auto isSide = [](int side) { return side >= 16 && side <= maxSide && side % 2 == 0; };
  return isSide(size.width) && isSide(size.height);
}

/** Whether a decoder may give pictures of the size. */
constexpr bool isDecodable(Size size) {
  return size.width > 0 && size.height > 0 && size.width <= maxSide && size.height <= maxSide &&
         int64_t{size.width} * size.height <= maxPixels;
}

/** Bytes of a packed I420 picture of even sides. */
constexpr size_t packedBytes(Size size) { return size_t(size.width) * size_t(size.height) * 3 / 2; }

}  // namespace sluice
