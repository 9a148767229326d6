// Owns encoding H.264 on a device with libva itself, for what libavcodec's encoder cannot: a new rate from one picture to
// the next without a key picture. Low delay, one reference, parameter sets before each key picture.
#pragma once
#include "h264-headers.h"
#include "surface-pool.h"
#include "va-abilities.h"
#include "va-context.h"

namespace sluice {

class VaH264Encoder final : public Encoder {
 public:
  VaH264Encoder(VaDeviceRef device, const VaAbility &ability, const EncoderSettings &settings);
  Encoded encode(const Picture &picture, double durationMs, bool key) override;
  void setRate(Rate rate) override;

 private:
  H264Format format() const;
  Size codedSize() const;
  std::vector<VAConfigAttrib> attributes() const;
  bool packs(uint32_t header) const { return (packedHeaders & header) != 0; }

  void addRate(std::vector<VaBuffer> &buffers) const;
  void addSequence(std::vector<VaBuffer> &buffers) const;
  void addPicture(std::vector<VaBuffer> &buffers, const H264Slice &slice) const;
  void addSlice(std::vector<VaBuffer> &buffers, const H264Slice &slice) const;
  void addPacked(std::vector<VaBuffer> &buffers, uint32_t type, const PackedHeader &header) const;
  /** What the device wrote. */
  std::vector<uint8_t> readCoded(VASurfaceID input) const;

  const VaDeviceRef device;
  const VaAbility ability;
  const RateControl control;
  /** Those that we write; the driver writes the others from its parameters, which say the same. */
  const uint32_t packedHeaders;
  Rate rate;
  /** Reconstructed pictures: the one that is made and the one that it refers to take turns. */
  const SurfacePool pool;
  const FramePointer reconstructed[2];
  const VaContext context;
  const VaBuffer coded;
  /** Pictures since the last key one; less than 0 before the first. */
  int sinceKey = -1;
  int keys = 0;
  bool isRateNew = true;
};

}  // namespace sluice
