// Owns the list of workers: one for each codec and direction, and the compositor.
#pragma once
#include <memory>

#include "context.h"

namespace sluicetest {

std::unique_ptr<Worker> makeCompositor();
std::unique_ptr<Worker> makeH264Decoder();
std::unique_ptr<Worker> makeH264Encoder(uint32_t rateControl);

}  // namespace sluicetest
