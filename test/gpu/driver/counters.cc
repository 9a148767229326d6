#include "counters.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace sluicetest {
namespace {

constexpr size_t counts = size_t(Count::end);
constexpr int64_t maxMisuses = 200;

/** In the order of `Count`. */
constexpr const char *names[] = {
    "decodeJobs",  "vppJobs",       "vppLayers",      "encodeJobs",  "encodedBytes", "keyPictures",  "imagesDerived",
    "imagesRead",  "imagesWritten", "unwrittenReads", "misuses",     "faults",       "displays",     "liveDisplays",
    "liveConfigs", "liveContexts",  "liveSurfaces",   "liveBuffers", "liveImages",   "mostSurfaces", "leaked",
};
static_assert(sizeof names / sizeof *names == counts);

/** As the file has it: test-gpu.ts reads it. */
struct Entry {
  char name[24];
  std::atomic<int64_t> value;
};
static_assert(sizeof(Entry) == 32);

struct Board {
  Entry fallback[counts] = {};
  Entry *entries = fallback;
  std::string misusePath;

  Board() {
    if (const char *folder = std::getenv("SLUICE_TEST_GPU_COUNTERS")) {
      const std::string path = std::string(folder) + "/" + std::to_string(getpid());
      misusePath = path + ".misuses";
      map(path + ".counters");
    }
    for (size_t i = 0; i < counts; i++) std::snprintf(entries[i].name, sizeof entries[i].name, "%s", names[i]);
  }

  void map(const std::string &path) {
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return;
    if (ftruncate(file, sizeof fallback) == 0) {
      void *mapped = mmap(nullptr, sizeof fallback, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
      if (mapped != MAP_FAILED) entries = static_cast<Entry *>(mapped);
    }
    close(file);
  }
};

Board &board() {
  // Never destroyed: threads may still count while the process ends.
  static Board *const one = new Board;
  return *one;
}

}  // namespace

void count(Count which, int64_t by) { board().entries[size_t(which)].value += by; }

int64_t countOf(Count which) { return board().entries[size_t(which)].value; }

void countAtLeast(Count which, int64_t value) {
  auto &entry = board().entries[size_t(which)].value;
  for (int64_t seen = entry; seen < value && !entry.compare_exchange_weak(seen, value);) {
  }
}

void reportMisuse(const std::string &text) {
  Board &all = board();
  if (++all.entries[size_t(Count::misuses)].value > maxMisuses || all.misusePath.empty()) return;
  const int file = open(all.misusePath.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return;
  const std::string line = text + "\n";
  if (write(file, line.data(), line.size()) < 0) std::perror(all.misusePath.c_str());
  close(file);
}

}  // namespace sluicetest
