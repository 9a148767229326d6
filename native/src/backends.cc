// Owns which implementations this binary has. Built once with and once without those of devices (`SLUICE_VA`).
#include "backend.h"
#include "cpu/cpu-backend.h"
#ifdef SLUICE_VA
#include "va/va-backend.h"
#endif

namespace sluice {

std::vector<std::string> engineNames() {
#ifdef SLUICE_VA
  return {"cpu", "vaapi", "qsv"};
#else
  return {"cpu"};
#endif
}

std::unique_ptr<Backend> makeBackend(const BackendOptions &options) {
  if (options.engine == "cpu") return makeCpuBackend(options);
#ifdef SLUICE_VA
  if (options.engine == "vaapi" || options.engine == "qsv") return makeVaBackend(options);
#endif
  throw Failure("there is no engine " + options.engine + " in this build");
}

Probe probeBackend(const BackendOptions &options) {
  if (options.engine == "cpu") return probeCpu(options);
#ifdef SLUICE_VA
  if (options.engine == "vaapi" || options.engine == "qsv") return probeVa(options);
#endif
  throw Failure("there is no engine " + options.engine + " in this build");
}

}  // namespace sluice
