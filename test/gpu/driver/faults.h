// Owns the faults that a test asks for: what the device shall do wrong, and when. They come from the environment
// (SLUICE_TEST_GPU_FAULTS, the text) or from a file (SLUICE_TEST_GPU_FAULT_FILE) that may change while the process runs
// and that is looked at before each job. The grammar is in the README.
#pragma once
#include <va/va.h>

#include <cstdint>

namespace sluicetest {

enum class Job : uint8_t { decode, vpp, encode };

struct Verdict {
  VAStatus status = VA_STATUS_SUCCESS;
  /** The job is done, but its result shall be wrong. */
  bool corrupt = false;
};

/** Before a job is done: may wait, never return, or end the process. */
Verdict faultOfJob(Job job);
/** Before a caller is told that a surface or a buffer is ready. */
VAStatus faultOfSync();
/** Before `more` surfaces are made beside the `live` ones. */
VAStatus faultOfSurfaces(int64_t live, unsigned more);
/** Before anything else that would reach the device. */
VAStatus faultOfDevice();

}  // namespace sluicetest
