// Checks encoding of H.264 without packed headers: writes the stream of three pictures to the path given, then makes
// wrong calls and prints `name status` for each, for test-gpu.test.ts to judge.
#include <cstring>

#include "display.h"

namespace {

using namespace checks;

constexpr int width = 320, height = 192;

class H264Encoder {
 public:
  explicit H264Encoder(const Display &display) : display_(display) {
    VAConfigAttrib rate{VAConfigAttribRateControl, VA_RC_CQP};
    need(vaCreateConfig(display.va, VAProfileH264ConstrainedBaseline, VAEntrypointEncSlice, &rate, 1, &config_),
         "vaCreateConfig");
    need(vaCreateContext(display.va, config_, width, height, VA_PROGRESSIVE, nullptr, 0, &context), "vaCreateContext");
  }
  ~H264Encoder() {
    vaDestroyContext(display_.va, context);
    vaDestroyConfig(display_.va, config_);
  }
  H264Encoder(const H264Encoder &) = delete;
  H264Encoder &operator=(const H264Encoder &) = delete;

  /** `reference`: none for a key picture. */
  VAStatus encode(VASurfaceID source, VASurfaceID reconstruction, VASurfaceID reference, VABufferID coded) {
    const bool isKey = reference == VA_INVALID_SURFACE;
    VAEncSequenceParameterBufferH264 sequence{};
    sequence.level_idc = 31;
    sequence.max_num_ref_frames = 1;
    sequence.picture_width_in_mbs = width / 16;
    sequence.picture_height_in_mbs = height / 16;
    sequence.seq_fields.bits.chroma_format_idc = 1;
    sequence.seq_fields.bits.frame_mbs_only_flag = 1;
    VAEncPictureParameterBufferH264 picture{};
    VAEncSliceParameterBufferH264 slice{};
    for (VAPictureH264 &one : picture.ReferenceFrames) one = {VA_INVALID_SURFACE, 0, VA_PICTURE_H264_INVALID, 0, 0};
    for (VAPictureH264 &one : slice.RefPicList0) one = {VA_INVALID_SURFACE, 0, VA_PICTURE_H264_INVALID, 0, 0};
    picture.CurrPic = {reconstruction, 0, 0, 0, 0};
    if (!isKey) picture.ReferenceFrames[0] = slice.RefPicList0[0] = {reference, 0, 0, 0, 0};
    picture.coded_buf = coded;
    picture.pic_init_qp = 26;
    picture.pic_fields.bits.idr_pic_flag = isKey;
    picture.pic_fields.bits.reference_pic_flag = 1;
    slice.num_macroblocks = width / 16 * (height / 16);
    slice.slice_type = isKey ? 2 : 0;

    std::vector<VABufferID> buffers;
    const auto add = [&](VABufferType type, auto &content) {
      VABufferID id = VA_INVALID_ID;
      need(vaCreateBuffer(display_.va, context, type, sizeof content, 1, &content, &id), "vaCreateBuffer");
      buffers.push_back(id);
    };
    if (isKey) add(VAEncSequenceParameterBufferType, sequence);
    add(VAEncPictureParameterBufferType, picture);
    add(VAEncSliceParameterBufferType, slice);
    need(vaBeginPicture(display_.va, context, source), "vaBeginPicture");
    need(vaRenderPicture(display_.va, context, buffers.data(), int(buffers.size())), "vaRenderPicture");
    const VAStatus status = vaEndPicture(display_.va, context);
    for (const VABufferID id : buffers) vaDestroyBuffer(display_.va, id);
    return status;
  }

  VABufferID codedBuffer(unsigned bytes) const {
    VABufferID id = VA_INVALID_ID;
    need(vaCreateBuffer(display_.va, context, VAEncCodedBufferType, bytes, 1, nullptr, &id), "vaCreateBuffer");
    return id;
  }

  VAContextID context = VA_INVALID_ID;

 private:
  const Display &display_;
  VAConfigID config_ = VA_INVALID_ID;
};

void append(const Display &display, VABufferID coded, std::FILE *out) {
  void *mapped = nullptr;
  need(vaMapBuffer(display.va, coded, &mapped), "vaMapBuffer");
  for (auto *segment = static_cast<VACodedBufferSegment *>(mapped); segment;
       segment = static_cast<VACodedBufferSegment *>(segment->next))
    std::fwrite(segment->buf, 1, segment->size, out);
  need(vaUnmapBuffer(display.va, coded), "vaUnmapBuffer");
}

void tell(const char *name, VAStatus status) { std::printf("%s %s\n", name, vaErrorStr(status)); }

}  // namespace

int main(int, char **arguments) {
  const Display display(arguments[1]);
  VASurfaceID source = display.surface(VA_FOURCC_NV12, width, height);
  VASurfaceID kept[2] = {display.surface(VA_FOURCC_NV12, width, height),
                         display.surface(VA_FOURCC_NV12, width, height)};
  VABufferID coded = VA_INVALID_ID, small = VA_INVALID_ID;
  {
    H264Encoder encoder(display);
    coded = encoder.codedBuffer(1 << 20);
    small = encoder.codedBuffer(16);
    std::FILE *out = std::fopen(arguments[2], "wb");
    for (int i = 0; i < 3; i++) {
      need(encoder.encode(source, kept[i % 2], i == 0 ? VA_INVALID_SURFACE : kept[(i + 1) % 2], coded), "encode");
      append(display, coded, out);
    }
    std::fclose(out);

    tell("other-reference", encoder.encode(source, kept[0], kept[1], coded));
    tell("onto-source", encoder.encode(source, source, VA_INVALID_SURFACE, coded));
    tell("no-reconstruction", encoder.encode(source, 12345, VA_INVALID_SURFACE, coded));
    tell("no-coded-buffer", encoder.encode(source, kept[0], VA_INVALID_SURFACE, 12345));
    tell("small-coded-buffer", encoder.encode(source, kept[0], VA_INVALID_SURFACE, small));
    need(encoder.encode(source, kept[0], VA_INVALID_SURFACE, coded), "encode");
    const Compositor compositor(display, width, height);
    need(compositor.draw(kept[0], {layer(source, nullptr)}), "draw");
    tell("reference-drawn-over", encoder.encode(source, kept[1], kept[0], coded));
    need(encoder.encode(source, kept[0], VA_INVALID_SURFACE, coded), "encode");
    tell("well-used", encoder.encode(source, kept[1], kept[0], coded));
  }
  vaDestroyBuffer(display.va, coded);
  vaDestroyBuffer(display.va, small);
  vaDestroySurfaces(display.va, &source, 1);
  vaDestroySurfaces(display.va, kept, 2);
  return 0;
}
