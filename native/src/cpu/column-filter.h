// Owns making a row of pixels narrower, by less than a half: each pixel of the two that it lies between, eight at a time.
// libyuv takes two at a time, and it is what drawing waits for most.
#pragma once
#include <cstdint>
#include <vector>

namespace sluice {

class ColumnFilter {
 public:
  /** Whether this processor and these widths are served. */
  static bool canDo(int from, int to);

  /** What `canDo` said yes to. */
  ColumnFilter(int from, int to);
  /** `from` pixels at `source` into `to` at `row`. */
  void narrow(const uint8_t *source, uint8_t *row) const;

  const int from, to;

 private:
  static constexpr int step = 8, reach = 16;

  /** `step` pixels of the result, of `reach` of the source. */
  struct Group {
    /** Of pairs of neighbours, of which the second number says how much of 128 is the right one. */
    alignas(16) uint8_t neighbours[reach], weights[reach];
    int source, row;
  };
  std::vector<Group> groups;
};

}  // namespace sluice
