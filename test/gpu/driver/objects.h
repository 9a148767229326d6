// Owns what the driver's ids stand for. Objects are shared: a job holds what it works on, whoever destroys the id.
#pragma once
#include <va/va.h>
#include <va/va_backend.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "bits.h"

namespace sluicetest {

using Memory = std::shared_ptr<Bytes>;

/** Where planes are in a piece of memory. */
struct PlaneLayout {
  int width = 0, height = 0;
  uint32_t fourcc = 0;
  int planes = 0;
  uint32_t pitch[3] = {}, offset[3] = {};
  uint32_t bytes = 0;
};

/** The layout that this driver gives a picture; no planes when it has no such format. */
PlaneLayout layoutOf(uint32_t fourcc, int width, int height);

/** Which picture of which context a surface holds. */
struct Writer {
  const void *context = nullptr;
  uint64_t picture = 0;
};

struct Surface {
  PlaneLayout layout;
  Memory memory;
  Writer writer;
  bool isWritten = false;
  /** Images derived from it that live; pictures between Begin and End that draw into it. */
  int derived = 0, targeted = 0;

  uint8_t *plane(int index) const { return memory->data() + layout.offset[index]; }
  int pitch(int index) const { return int(layout.pitch[index]); }
};

struct Config {
  VAProfile profile = VAProfileNone;
  VAEntrypoint entrypoint = VAEntrypointVideoProc;
  uint32_t rateControl = VA_RC_CQP;
};

struct Buffer {
  VABufferType type = VABufferTypeMax;
  unsigned elementBytes = 0, elements = 0;
  Memory memory;
  bool isMapped = false, isDestroyed = false;
  /** The last of an encoder; `memory` holds it. */
  VACodedBufferSegment coded{};
  /** Of an image; its buffer is destroyed with it. */
  bool isOfImage = false;

  size_t bytes() const { return size_t{elementBytes} * elements; }
  /** One element as a struct; null when the buffer is too small for it. */
  template <class T>
  const T *as(unsigned index = 0) const {
    if (elementBytes < sizeof(T) || index >= elements) return nullptr;
    return reinterpret_cast<const T *>(memory->data() + size_t{index} * elementBytes);
  }
};

struct Image {
  VAImage image{};
  /** Where it is derived; null for an image of its own. */
  std::shared_ptr<Surface> surface;
};

/** Objects by id. Ids are never used again, so that a stale one is seen. */
template <class T>
class Table {
 public:
  std::shared_ptr<T> find(VAGenericID id) const {
    const auto found = objects_.find(id);
    return found == objects_.end() ? nullptr : found->second;
  }
  void add(VAGenericID id, std::shared_ptr<T> object) { objects_.emplace(id, std::move(object)); }
  std::shared_ptr<T> remove(VAGenericID id) {
    const auto found = objects_.find(id);
    if (found == objects_.end()) return nullptr;
    auto object = std::move(found->second);
    objects_.erase(found);
    return object;
  }
  size_t size() const { return objects_.size(); }
  auto begin() const { return objects_.begin(); }
  auto end() const { return objects_.end(); }

 private:
  std::map<VAGenericID, std::shared_ptr<T>> objects_;
};

}  // namespace sluicetest
