// Owns reading the parameter buffers of a picture: finding them, checking their size, refusing what is wrong.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "context.h"

namespace sluicetest {

/** A call that is wrong on any device. */
[[noreturn]] inline void refuse(const std::string &text) { throw Misuse{VA_STATUS_ERROR_INVALID_PARAMETER, text}; }
/** A call that this device has no answer for. */
[[noreturn]] inline void cannot(const std::string &text) { throw Misuse{VA_STATUS_ERROR_UNIMPLEMENTED, text}; }

/** The newest buffer of the type as a struct; null without one. */
template <class T>
const T *lastOf(const PendingPicture &picture, VABufferType type, const char *what) {
  const T *found = nullptr;
  for (const auto &buffer : picture.buffers) {
    if (buffer->type != type) continue;
    found = buffer->template as<T>();
    if (!found) refuse(std::string(what) + " that are too short");
  }
  return found;
}

template <class T>
const T &oneOf(const PendingPicture &picture, VABufferType type, const char *what) {
  const T *found = lastOf<T>(picture, type, what);
  if (!found) refuse(std::string("a picture without ") + what);
  return *found;
}

/** A coded slice: its parameters and its bytes. */
template <class T>
struct Slice {
  const T *parameters;
  std::span<const uint8_t> data;
};

/** Slices of a picture, at least one: each buffer of parameters is followed by the one with their data. */
template <class T>
std::vector<Slice<T>> slicesOf(const PendingPicture &picture) {
  std::vector<Slice<T>> slices;
  const Buffer *parameters = nullptr;
  for (const auto &buffer : picture.buffers) {
    if (buffer->type == VASliceParameterBufferType) parameters = buffer.get();
    if (buffer->type != VASliceDataBufferType) continue;
    if (!parameters) refuse("slice data without slice parameters");
    for (unsigned i = 0; i < parameters->elements; i++) {
      const auto *one = parameters->as<T>(i);
      if (!one) refuse("slice parameters that are too short");
      if (one->slice_data_flag != VA_SLICE_DATA_FLAG_ALL) refuse("a slice in pieces");
      if (one->slice_data_size == 0 || size_t{one->slice_data_offset} + one->slice_data_size > buffer->bytes())
        refuse("a slice outside of its data");
      slices.push_back({one, {buffer->memory->data() + one->slice_data_offset, one->slice_data_size}});
    }
    parameters = nullptr;
  }
  if (slices.empty()) refuse("a picture without slices");
  return slices;
}

}  // namespace sluicetest
