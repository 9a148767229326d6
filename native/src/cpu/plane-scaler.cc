#include "plane-scaler.h"

#include <libyuv.h>

#include <algorithm>

namespace sluice {

namespace {

/** Those of a layout are few; those of many layouts are made again. */
constexpr size_t mostFilters = 64;

bool isSlowInLibyuv(Size from, Size to) {
  const bool isThreeQuarters = 4 * to.width == 3 * from.width && 4 * to.height == 3 * from.height;
  return to.height <= from.height && 2 * to.height > from.height && !isThreeQuarters &&
         ColumnFilter::canDo(from.width, to.width);
}

}  // namespace

void PlaneScaler::scale(const ConstPlane &from, const Plane &to) {
  if (!isSlowInLibyuv(from.size, to.size)) {
    libyuv::ScalePlane(from.data, from.stride, from.size.width, from.size.height, to.data, to.stride, to.size.width,
                       to.size.height, libyuv::kFilterBox);
    return;
  }
  const ColumnFilter &columns = filter(from.size.width, to.size.width);
  row.resize(size_t(from.size.width));
  // Centres of rows lie on centres, as with columns. Positions are in 1/65536.
  const int64_t distance = (int64_t{from.size.height} << 16) / to.size.height;
  const int64_t last = int64_t{from.size.height - 1} << 16;
  for (int y = 0; y < to.size.height; y++) {
    const int64_t at = std::clamp(y * distance + distance / 2 - (1 << 15), int64_t{0}, last);
    const uint8_t *upper = from.data + (at >> 16) * from.stride;
    const int share = int(at >> 8 & 255);
    if (share > 0) {
      libyuv::InterpolatePlane(upper, from.stride, upper + from.stride, from.stride, row.data(), from.size.width,
                               from.size.width, 1, share);
    }
    columns.narrow(share > 0 ? row.data() : upper, to.data + ptrdiff_t(y) * to.stride);
  }
}

const ColumnFilter &PlaneScaler::filter(int from, int to) {
  const std::pair<int, int> widths(from, to);
  const auto found = filters.find(widths);
  if (found != filters.end()) return found->second;
  if (filters.size() >= mostFilters) filters.clear();
  return filters.emplace(widths, ColumnFilter(from, to)).first->second;
}

}  // namespace sluice
