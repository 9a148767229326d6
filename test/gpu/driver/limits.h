// Owns the sizes that the simulated device takes.
#pragma once

namespace sluicetest {

inline constexpr int minSide = 16;
inline constexpr int maxSide = 4096;

}  // namespace sluicetest
