#include "va-abilities.h"

#include <algorithm>

namespace sluice {

namespace {

struct Known {
  VAProfile profile;
  Codec codec;
  /** Others are there for decoding what peers send. */
  bool isForEncoding;
};

constexpr Known known[] = {
    {VAProfileH264ConstrainedBaseline, Codec::h264, true},
    {VAProfileH264Main, Codec::h264, false},
    {VAProfileH264High, Codec::h264, false},
    {VAProfileHEVCMain, Codec::h265, true},
    {VAProfileVP8Version0_3, Codec::vp8, true},
    {VAProfileVP9Profile0, Codec::vp9, true},
    {VAProfileAV1Profile0, Codec::av1, true},
};

std::vector<VAProfile> profilesOf(VADisplay display) {
  std::vector<VAProfile> profiles(size_t(std::max(vaMaxNumProfiles(display), 0)));
  int count = 0;
  check(vaQueryConfigProfiles(display, profiles.data(), &count), "tell its profiles");
  profiles.resize(size_t(count));
  return profiles;
}

std::vector<VAEntrypoint> entrypointsOf(VADisplay display, VAProfile profile) {
  std::vector<VAEntrypoint> entrypoints(size_t(std::max(vaMaxNumEntrypoints(display), 0)));
  int count = 0;
  if (vaQueryConfigEntrypoints(display, profile, entrypoints.data(), &count) != VA_STATUS_SUCCESS) return {};
  entrypoints.resize(size_t(count));
  return entrypoints;
}

template <class Container, class Value>
bool has(const Container &container, Value value) {
  return std::find(container.begin(), container.end(), value) != container.end();
}

/** Of what is known, those that the device has and that are wanted. */
template <class Wanted>
std::vector<VaAbility> abilities(const VaDevice &device, Wanted wanted) {
  const std::vector<VAProfile> profiles = profilesOf(device.display);
  std::vector<VaAbility> found;
  for (const Known &each : known) {
    if (!has(profiles, each.profile)) continue;
    for (const VAEntrypoint entrypoint : entrypointsOf(device.display, each.profile)) {
      if (wanted(each, entrypoint)) found.push_back({each.codec, each.profile, entrypoint});
    }
  }
  return found;
}

}  // namespace

bool canDraw(const VaDevice &device) {
  return has(profilesOf(device.display), VAProfileNone) &&
         has(entrypointsOf(device.display, VAProfileNone), VAEntrypointVideoProc);
}

std::vector<VaAbility> decodeAbilities(const VaDevice &device) {
  return abilities(device, [](const Known &, VAEntrypoint entrypoint) { return entrypoint == VAEntrypointVLD; });
}

std::vector<VaAbility> encodeAbilities(const VaDevice &device) {
  std::vector<VaAbility> found = abilities(device, [](const Known &each, VAEntrypoint entrypoint) {
    return each.isForEncoding && (entrypoint == VAEntrypointEncSlice || entrypoint == VAEntrypointEncSliceLP);
  });
  // The low-power one keeps a rate only with a firmware that may not be there.
  const auto rank = [&](const VaAbility &each) {
    return (rateControlOf(device, each) == RateControl::none ? 2 : 0) +
           (each.entrypoint == VAEntrypointEncSlice ? 0 : 1);
  };
  std::stable_sort(found.begin(), found.end(),
                   [&](const VaAbility &a, const VaAbility &b) { return rank(a) < rank(b); });
  return found;
}

RateControl rateControlOf(const VaDevice &device, const VaAbility &ability) {
  const uint32_t modes = attributeOf(device, ability, VAConfigAttribRateControl);
  if (modes & VA_RC_CBR) return RateControl::constant;
  return modes & VA_RC_VBR ? RateControl::variable : RateControl::none;
}

uint32_t attributeOf(const VaDevice &device, const VaAbility &ability, VAConfigAttribType type) {
  VAConfigAttrib attribute{type, 0};
  const VAStatus status = vaGetConfigAttributes(device.display, ability.profile, ability.entrypoint, &attribute, 1);
  return status == VA_STATUS_SUCCESS && attribute.value != VA_ATTRIB_NOT_SUPPORTED ? attribute.value : 0;
}

int longestSide(const VaDevice &device, const std::vector<VaAbility> &abilities) {
  int side = maxSide;
  for (const VaAbility &each : abilities) {
    for (const VAConfigAttribType type : {VAConfigAttribMaxPictureWidth, VAConfigAttribMaxPictureHeight}) {
      if (const uint32_t value = attributeOf(device, each, type); value > 0) side = std::min(side, int(value));
    }
  }
  return side;
}

}  // namespace sluice
