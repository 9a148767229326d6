// Owns the engine `cpu`: the machine's own codecs and libyuv, everything in the engine thread.
#pragma once
#include "../backend.h"

namespace sluice {

std::unique_ptr<Backend> makeCpuBackend(const BackendOptions &options);
Probe probeCpu(const BackendOptions &options);

}  // namespace sluice
