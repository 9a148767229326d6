// The native counterpart of the VP8 and VP9 wrappers: the same glue over the libvpx of this machine (glue compiled apart,
// since it is C). VP9 when its name says so.
#include "measure.h"

struct VpxEncoder;
struct VpxDecoder;

extern "C" {
VpxEncoder *vpx_encoder_create(int vp9, int width, int height, int bitrate_bps, int speed);
uint8_t *vpx_encoder_input(VpxEncoder *);
const uint8_t *vpx_encoder_output(VpxEncoder *);
int vpx_encoder_encode(VpxEncoder *, int duration, int key);
void vpx_encoder_destroy(VpxEncoder *);
VpxDecoder *vpx_decoder_create(int vp9);
uint8_t *vpx_decoder_input(VpxDecoder *, int length);
Picture *vpx_decoder_picture(VpxDecoder *);
int vpx_decoder_decode(VpxDecoder *, int length);
void vpx_decoder_destroy(VpxDecoder *);
}

struct Vpx {
  int vp9;
  VpxEncoder *encoder(const Job &job) const {
    return vpx_encoder_create(vp9, job.width, job.height, job.bitrate_bps, -8);
  }
  uint8_t *input(VpxEncoder *e) const { return vpx_encoder_input(e); }
  const uint8_t *output(VpxEncoder *e) const { return vpx_encoder_output(e); }
  int encode(VpxEncoder *e, int) const { return vpx_encoder_encode(e, 3000, 0); }
  void close(VpxEncoder *e) const { vpx_encoder_destroy(e); }
  VpxDecoder *decoder() const { return vpx_decoder_create(vp9); }
  const Picture *decode(VpxDecoder *d, const uint8_t *data, int length) const {
    memcpy(vpx_decoder_input(d, length), data, length);
    return vpx_decoder_decode(d, length) == 1 ? vpx_decoder_picture(d) : nullptr;
  }
  void close(VpxDecoder *d) const { vpx_decoder_destroy(d); }
};

int main(int count, char **words) { return measure(count, words, Vpx{strstr(words[0], "vp9") != nullptr}); }
