// Owns what `open` and `probe` have in common: which engine on which device with which encoders.
#pragma once
#include <node_api.h>

#include "../backend.h"

namespace sluice {

BackendOptions backendOptions(napi_env env, napi_value options);

}  // namespace sluice
