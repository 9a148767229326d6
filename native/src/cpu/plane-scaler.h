// Owns drawing one plane of a picture smaller or larger into another: libyuv's filters, and ours where that one is slow.
#pragma once
#include <cstddef>
#include <map>
#include <utility>

#include "../media.h"
#include "column-filter.h"

namespace sluice {

struct ConstPlane {
  const uint8_t *data;
  int stride;
  Size size;
};

struct Plane {
  uint8_t *data;
  int stride;
  Size size;
};

class PlaneScaler {
 public:
  void scale(const ConstPlane &from, const Plane &to);

 private:
  const ColumnFilter &filter(int from, int to);

  /** By both widths. */
  std::map<std::pair<int, int>, ColumnFilter> filters;
  std::vector<uint8_t> row;
};

}  // namespace sluice
