// Owns the counts of what lives in the process, for leak tests and the runtime view.
#pragma once
#include <atomic>
#include <cstdint>

namespace sluice {

struct Counters {
  std::atomic<int64_t> sessions{0}, decoders{0}, canvases{0}, encoders{0}, pictures{0}, surfaces{0}, deviceBuffers{0},
      queuedBytes{0};
};

extern Counters counters;

}  // namespace sluice
