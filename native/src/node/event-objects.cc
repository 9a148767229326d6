#include "event-objects.h"

#include "values.h"

namespace sluice {

namespace {

ObjectMaker typed(napi_env env, const char *type) { return ObjectMaker(env).with("type", std::string(type)); }

napi_value make(napi_env env, const Opened &event) { return typed(env, "opened").with("vendor", event.vendor).object; }

napi_value make(napi_env env, const Pictured &event) {
  return typed(env, "pictured")
      .with("decoder", double(event.decoder))
      .with("timestamp", event.timestamp)
      .with("width", double(event.size.width))
      .with("height", double(event.size.height))
      .with("ms", event.ms)
      .object;
}

napi_value make(napi_env env, const Broken &event) {
  return typed(env, "broken").with("decoder", double(event.decoder)).with("timestamp", event.timestamp).object;
}

napi_value make(napi_env env, const EncodedUnit &event) {
  return typed(env, "encoded")
      .with("encoder", double(event.encoder))
      .with("data", event.unit.data)
      .with("key", event.unit.key)
      .with("atMs", event.atMs)
      .with("ms", event.ms)
      .object;
}

napi_value make(napi_env env, const Skipped &event) {
  return typed(env, "skipped").with("encoder", double(event.encoder)).with("atMs", event.atMs).object;
}

napi_value make(napi_env env, const Tapped &event) {
  return typed(env, "tapped")
      .with("ticket", double(event.ticket))
      .with("width", double(event.size.width))
      .with("height", double(event.size.height))
      .with("data", event.data.empty() ? undefined(env) : of(env, event.data))
      .object;
}

napi_value make(napi_env env, const Failed &event) {
  const bool isDevice = event.scope == Failure::Scope::device;
  return typed(env, "failed")
      .with("reason", event.reason)
      .with("scope", std::string(isDevice ? "device" : "session"))
      .object;
}

napi_value make(napi_env env, const Closed &) { return typed(env, "closed").object; }

}  // namespace

napi_value objectOf(napi_env env, const Event &event) {
  return std::visit([env](const auto &each) { return make(env, each); }, event);
}

}  // namespace sluice
