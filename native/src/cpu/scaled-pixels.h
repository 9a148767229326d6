// Owns making of a picture in memory what analysis wants to see: scaled, in RGB or gray.
#pragma once
#include "frame-picture.h"

namespace sluice {

/** `from`: I420. Rows without gaps. */
std::vector<uint8_t> scaledPixels(const AVFrame &from, Size size, Pixels pixels);

}  // namespace sluice
