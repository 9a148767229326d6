// Owns what is found out about a device by trying: whether it still works, and how many layers a job may have.
#pragma once
#include "va-device.h"

namespace sluice {

/** Draws something tiny; throws the Failure when that does not go well. */
void checkHealth(const VaDeviceRef &device);

/**
 * Layers that one job of the device draws rightly, 1 … 64; drivers do not tell. Measured once for each device of the
 * process. Throws Failure when it cannot draw at all.
 */
int layerLimit(const VaDeviceRef &device);

}  // namespace sluice
