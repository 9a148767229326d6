#include "media.h"

namespace sluice {

std::string_view nameOf(Codec codec) {
  switch (codec) {
    case Codec::h264: return "h264";
    case Codec::h265: return "h265";
    case Codec::vp8: return "vp8";
    case Codec::vp9: return "vp9";
    case Codec::av1: return "av1";
  }
  return "";
}

std::optional<Codec> codecNamed(std::string_view name) {
  for (const Codec codec : allCodecs) {
    if (nameOf(codec) == name) return codec;
  }
  return std::nullopt;
}

}  // namespace sluice
