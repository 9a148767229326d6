// Owns the check that a decoder's references are still what was decoded into them: a surface that went back to a pool
// too early and was drawn over shows as misuse here, and as a broken picture on a real device.
#pragma once
#include <map>

#include "context.h"

namespace sluicetest {

class DecodedPictures {
 public:
  /** Throws Misuse when the surface holds something else by now. One that this decoder never filled is not judged. */
  void checkReference(VASurfaceID id, const Lookup &lookup) const {
    const auto surface = lookup.surface(id);
    if (!surface) throw Misuse{VA_STATUS_ERROR_INVALID_SURFACE, "a reference to a surface that is not there"};
    const auto known = pictures_.find(id);
    if (known == pictures_.end() || known->second.surface.lock() != surface) return;
    if (surface->writer.context != this)
      throw Misuse{VA_STATUS_ERROR_INVALID_SURFACE, "a reference to a surface that was drawn over after decoding"};
  }

  void decoded(VASurfaceID id, const std::shared_ptr<Surface> &surface) {
    surface->isWritten = true;
    surface->writer = {this, ++count_};
    // More surfaces than any decoder has: those of pools long gone.
    if (pictures_.size() >= 64) pictures_.clear();
    pictures_[id] = {surface};
  }

 private:
  struct Known {
    std::weak_ptr<Surface> surface;
  };
  std::map<VASurfaceID, Known> pictures_;
  uint64_t count_ = 0;
};

}  // namespace sluicetest
