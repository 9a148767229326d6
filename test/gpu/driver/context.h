// Owns what a context is: a config at work, and the picture that is being given to it. The codec or the compositor
// behind it is a Worker.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "faults.h"
#include "objects.h"

namespace sluicetest {

/** Between Begin and End: the target and what was rendered, in order. */
struct PendingPicture {
  std::shared_ptr<Surface> target;
  VASurfaceID targetId = VA_INVALID_SURFACE;
  std::vector<std::shared_ptr<Buffer>> buffers;
};

/** What a worker may look up while it works: taken from the driver's tables when the picture ends. */
class Lookup {
 public:
  virtual ~Lookup() = default;
  virtual std::shared_ptr<Surface> surface(VASurfaceID id) const = 0;
  virtual std::shared_ptr<Buffer> buffer(VABufferID id) const = 0;
};

/** Thrown by workers: a wrong call, which is counted and answered with the status. */
struct Misuse {
  VAStatus status;
  std::string text;
};

/** Does the jobs of one context. Called from one thread at a time. */
class Worker {
 public:
  virtual ~Worker() = default;
  virtual Job kind() const = 0;
  /** Whether buffers of the type may be rendered. */
  virtual bool takes(VABufferType type) const = 0;
  /** Throws Misuse; `corrupt`: gives a wrong picture. */
  virtual VAStatus work(const PendingPicture &picture, const Lookup &lookup, bool corrupt) = 0;
};

struct Context {
  std::shared_ptr<Config> config;
  std::unique_ptr<Worker> worker;
  std::optional<PendingPicture> picture;
  bool isWorking = false;
};

}  // namespace sluicetest
