#include "frame-picture.h"

#include <new>

namespace sluice {

FramePointer newFrame() {
  FramePointer frame(av_frame_alloc());
  if (!frame) throw std::bad_alloc();
  return frame;
}

FramePicture::FramePicture(FramePointer given) : Picture({given->width, given->height}), frame(std::move(given)) {}

std::shared_ptr<FramePicture> FramePicture::make(Size size) {
  FramePointer frame = newFrame();
  frame->format = AV_PIX_FMT_YUV420P;
  frame->width = size.width;
  frame->height = size.height;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  return std::make_shared<FramePicture>(std::move(frame));
}

}  // namespace sluice
