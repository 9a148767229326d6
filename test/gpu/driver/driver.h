// Owns one opened display: its objects and their lock. Jobs run without the lock, in the thread that ends the picture.
#pragma once
#include <mutex>
#include <string>

#include "context.h"
#include "counters.h"
#include "objects.h"

namespace sluicetest {

struct Generation;

struct Driver {
  explicit Driver(const Generation &simulated) : generation(simulated) {}

  const Generation &generation;
  std::mutex lock;
  VAGenericID nextId = 1;
  Table<Config> configs;
  Table<Context> contexts;
  Table<Surface> surfaces;
  Table<Buffer> buffers;
  Table<Image> images;
};

inline Driver &driverOf(VADriverContextP va) { return *static_cast<Driver *>(va->pDriverData); }

/** Counts a wrong call and gives what it is to be answered with. */
inline VAStatus misuse(VAStatus status, const std::string &text) {
  reportMisuse(text);
  return status;
}

}  // namespace sluicetest
