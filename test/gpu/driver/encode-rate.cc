#include "encode-rate.h"

namespace sluicetest {
namespace {

template <class T>
const T &contentOf(const Buffer &buffer) {
  constexpr size_t header = offsetof(VAEncMiscParameterBuffer, data);
  if (buffer.bytes() < header + sizeof(T))
    throw Misuse{VA_STATUS_ERROR_INVALID_PARAMETER, "miscellaneous parameters that are too short"};
  return *reinterpret_cast<const T *>(buffer.memory->data() + header);
}

void takeRate(EncodeRate &rate, const VAEncMiscParameterRateControl &given) {
  if (rate.mode == VA_RC_CQP) return;
  if (given.bits_per_second == 0) throw Misuse{VA_STATUS_ERROR_INVALID_PARAMETER, "a rate of no bits"};
  const unsigned percentage = rate.mode == VA_RC_CBR || given.target_percentage == 0 ? 100 : given.target_percentage;
  if (percentage > 100) throw Misuse{VA_STATUS_ERROR_INVALID_PARAMETER, "a target of more than 100 percent"};
  rate.maxBitsPerSecond = given.bits_per_second;
  rate.bitsPerSecond = int64_t{given.bits_per_second} * percentage / 100;
}

void takeFrames(EncodeRate &rate, uint32_t framerate) {
  rate.framesNumerator = int(framerate & 0xffff);
  rate.framesDenominator = framerate >> 16 ? int(framerate >> 16) : 1;
  if (rate.framesNumerator == 0) throw Misuse{VA_STATUS_ERROR_INVALID_PARAMETER, "a rate of no pictures"};
}

}  // namespace

void EncodeRate::take(const PendingPicture &picture) {
  for (const auto &buffer : picture.buffers) {
    if (buffer->type != VAEncMiscParameterBufferType) continue;
    const auto *misc = buffer->as<VAEncMiscParameterBuffer>();
    if (!misc) throw Misuse{VA_STATUS_ERROR_INVALID_PARAMETER, "miscellaneous parameters that are too short"};
    if (misc->type == VAEncMiscParameterTypeRateControl)
      takeRate(*this, contentOf<VAEncMiscParameterRateControl>(*buffer));
    if (misc->type == VAEncMiscParameterTypeFrameRate)
      takeFrames(*this, contentOf<VAEncMiscParameterFrameRate>(*buffer).framerate);
    if (misc->type == VAEncMiscParameterTypeHRD) bufferBits = contentOf<VAEncMiscParameterHRD>(*buffer).buffer_size;
  }
}

}  // namespace sluicetest
