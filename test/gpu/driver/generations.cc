#include "generations.h"

extern "C" {
#include <libavcodec/avcodec.h>
}

#include <algorithm>
#include <cstdlib>
#include <string>

namespace sluicetest {
namespace {

enum : unsigned { decode = 1, encode = 2, lowPower = 4 };

/** What a generation does with each codec, as bits. */
struct Mask {
  std::string_view name;
  unsigned pciDevice;
  unsigned h264, hevc, vp8, vp9;
};

/** After Intel's tables of the media driver, without AV1, which this driver cannot do. */
constexpr Mask masks[] = {
    {"all", 0x56a0, decode | encode | lowPower, decode | encode | lowPower, decode | encode,
     decode | encode | lowPower},
    {"skylake", 0x1912, decode | encode | lowPower, decode | encode, decode | encode, 0},
    {"kaby-lake", 0x5912, decode | encode | lowPower, decode | encode, decode | encode, decode},
    {"ice-lake", 0x8a52, decode | encode | lowPower, decode | encode | lowPower, decode | encode, decode | lowPower},
    {"tiger-lake", 0x9a49, decode | encode | lowPower, decode | encode | lowPower, 0, decode | lowPower},
    {"arc", 0x56a0, decode | lowPower, decode | lowPower, 0, decode | lowPower},
    {"no-encode", 0x5690, decode, decode, decode, decode},
};

Generation generationOf(const Mask &mask) {
  Generation all{mask.name, mask.pciDevice, {{VAProfileNone, VAEntrypointVideoProc}}};
  const auto add = [&](unsigned bits, VAProfile profile, AVCodecID decoder, const char *encoder) {
    if (bits & decode && avcodec_find_decoder(decoder)) all.abilities.push_back({profile, VAEntrypointVLD});
    if (!avcodec_find_encoder_by_name(encoder)) return;
    if (bits & encode) all.abilities.push_back({profile, VAEntrypointEncSlice});
    if (bits & lowPower) all.abilities.push_back({profile, VAEntrypointEncSliceLP});
  };
  for (const VAProfile profile : {VAProfileH264ConstrainedBaseline, VAProfileH264Main, VAProfileH264High})
    add(mask.h264, profile, AV_CODEC_ID_H264, "libx264");
  add(mask.hevc, VAProfileHEVCMain, AV_CODEC_ID_HEVC, "libx265");
  add(mask.vp8, VAProfileVP8Version0_3, AV_CODEC_ID_VP8, "libvpx");
  add(mask.vp9, VAProfileVP9Profile0, AV_CODEC_ID_VP9, "libvpx-vp9");
  return all;
}

}  // namespace

bool Generation::has(VAProfile profile) const {
  return std::any_of(abilities.begin(), abilities.end(), [&](const Ability &one) { return one.profile == profile; });
}

bool Generation::has(VAProfile profile, VAEntrypoint entrypoint) const {
  return std::any_of(abilities.begin(), abilities.end(),
                     [&](const Ability &one) { return one.profile == profile && one.entrypoint == entrypoint; });
}

const Generation *simulatedGeneration() {
  static const std::vector<Generation> *const known = [] {
    auto *list = new std::vector<Generation>;
    for (const Mask &mask : masks) list->push_back(generationOf(mask));
    return list;
  }();
  const char *asked = std::getenv("SLUICE_TEST_GPU_GENERATION");
  const std::string name = asked && *asked ? asked : "all";
  const auto found =
      std::find_if(known->begin(), known->end(), [&](const Generation &one) { return one.name == name; });
  return found == known->end() ? nullptr : &*found;
}

}  // namespace sluicetest
