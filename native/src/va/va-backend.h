// Owns the engines `vaapi` and `qsv`: pictures stay in the device from decoding through drawing to encoding. The two
// differ in who encodes.
#pragma once
#include "../backend.h"

namespace sluice {

std::unique_ptr<Backend> makeVaBackend(const BackendOptions &options);
Probe probeVa(const BackendOptions &options);

}  // namespace sluice
