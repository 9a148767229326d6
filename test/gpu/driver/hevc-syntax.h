// Owns the syntax of HEVC parameter sets and of the beginning of slice headers (ITU-T H.265, 7.3.2 and 7.3.6), as far
// as a decoder needs it that knows parameter buffers only. A stream's short-term reference picture sets are not among
// those: they are written into each slice header, from the references that the picture has.
#pragma once
#include <va/va.h>

#include <span>

#include "bits.h"

namespace sluicetest::hevc {

/** The three parameter sets for a picture as an Annex B stream. `slice` is a slice of it, which names the picture's
 * set. */
Bytes parameterSetsOf(const VAPictureParameterBufferHEVC &picture, std::span<const uint8_t> slice);

/**
 * Appends the slice with its reference picture set written out. `headerBytes`: of the slice's header, without emulation
 * prevention, NAL header included.
 */
void appendSlice(Bytes &out, const VAPictureParameterBufferHEVC &picture, std::span<const uint8_t> slice,
                 size_t headerBytes);

}  // namespace sluicetest::hevc
