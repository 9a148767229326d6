#include "session-object.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <unordered_map>

#include "backend-options.h"
#include "delivery.h"
#include "values.h"

namespace sluice {

namespace {

/** How long the end of an environment waits for each of its engine threads. One that hangs is left behind. */
constexpr std::chrono::milliseconds patience{1000};
constexpr size_t maxObjects = 1024;
constexpr int maxId = 2'147'483'647;

enum class ObjectKind { decoder, canvas, still, encoder };

struct SessionObject;

/** What an environment keeps. */
struct Environment {
  napi_ref constructor = nullptr;
  std::set<SessionObject *> sessions;
};

struct SessionObject {
  std::shared_ptr<Session> session;
  std::unordered_map<int, ObjectKind> objects;
  Environment *environment = nullptr;
};

Environment &environmentOf(napi_env env) {
  void *data = nullptr;
  check(env, napi_get_instance_data(env, &data));
  return *static_cast<Environment *>(data);
}

SessionObject &sessionOf(const Call &call) {
  void *data = nullptr;
  if (napi_unwrap(call.env, call.self, &data) != napi_ok || data == nullptr) wrongType("this is no session");
  return *static_cast<SessionObject *>(data);
}

/** The number of an object of one of these kinds. */
int known(const Call &call, const SessionObject &session, size_t argument, const char *name,
          std::initializer_list<ObjectKind> kinds) {
  const int id = integer(call.env, call.arguments[argument], name, 1, maxId);
  const auto found = session.objects.find(id);
  if (found == session.objects.end() || std::find(kinds.begin(), kinds.end(), found->second) == kinds.end()) {
    outOfRange(std::string(name) + " " + std::to_string(id) + " is unknown");
  }
  return id;
}

int unused(const Call &call, const SessionObject &session) {
  const int id = integer(call.env, call.arguments[0], "id", 1, maxId);
  if (session.objects.contains(id)) outOfRange("id " + std::to_string(id) + " is in use");
  if (session.objects.size() >= maxObjects) outOfRange("there are too many objects");
  return id;
}

Size sizeOf(napi_env env, napi_value width, napi_value height) {
  const Size size{integer(env, width, "width", 16, maxSide), integer(env, height, "height", 16, maxSide)};
  if (!isAllowed(size)) outOfRange("a side is odd");
  return size;
}

Codec codecOf(napi_env env, napi_value value) {
  const std::optional<Codec> codec = codecNamed(text(env, value, "codec"));
  if (!codec) outOfRange("there is no such codec");
  return *codec;
}

Rate rateOf(napi_env env, napi_value bitrateKbps, napi_value framerate) {
  // Bounded for what is done with them; the engine takes the nearest that it can.
  const double kbps = number(env, bitrateKbps, "bitrateKbps");
  return {int(std::clamp(kbps, 0.0, 1e6)), number(env, framerate, "framerate")};
}

napi_value opened(const Call &call, SessionObject &session, int id, ObjectKind kind, Command &&command) {
  const bool isTaken = session.session->post(std::move(command));
  if (isTaken) session.objects.emplace(id, kind);
  return of(call.env, isTaken);
}

napi_value openDecoder(const Call &call) {
  SessionObject &session = sessionOf(call);
  const int id = unused(call, session);
  return opened(call, session, id, ObjectKind::decoder, OpenDecoder{id, codecOf(call.env, call.arguments[1])});
}

napi_value openCanvas(const Call &call) {
  SessionObject &session = sessionOf(call);
  const int id = unused(call, session);
  const Size size = sizeOf(call.env, call.arguments[1], call.arguments[2]);
  return opened(call, session, id, ObjectKind::canvas, OpenCanvas{id, size});
}

napi_value openStill(const Call &call) {
  SessionObject &session = sessionOf(call);
  const int id = unused(call, session);
  const Size size = sizeOf(call.env, call.arguments[1], call.arguments[2]);
  const auto [items, count] = bytes(call.env, call.arguments[3], "packed");
  if (count != packedBytes(size)) outOfRange("packed is not of that size");
  return opened(call, session, id, ObjectKind::still, OpenStill{id, size, {items, items + count}});
}

napi_value openEncoder(const Call &call) {
  SessionObject &session = sessionOf(call);
  const int id = unused(call, session);
  const auto option = [&call](const char *name) { return property(call.env, call.arguments[1], name); };
  const EncoderSettings settings{codecOf(call.env, option("codec")), sizeOf(call.env, option("width"), option("height")),
                                 rateOf(call.env, option("bitrateKbps"), option("framerate"))};
  return opened(call, session, id, ObjectKind::encoder, OpenEncoder{id, settings});
}

napi_value closeObject(const Call &call) {
  SessionObject &session = sessionOf(call);
  const int id = known(call, session, 0, "id",
                       {ObjectKind::decoder, ObjectKind::canvas, ObjectKind::still, ObjectKind::encoder});
  const bool isTaken = session.session->post(CloseObject{id});
  if (isTaken) session.objects.erase(id);
  return of(call.env, isTaken);
}

napi_value decode(const Call &call) {
  SessionObject &session = sessionOf(call);
  const int decoder = known(call, session, 0, "decoder", {ObjectKind::decoder});
  const auto [items, count] = bytes(call.env, call.arguments[1], "data");
  const double timestamp = number(call.env, call.arguments[2], "timestamp");
  const bool key = boolean(call.env, call.arguments[3], "key");
  std::vector<uint8_t> padded(count + paddedBytes);
  if (count > 0) std::memcpy(padded.data(), items, count);
  return of(call.env, session.session->post(Decode{decoder, std::move(padded), timestamp, key}));
}

napi_value resized(const Call &call) {
  SessionObject &session = sessionOf(call);
  const int decoder = known(call, session, 0, "decoder", {ObjectKind::decoder});
  const Size size{integer(call.env, call.arguments[1], "width", 1, maxSide),
                  integer(call.env, call.arguments[2], "height", 1, maxSide)};
  return of(call.env, session.session->post(Resized{decoder, size}));
}

/** Even and not negative; whether it lies inside of something is for the engine thread, which knows the sizes. */
Rect rectAt(const int32_t *numbers) {
  for (int i = 0; i < 4; i++) {
    if (numbers[i] < 0 || numbers[i] > maxSide || numbers[i] % 2 != 0) outOfRange("a layer's rectangle is odd");
  }
  return {numbers[0], numbers[1], numbers[2], numbers[3]};
}

napi_value compose(const Call &call) {
  constexpr size_t numbersOfLayer = 9;
  SessionObject &session = sessionOf(call);
  const int canvas = known(call, session, 0, "canvas", {ObjectKind::canvas});
  const int background = integer(call.env, call.arguments[1], "background", 0, 0xffffff);
  const auto [items, count] = integers(call.env, call.arguments[2], "layers");
  if (count % numbersOfLayer != 0) outOfRange("layers are nine numbers each");
  if (count / numbersOfLayer > maxLayers) outOfRange("there are too many layers");
  Compose command{canvas, {uint8_t(background >> 16), uint8_t(background >> 8), uint8_t(background)}, {}};
  command.layers.reserve(count / numbersOfLayer);
  for (size_t at = 0; at < count; at += numbersOfLayer) {
    command.layers.push_back({items[at], rectAt(items + at + 1), rectAt(items + at + 5)});
  }
  return of(call.env, session.session->post(std::move(command)));
}

napi_value encode(const Call &call) {
  SessionObject &session = sessionOf(call);
  const int encoder = known(call, session, 0, "encoder", {ObjectKind::encoder});
  const int canvas = known(call, session, 1, "canvas", {ObjectKind::canvas});
  const double atMs = number(call.env, call.arguments[2], "atMs");
  const bool key = boolean(call.env, call.arguments[3], "key");
  return of(call.env, session.session->post(Encode{encoder, canvas, atMs, key}));
}

napi_value setRate(const Call &call) {
  SessionObject &session = sessionOf(call);
  const int encoder = known(call, session, 0, "encoder", {ObjectKind::encoder});
  const Rate rate = rateOf(call.env, call.arguments[1], call.arguments[2]);
  return of(call.env, session.session->post(SetRate{encoder, rate}));
}

napi_value tap(const Call &call) {
  SessionObject &session = sessionOf(call);
  const int ticket = integer(call.env, call.arguments[0], "ticket", 0, maxId);
  const int picture = known(call, session, 1, "picture", {ObjectKind::decoder, ObjectKind::still, ObjectKind::canvas});
  const Size size{integer(call.env, call.arguments[2], "width", 2, maxSide),
                  integer(call.env, call.arguments[3], "height", 2, maxSide)};
  const std::string pixels = text(call.env, call.arguments[4], "pixels");
  if (pixels != "rgb" && pixels != "gray") outOfRange("pixels are rgb or gray");
  const Tap command{ticket, picture, size, pixels == "rgb" ? Pixels::rgb : Pixels::gray};
  return of(call.env, session.session->post(command));
}

const char *nameOf(Session::State state) {
  switch (state) {
    case Session::State::opening: return "opening";
    case Session::State::open: return "open";
    case Session::State::failed: return "failed";
    case Session::State::closed: return "closed";
  }
  return "";
}

napi_value progress(const Call &call) {
  const Session::Progress now = sessionOf(call).session->progress();
  return ObjectMaker(call.env)
      .with("state", std::string(nameOf(now.state)))
      .with("waitingCommands", double(now.queue.commands))
      .with("waitingBytes", double(now.queue.bytes))
      .with("refused", double(now.queue.refused))
      .with("done", double(now.done))
      .with("busyMs", now.busyMs)
      .with("decodeMs", now.decodeMs)
      .with("composeMs", now.composeMs)
      .with("encodeMs", now.encodeMs)
      .with("tapMs", now.tapMs)
      .object;
}

napi_value close(const Call &call) {
  sessionOf(call).session->close();
  return undefined(call.env);
}

napi_value construct(const Call &call) { return call.self; }

/** Nobody can reach it any more, or its environment ends. */
void forget(napi_env, void *data, void *) {
  auto *object = static_cast<SessionObject *>(data);
  object->session->close();
  if (object->environment) object->environment->sessions.erase(object);
  delete object;
}

/** Before the environment is gone: engine threads use nothing of it, but a process that ends shall not cut into them. */
void end(void *data) {
  const auto *environment = static_cast<Environment *>(data);
  for (const SessionObject *object : environment->sessions) object->session->close();
  for (const SessionObject *object : environment->sessions) object->session->waitForEnd(patience);
}

void drop(napi_env env, void *data, void *) {
  // After `end`, for hooks run before what an environment keeps is dropped.
  auto *environment = static_cast<Environment *>(data);
  for (SessionObject *object : environment->sessions) object->environment = nullptr;
  napi_delete_reference(env, environment->constructor);
  delete environment;
}

}  // namespace

void registerSessions(napi_env env) {
  const auto method = [](const char *name, napi_callback body) {
    return napi_property_descriptor{name, nullptr, body, nullptr, nullptr, nullptr, napi_default_method, nullptr};
  };
  const napi_property_descriptor methods[] = {
      method("openDecoder", callback<openDecoder>), method("openCanvas", callback<openCanvas>),
      method("openStill", callback<openStill>),     method("openEncoder", callback<openEncoder>),
      method("closeObject", callback<closeObject>), method("decode", callback<decode>),
      method("compose", callback<compose>),         method("encode", callback<encode>),
      method("setRate", callback<setRate>),         method("tap", callback<tap>),
      method("resized", callback<resized>),         method("progress", callback<progress>),
      method("close", callback<close>),
  };
  auto environment = std::make_unique<Environment>();
  napi_value constructor;
  check(env, napi_define_class(env, "NativeSession", NAPI_AUTO_LENGTH, callback<construct>, nullptr, std::size(methods),
                               methods, &constructor));
  check(env, napi_create_reference(env, constructor, 1, &environment->constructor));
  check(env, napi_set_instance_data(env, environment.get(), drop, nullptr));
  check(env, napi_add_env_cleanup_hook(env, end, environment.release()));
}

napi_value openSession(napi_env env, napi_value options, napi_value deliver) {
  const BackendOptions backend = backendOptions(env, options);
  QueueLimits limits;
  if (const napi_value given = property(env, options, "maxCommands"); !isUndefined(env, given)) {
    limits.commands = size_t(integer(env, given, "maxCommands", 1, 65'536));
  }
  if (const napi_value given = property(env, options, "maxBytes"); !isUndefined(env, given)) {
    limits.bytes = size_t(integer(env, given, "maxBytes", 1, 1 << 30));
  }
  Environment &environment = environmentOf(env);
  napi_value constructor, self;
  check(env, napi_get_reference_value(env, environment.constructor, &constructor));
  check(env, napi_new_instance(env, constructor, 0, nullptr, &self));
  const std::shared_ptr<Delivery> delivery = Delivery::make(env, deliver);
  const auto session = std::make_shared<Session>(backend, limits, delivery);
  delivery->attach(session);
  try {
    session->start();
  } catch (...) {
    delivery->abandon();
    throw;
  }
  auto object = std::make_unique<SessionObject>(SessionObject{session, {}, &environment});
  const napi_status status = napi_wrap(env, self, object.get(), forget, nullptr, nullptr);
  if (status != napi_ok) session->close();
  check(env, status);
  environment.sessions.insert(object.release());
  return self;
}

}  // namespace sluice
