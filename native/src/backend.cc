#include "backend.h"

#include "counters.h"

namespace sluice {

Counters counters;

static uint64_t nextSerial() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

Picture::Picture(Size size) : size(size), serial(nextSerial()) { counters.pictures++; }
Picture::~Picture() { counters.pictures--; }

Decoder::Decoder() { counters.decoders++; }
Decoder::~Decoder() { counters.decoders--; }

Canvas::Canvas(Size size) : size(size) { counters.canvases++; }
Canvas::~Canvas() { counters.canvases--; }

Encoder::Encoder(Size size) : size(size) { counters.encoders++; }
Encoder::~Encoder() { counters.encoders--; }

}  // namespace sluice
