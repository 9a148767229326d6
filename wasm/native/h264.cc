// The native counterpart of the H.264 wrappers: the same glue over openh264 built for this machine.
#include "../glue/h264-decoder.cc"
#include "../glue/h264-encoder.cc"
#include "measure.h"

struct H264 {
  H264Encoder *encoder(const Job &job) const {
    return h264_encoder_create(job.width, job.height, 30, job.bitrate_bps, 0, 0);
  }
  uint8_t *input(H264Encoder *e) const { return h264_encoder_input(e); }
  const uint8_t *output(H264Encoder *e) const { return h264_encoder_output(e); }
  int encode(H264Encoder *e, int frame) const { return h264_encoder_encode(e, frame * 1000.0 / 30, 0); }
  void close(H264Encoder *e) const { h264_encoder_destroy(e); }
  H264Decoder *decoder() const { return h264_decoder_create(1); }
  const Picture *decode(H264Decoder *d, const uint8_t *data, int length) const {
    memcpy(h264_decoder_input(d, length), data, length);
    return h264_decoder_decode(d, length) == 1 ? h264_decoder_picture(d) : nullptr;
  }
  void close(H264Decoder *d) const { h264_decoder_destroy(d); }
};

int main(int count, char **words) { return measure(count, words, H264()); }
