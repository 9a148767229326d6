// Owns the list of workers: one for each codec and direction, and the compositor.
#pragma once
#include <memory>

#include "context.h"

namespace sluicetest {

std::unique_ptr<Worker> makeCompositor();
std::unique_ptr<Worker> makeH264Decoder();
std::unique_ptr<Worker> makeHevcDecoder();
std::unique_ptr<Worker> makeVp8Decoder();
std::unique_ptr<Worker> makeVp9Decoder();
std::unique_ptr<Worker> makeH264Encoder(uint32_t rateControl);
std::unique_ptr<Worker> makeHevcEncoder(uint32_t rateControl);
std::unique_ptr<Worker> makeVp8Encoder(uint32_t rateControl);
std::unique_ptr<Worker> makeVp9Encoder(uint32_t rateControl);

/** The worker for a config; null when there is none. */
std::unique_ptr<Worker> makeWorker(const Config &config);

}  // namespace sluicetest
