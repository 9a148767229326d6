#include "backend-options.h"

#include <algorithm>

#include "values.h"

namespace sluice {

BackendOptions backendOptions(napi_env env, napi_value options) {
  BackendOptions result;
  result.engine = text(env, property(env, options, "engine"), "engine");
  const std::vector<std::string> names = engineNames();
  if (std::find(names.begin(), names.end(), result.engine) == names.end()) {
    outOfRange("there is no engine " + result.engine + " in this build");
  }
  if (const napi_value device = property(env, options, "device"); !isUndefined(env, device)) {
    result.device = text(env, device, "device");
  }
  const napi_value encoders = property(env, options, "encoders");
  if (isUndefined(env, encoders)) return result;
  bool isArray = false;
  check(env, napi_is_array(env, encoders, &isArray));
  if (!isArray) wrongType("encoders is no array");
  uint32_t count = 0;
  check(env, napi_get_array_length(env, encoders, &count));
  if (count > 64) outOfRange("there are too many encoders");
  for (uint32_t index = 0; index < count; index++) {
    napi_value name;
    check(env, napi_get_element(env, encoders, index, &name));
    result.encoders.push_back(text(env, name, "encoders"));
  }
  return result;
}

}  // namespace sluice
