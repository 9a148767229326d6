// Checks that a decoder's references are watched: decodes two pictures of a VP9 stream (IVF, the first is a key
// picture), first as it should be, then with the reference drawn over in between. Prints `name status`, for
// test-gpu.test.ts to judge.
#include <cstring>
#include <fstream>
#include <iterator>

#include "display.h"

namespace {

using namespace checks;
using Bytes = std::vector<uint8_t>;

/** The first two frames of an IVF file. */
std::vector<Bytes> framesOf(const char *path) {
  std::ifstream file(path, std::ios::binary);
  const Bytes bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<Bytes> frames;
  size_t at = 32;
  while (frames.size() < 2 && at + 12 < bytes.size()) {
    uint32_t length = 0;
    std::memcpy(&length, &bytes[at], sizeof length);
    frames.emplace_back(bytes.begin() + ptrdiff_t(at + 12), bytes.begin() + ptrdiff_t(at + 12 + length));
    at += 12 + length;
  }
  return frames;
}

class Vp9Decoder {
 public:
  Vp9Decoder(const Display &display, int width, int height) : display_(display), width_(width), height_(height) {
    need(vaCreateConfig(display.va, VAProfileVP9Profile0, VAEntrypointVLD, nullptr, 0, &config_), "vaCreateConfig");
    need(vaCreateContext(display.va, config_, width, height, VA_PROGRESSIVE, nullptr, 0, &context_), "vaCreateContext");
  }
  ~Vp9Decoder() {
    vaDestroyContext(display_.va, context_);
    vaDestroyConfig(display_.va, config_);
  }
  Vp9Decoder(const Vp9Decoder &) = delete;
  Vp9Decoder &operator=(const Vp9Decoder &) = delete;

  /** `reference`: none for a key picture. */
  VAStatus decode(Bytes &frame, VASurfaceID into, VASurfaceID reference) const {
    VADecPictureParameterBufferVP9 picture{};
    picture.frame_width = uint16_t(width_);
    picture.frame_height = uint16_t(height_);
    picture.bit_depth = 8;
    picture.pic_fields.bits.frame_type = reference != VA_INVALID_SURFACE;
    for (VASurfaceID &one : picture.reference_frames) one = reference;
    VASliceParameterBufferVP9 slice{};
    slice.slice_data_size = uint32_t(frame.size());
    VABufferID buffers[3];
    const auto add = [&](int i, VABufferType type, size_t bytes, void *content) {
      need(vaCreateBuffer(display_.va, context_, type, unsigned(bytes), 1, content, &buffers[i]), "vaCreateBuffer");
    };
    add(0, VAPictureParameterBufferType, sizeof picture, &picture);
    add(1, VASliceParameterBufferType, sizeof slice, &slice);
    add(2, VASliceDataBufferType, frame.size(), frame.data());
    need(vaBeginPicture(display_.va, context_, into), "vaBeginPicture");
    need(vaRenderPicture(display_.va, context_, buffers, 3), "vaRenderPicture");
    const VAStatus status = vaEndPicture(display_.va, context_);
    for (const VABufferID id : buffers) vaDestroyBuffer(display_.va, id);
    return status;
  }

 private:
  const Display &display_;
  int width_, height_;
  VAConfigID config_ = VA_INVALID_ID;
  VAContextID context_ = VA_INVALID_ID;
};

}  // namespace

int main(int, char **arguments) {
  const Display display(arguments[1]);
  auto frames = framesOf(arguments[2]);
  constexpr int width = 320, height = 180;
  VASurfaceID surfaces[3];
  for (VASurfaceID &one : surfaces) one = display.surface(VA_FOURCC_NV12, width, height);
  {
    const Vp9Decoder decoder(display, width, height);
    const Compositor compositor(display, width, height);
    for (const bool isDrawnOver : {false, true}) {
      need(decoder.decode(frames[0], surfaces[0], VA_INVALID_SURFACE), "decode");
      if (isDrawnOver) need(compositor.draw(surfaces[0], {layer(surfaces[2], nullptr)}), "draw");
      const VAStatus status = decoder.decode(frames[1], surfaces[1], surfaces[0]);
      std::printf("%s %s\n", isDrawnOver ? "drawn-over" : "kept", vaErrorStr(status));
    }
    std::printf("into-itself %s\n", vaErrorStr(decoder.decode(frames[1], surfaces[0], surfaces[0])));
    std::printf("destroyed %s\n", vaErrorStr(decoder.decode(frames[1], surfaces[1], 12345)));
  }
  vaDestroySurfaces(display.va, surfaces, 3);
  return 0;
}
