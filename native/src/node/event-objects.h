// Owns how events look in JavaScript (`NativeEvent`, addon.ts).
#pragma once
#include <node_api.h>

#include "../events.h"

namespace sluice {

napi_value objectOf(napi_env env, const Event &event);

}  // namespace sluice
