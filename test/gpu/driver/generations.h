// Owns which profiles and entrypoints each simulated generation of GPUs has, and what the machine's libavcodec can
// stand in for.
#pragma once
#include <va/va.h>

#include <string_view>
#include <vector>

namespace sluicetest {

struct Ability {
  VAProfile profile;
  VAEntrypoint entrypoint;
};

struct Generation {
  std::string_view name;
  /** Of Intel, as VADisplayPCIID tells it. */
  unsigned pciDevice;
  std::vector<Ability> abilities;

  bool has(VAProfile profile) const;
  bool has(VAProfile profile, VAEntrypoint entrypoint) const;
};

/** The one that SLUICE_TEST_GPU_GENERATION names, `all` without it; null when there is none of the name. */
const Generation *simulatedGeneration();

inline bool isEncode(VAEntrypoint entrypoint) {
  return entrypoint == VAEntrypointEncSlice || entrypoint == VAEntrypointEncSliceLP;
}
inline bool isH264(VAProfile profile) {
  return profile == VAProfileH264ConstrainedBaseline || profile == VAProfileH264Main || profile == VAProfileH264High;
}

}  // namespace sluicetest
