// Owns turning JavaScript's values into plain ones and back. Wrong values throw WrongArgument, which `callback` turns into
// a TypeError or RangeError; it is the caller's bug, never something that came from the network.
#pragma once
#include <node_api.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

namespace sluice {

class WrongArgument : public std::runtime_error {
 public:
  enum class Kind { type, range };
  WrongArgument(Kind kind, const std::string &what) : std::runtime_error(what), kind(kind) {}
  const Kind kind;
};

[[noreturn]] inline void wrongType(const std::string &what) { throw WrongArgument(WrongArgument::Kind::type, what); }
[[noreturn]] inline void outOfRange(const std::string &what) { throw WrongArgument(WrongArgument::Kind::range, what); }

/** A JavaScript exception is on its way; C++ only has to leave. */
struct Pending {};

void check(napi_env env, napi_status status);

double number(napi_env env, napi_value value, const char *name);
int integer(napi_env env, napi_value value, const char *name, int least, int most);
bool boolean(napi_env env, napi_value value, const char *name);
std::string text(napi_env env, napi_value value, const char *name);
/** An object's property; undefined when it has none. */
napi_value property(napi_env env, napi_value object, const char *name);
bool isUndefined(napi_env env, napi_value value);

template <class Item>
struct View {
  const Item *items;
  size_t count;
};
View<uint8_t> bytes(napi_env env, napi_value value, const char *name);
View<int32_t> integers(napi_env env, napi_value value, const char *name);

napi_value undefined(napi_env env);
napi_value of(napi_env env, bool value);
napi_value of(napi_env env, double value);
napi_value of(napi_env env, const std::string &value);
/** A new Uint8Array. */
napi_value of(napi_env env, const std::vector<uint8_t> &value);

class ObjectMaker {
 public:
  explicit ObjectMaker(napi_env env);
  template <class Value>
  ObjectMaker &with(const char *name, const Value &value) {
    return with(name, of(env, value));
  }
  ObjectMaker &with(const char *name, napi_value value);
  const napi_env env;
  napi_value object = nullptr;
};

/** The arguments of a call; missing ones are undefined. */
struct Call {
  static constexpr size_t most = 6;
  Call(napi_env env, napi_callback_info info);
  const napi_env env;
  napi_value self = nullptr;
  napi_value arguments[most] = {};
};

/** A function for Node-API that runs `body` and lets nothing of C++ out. */
template <napi_value (*body)(const Call &)>
napi_value callback(napi_env env, napi_callback_info info) {
  try {
    return body(Call(env, info));
  } catch (const Pending &) {
  } catch (const WrongArgument &wrong) {
    const auto raise = wrong.kind == WrongArgument::Kind::type ? napi_throw_type_error : napi_throw_range_error;
    raise(env, nullptr, wrong.what());
  } catch (const std::exception &error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return nullptr;
}

}  // namespace sluice
