// Owns profiles, entrypoints, their attributes, and configs.
#include "calls.h"
#include "driver.h"
#include "generations.h"
#include "limits.h"

namespace sluicetest {
namespace {

uint32_t attributeOf(VAProfile profile, VAEntrypoint entrypoint, VAConfigAttribType type) {
  const bool encodes = isEncode(entrypoint);
  switch (type) {
    case VAConfigAttribRTFormat:
      return VA_RT_FORMAT_YUV420 | (entrypoint == VAEntrypointVideoProc ? VA_RT_FORMAT_RGB32 : 0);
    case VAConfigAttribMaxPictureWidth:
    case VAConfigAttribMaxPictureHeight:
      return maxSide;
    case VAConfigAttribDecSliceMode:
      return entrypoint == VAEntrypointVLD ? VA_DEC_SLICE_MODE_NORMAL : VA_ATTRIB_NOT_SUPPORTED;
    case VAConfigAttribRateControl:
      return encodes ? VA_RC_CQP | VA_RC_CBR | VA_RC_VBR : VA_ATTRIB_NOT_SUPPORTED;
    case VAConfigAttribEncPackedHeaders:
      if (!encodes) return VA_ATTRIB_NOT_SUPPORTED;
      return isH264(profile)
                 ? VA_ENC_PACKED_HEADER_SEQUENCE | VA_ENC_PACKED_HEADER_PICTURE | VA_ENC_PACKED_HEADER_SLICE |
                       VA_ENC_PACKED_HEADER_MISC | VA_ENC_PACKED_HEADER_RAW_DATA
                 : VA_ENC_PACKED_HEADER_NONE;
    case VAConfigAttribEncMaxRefFrames:
    case VAConfigAttribEncMaxSlices:
      return encodes ? 1 : VA_ATTRIB_NOT_SUPPORTED;
    case VAConfigAttribEncSliceStructure:
      return encodes ? VA_ENC_SLICE_STRUCTURE_ARBITRARY_MACROBLOCKS : VA_ATTRIB_NOT_SUPPORTED;
    case VAConfigAttribEncInterlaced:
      return encodes ? VA_ENC_INTERLACED_NONE : VA_ATTRIB_NOT_SUPPORTED;
    case VAConfigAttribEncQualityRange:
      return encodes ? 7 : VA_ATTRIB_NOT_SUPPORTED;
    default:
      return VA_ATTRIB_NOT_SUPPORTED;
  }
}

VAStatus refusal(const Driver &driver, VAProfile profile, VAEntrypoint entrypoint) {
  if (!driver.generation.has(profile)) return VA_STATUS_ERROR_UNSUPPORTED_PROFILE;
  return driver.generation.has(profile, entrypoint) ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT;
}

}  // namespace

VAStatus queryConfigProfiles(VADriverContextP va, VAProfile *list, int *length) {
  *length = 0;
  const auto &abilities = driverOf(va).generation.abilities;
  for (size_t i = 0; i < abilities.size(); i++)
    if (i == 0 || abilities[i].profile != abilities[i - 1].profile) list[(*length)++] = abilities[i].profile;
  return VA_STATUS_SUCCESS;
}

VAStatus queryConfigEntrypoints(VADriverContextP va, VAProfile profile, VAEntrypoint *list, int *length) {
  *length = 0;
  for (const Ability &one : driverOf(va).generation.abilities)
    if (one.profile == profile) list[(*length)++] = one.entrypoint;
  return *length > 0 ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_UNSUPPORTED_PROFILE;
}

VAStatus getConfigAttributes(VADriverContextP va, VAProfile profile, VAEntrypoint entrypoint, VAConfigAttrib *list,
                             int length) {
  if (const VAStatus status = refusal(driverOf(va), profile, entrypoint)) return status;
  for (int i = 0; i < length; i++) list[i].value = attributeOf(profile, entrypoint, list[i].type);
  return VA_STATUS_SUCCESS;
}

VAStatus createConfig(VADriverContextP va, VAProfile profile, VAEntrypoint entrypoint, VAConfigAttrib *list, int length,
                      VAConfigID *id) {
  Driver &driver = driverOf(va);
  if (const VAStatus status = refusal(driver, profile, entrypoint)) return status;
  if (const VAStatus status = faultOfDevice()) return status;
  auto config = std::make_shared<Config>();
  config->profile = profile;
  config->entrypoint = entrypoint;
  for (int i = 0; i < length; i++) {
    const uint32_t offered = attributeOf(profile, entrypoint, list[i].type);
    const bool isMask = list[i].type == VAConfigAttribRTFormat || list[i].type == VAConfigAttribRateControl ||
                        list[i].type == VAConfigAttribEncPackedHeaders;
    if (isMask && (offered == VA_ATTRIB_NOT_SUPPORTED || (list[i].value & ~offered)))
      return misuse(VA_STATUS_ERROR_ATTR_NOT_SUPPORTED, "a config asks for what its attributes do not offer");
    if (list[i].type == VAConfigAttribRateControl) config->rateControl = list[i].value;
  }
  const std::lock_guard hold(driver.lock);
  *id = driver.nextId++;
  driver.configs.add(*id, std::move(config));
  count(Count::liveConfigs);
  return VA_STATUS_SUCCESS;
}

VAStatus destroyConfig(VADriverContextP va, VAConfigID id) {
  Driver &driver = driverOf(va);
  const std::lock_guard hold(driver.lock);
  const auto config = driver.configs.remove(id);
  if (!config) return misuse(VA_STATUS_ERROR_INVALID_CONFIG, "a config is destroyed that is not there");
  count(Count::liveConfigs, -1);
  for (const auto &[other, context] : driver.contexts)
    if (context->config == config)
      return misuse(VA_STATUS_ERROR_OPERATION_FAILED, "a config is destroyed before its context");
  return VA_STATUS_SUCCESS;
}

VAStatus queryConfigAttributes(VADriverContextP va, VAConfigID id, VAProfile *profile, VAEntrypoint *entrypoint,
                               VAConfigAttrib *list, int *length) {
  Driver &driver = driverOf(va);
  const std::lock_guard hold(driver.lock);
  const auto config = driver.configs.find(id);
  if (!config) return misuse(VA_STATUS_ERROR_INVALID_CONFIG, "attributes of a config that is not there");
  *profile = config->profile;
  *entrypoint = config->entrypoint;
  *length = 0;
  for (int type = 0; type < VAConfigAttribTypeMax && *length < maxConfigAttributes; type++) {
    const uint32_t value = attributeOf(config->profile, config->entrypoint, VAConfigAttribType(type));
    if (value != VA_ATTRIB_NOT_SUPPORTED) list[(*length)++] = {VAConfigAttribType(type), value};
  }
  return VA_STATUS_SUCCESS;
}

}  // namespace sluicetest
