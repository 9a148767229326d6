// Owns what a driver offers, by profile and entrypoint, as far as this engine has a use for it.
#pragma once
#include "va-device.h"

namespace sluice {

struct VaAbility {
  Codec codec;
  VAProfile profile;
  VAEntrypoint entrypoint;
};

/** How an encoder is to be kept at its rate; best first. */
enum class RateControl { constant, variable, none };

bool canDraw(const VaDevice &device);
std::vector<VaAbility> decodeAbilities(const VaDevice &device);
/** For each codec the entrypoint that is to be taken first: one that keeps a rate, and the less restricted. */
std::vector<VaAbility> encodeAbilities(const VaDevice &device);
RateControl rateControlOf(const VaDevice &device, const VaAbility &ability);
/** The attribute's value; 0 when the driver has none. */
uint32_t attributeOf(const VaDevice &device, const VaAbility &ability, VAConfigAttribType type);
/** The longest side that all of them take, at most `maxSide`. */
int longestSide(const VaDevice &device, const std::vector<VaAbility> &abilities);

}  // namespace sluice
