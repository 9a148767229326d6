#include "surface-pool.h"

#include <libyuv.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include "../counters.h"
#include "../cpu/yuv.h"

namespace sluice {

namespace {

AVHWFramesContext &contextOf(AVBufferRef &pool) { return *reinterpret_cast<AVHWFramesContext *>(pool.data); }

BufferRefPointer makePool(const VaDevice &device, Size size, int count) {
  BufferRefPointer pool(av_hwframe_ctx_alloc(device.reference.get()));
  if (!pool) throw std::bad_alloc();
  AVHWFramesContext &context = contextOf(*pool);
  context.format = AV_PIX_FMT_VAAPI;
  context.sw_format = AV_PIX_FMT_NV12;
  context.width = size.width;
  context.height = size.height;
  context.initial_pool_size = count;
  beginPool(*pool);
  return pool;
}

FramePointer newNv12(Size size) {
  FramePointer frame = newFrame();
  frame->format = AV_PIX_FMT_NV12;
  frame->width = size.width;
  frame->height = size.height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  return frame;
}

[[noreturn]] void throwCopyFailure(int error) {
  throw Failure("the device cannot copy a picture",
                error == AVERROR(ENOMEM) ? Failure::Scope::session : Failure::Scope::device);
}

std::shared_ptr<VaPicture> uploaded(const VaDevice &device, const AVFrame &from) {
  FramePointer frame = SurfacePool(device, {from.width, from.height}, 1).take();
  if (const int error = av_hwframe_transfer_data(frame.get(), &from, 0); error < 0) throwCopyFailure(error);
  return std::make_shared<VaPicture>(std::move(frame));
}

}  // namespace

void beginPool(AVBufferRef &pool) {
  AVHWFramesContext &context = contextOf(pool);
  if (const int error = av_hwframe_ctx_init(&pool); error < 0) {
    throw Failure("the device has no room for " + std::to_string(context.initial_pool_size) + " surfaces of " +
                      std::to_string(context.width) + " × " + std::to_string(context.height),
                  error == AVERROR(ENOMEM) ? Failure::Scope::session : Failure::Scope::device);
  }
  counters.surfaces += context.initial_pool_size;
  context.free = [](AVHWFramesContext *freed) { counters.surfaces -= freed->initial_pool_size; };
}

SurfacePool::SurfacePool(const VaDevice &device, Size size, int count)
    : size(size), reference(makePool(device, size, count)) {}

FramePointer SurfacePool::take() const {
  FramePointer frame = newFrame();
  if (av_hwframe_get_buffer(reference.get(), frame.get(), 0) < 0) throw Failure("all surfaces of a pool are in use");
  return frame;
}

std::shared_ptr<VaPicture> upload(const VaDevice &device, Size size, const uint8_t *packed) {
  const FramePointer from = newNv12(size);
  const int luma = size.width * size.height, half = size.width / 2;
  libyuv::I420ToNV12(packed, size.width, packed + luma, half, packed + luma + luma / 4, half, from->data[0],
                     from->linesize[0], from->data[1], from->linesize[1], size.width, size.height);
  return uploaded(device, *from);
}

std::shared_ptr<VaPicture> uploadColour(const VaDevice &device, Size size, Colour colour) {
  const Yuv yuv = yuvOf(colour);
  std::vector<uint8_t> packed(packedBytes(size), uint8_t(yuv.y));
  const auto chroma = packed.begin() + ptrdiff_t(size.width) * size.height;
  const auto middle = chroma + (packed.end() - chroma) / 2;
  std::fill(chroma, middle, uint8_t(yuv.u));
  std::fill(middle, packed.end(), uint8_t(yuv.v));
  return upload(device, size, packed.data());
}

FramePointer download(const AVFrame &frame) {
  FramePointer to = newNv12({frame.width, frame.height});
  if (const int error = av_hwframe_transfer_data(to.get(), &frame, 0); error < 0) throwCopyFailure(error);
  return to;
}

}  // namespace sluice
