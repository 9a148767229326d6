// Owns the JavaScript object of a session (`NativeSession`, addon.ts): checks what is asked and posts it. All of it in the
// thread of its environment.
#pragma once
#include <node_api.h>

namespace sluice {

/** Once for each environment, before the first session. */
void registerSessions(napi_env env);

/** `open(options, deliver)`. */
napi_value openSession(napi_env env, napi_value options, napi_value deliver);

}  // namespace sluice
