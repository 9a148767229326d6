// Owns what the addon exports (`NativeAddon`, addon.ts).
#include <node_api.h>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/log.h>
}

#include "../counters.h"
#include "backend-options.h"
#include "session-object.h"
#include "values.h"

namespace sluice {

namespace {

template <class Item, class Make>
napi_value arrayOf(napi_env env, const std::vector<Item> &items, Make make) {
  napi_value array;
  check(env, napi_create_array_with_length(env, items.size(), &array));
  for (uint32_t index = 0; index < items.size(); index++) {
    check(env, napi_set_element(env, array, index, make(items[index])));
  }
  return array;
}

std::string version() {
  const unsigned codec = avcodec_version();
  return "libavcodec " + std::to_string(AV_VERSION_MAJOR(codec)) + "." + std::to_string(AV_VERSION_MINOR(codec)) + "." +
         std::to_string(AV_VERSION_MICRO(codec));
}

napi_value open(const Call &call) { return openSession(call.env, call.arguments[0], call.arguments[1]); }

napi_value capabilities(napi_env env, const std::vector<Capability> &list) {
  return arrayOf(env, list, [env](const Capability &each) {
    ObjectMaker made(env);
    made.with("codec", std::string(nameOf(each.codec))).with("implementation", each.implementation);
    if (!each.profile.empty()) made.with("profile", each.profile);
    if (!each.entrypoint.empty()) made.with("entrypoint", each.entrypoint);
    return made.object;
  });
}

napi_value probe(const Call &call) {
  const BackendOptions options = backendOptions(call.env, call.arguments[0]);
  const Probe found = probeBackend(options);
  ObjectMaker made(call.env);
  made.with("engine", options.engine)
      .with("vendor", found.vendor)
      .with("decode", capabilities(call.env, found.decode))
      .with("encode", capabilities(call.env, found.encode))
      .with("maxSide", double(found.maxSide));
  if (found.maxLayers > 0) made.with("maxLayers", double(found.maxLayers));
  return made.object;
}

napi_value count(const Call &call) {
  return ObjectMaker(call.env)
      .with("sessions", double(counters.sessions))
      .with("decoders", double(counters.decoders))
      .with("canvases", double(counters.canvases))
      .with("encoders", double(counters.encoders))
      .with("pictures", double(counters.pictures))
      .with("surfaces", double(counters.surfaces))
      .with("deviceBuffers", double(counters.deviceBuffers))
      .with("queuedBytes", double(counters.queuedBytes))
      .object;
}

napi_value function(napi_env env, const char *name, napi_callback body) {
  napi_value made;
  check(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, body, nullptr, &made));
  return made;
}

napi_value start(napi_env env) {
  // What peers send is no news for a log.
  av_log_set_level(AV_LOG_QUIET);
  registerSessions(env);
  const napi_value engines = arrayOf(env, engineNames(), [env](const std::string &name) { return of(env, name); });
  return ObjectMaker(env)
      .with("engines", engines)
      .with("version", version())
      .with("open", function(env, "open", callback<open>))
      .with("probe", function(env, "probe", callback<probe>))
      .with("counters", function(env, "counters", callback<count>))
      .object;
}

}  // namespace

}  // namespace sluice

NAPI_MODULE_INIT() {
  try {
    return sluice::start(env);
  } catch (const std::exception &error) {
    napi_throw_error(env, nullptr, error.what());
  } catch (const sluice::Pending &) {
  }
  return exports;
}
