// Owns what the driver counts, for tests and benches: work, copies, live objects, misuse. The numbers live in a file
// that is mapped into memory, so that they can be read at any moment, also after a crash.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace sluicetest {

enum class Count : size_t {
  decodeJobs,
  vppJobs,
  vppLayers,
  encodeJobs,
  encodedBytes,
  keyPictures,
  imagesDerived,
  imagesRead,
  imagesWritten,
  unwrittenReads,
  misuses,
  faults,
  displays,
  liveDisplays,
  liveConfigs,
  liveContexts,
  liveSurfaces,
  liveBuffers,
  liveImages,
  mostSurfaces,
  leaked,
  end,
};

/** Adds to one of the process's numbers. */
void count(Count which, int64_t by = 1);
int64_t countOf(Count which);
void countAtLeast(Count which, int64_t value);

/** Counts a wrong call of the driver's user and writes why beside the counters; at most 200 of them. */
void reportMisuse(const std::string &text);

}  // namespace sluicetest
