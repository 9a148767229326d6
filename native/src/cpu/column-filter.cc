#include "column-filter.h"

#include <algorithm>
#ifdef __x86_64__
#include <tmmintrin.h>
#endif

namespace sluice {

namespace {

/** Of positions, in a pixel. */
constexpr int64_t one = 1 << 16;
/** Of weights, in a whole. */
constexpr int whole = 128;

}  // namespace

bool ColumnFilter::canDo([[maybe_unused]] int from, [[maybe_unused]] int to) {
#ifdef __x86_64__
  return to < from && 2 * to > from && from >= reach && to >= step && __builtin_cpu_supports("ssse3");
#else
  return false;
#endif
}

ColumnFilter::ColumnFilter(int from, int to) : from(from), to(to) {
  const int64_t distance = from * one / to;
  for (int row = 0; row < to; row += step) {
    Group group{};
    // The last one goes over some of the one before again.
    group.row = std::min(row, to - step);
    // Centres of pixels lie on centres.
    const auto at = [&](int pixel) {
      const int64_t centre = pixel * distance + distance / 2 - one / 2;
      return std::clamp(centre, int64_t{0}, (from - 1) * one - 1);
    };
    group.source = std::min(int(at(group.row) / one), from - reach);
    for (int pixel = 0; pixel < step; pixel++) {
      const int64_t position = at(group.row + pixel);
      const int left = int(position / one) - group.source, share = int(position % one * whole / one);
      group.neighbours[2 * pixel] = uint8_t(left);
      group.neighbours[2 * pixel + 1] = uint8_t(left + 1);
      group.weights[2 * pixel] = uint8_t(whole - share);
      group.weights[2 * pixel + 1] = uint8_t(share);
    }
    groups.push_back(group);
  }
}

#ifdef __x86_64__
__attribute__((target("ssse3"))) void ColumnFilter::narrow(const uint8_t *source, uint8_t *row) const {
  const __m128i sign = _mm_set1_epi8(char(0x80)), half = _mm_set1_epi16(whole / 2);
  for (const Group &group : groups) {
    const __m128i neighbours = _mm_load_si128(reinterpret_cast<const __m128i *>(group.neighbours));
    const __m128i weights = _mm_load_si128(reinterpret_cast<const __m128i *>(group.weights));
    const __m128i pixels = _mm_loadu_si128(reinterpret_cast<const __m128i *>(source + group.source));
    // The instruction takes one factor with a sign: pixels are less 128 meanwhile.
    const __m128i pairs = _mm_xor_si128(_mm_shuffle_epi8(pixels, neighbours), sign);
    const __m128i sums = _mm_srai_epi16(_mm_add_epi16(_mm_maddubs_epi16(weights, pairs), half), 7);
    const __m128i result = _mm_xor_si128(_mm_packs_epi16(sums, sums), sign);
    _mm_storel_epi64(reinterpret_cast<__m128i *>(row + group.row), result);
  }
}
#else
void ColumnFilter::narrow(const uint8_t *, uint8_t *) const {}
#endif

}  // namespace sluice
