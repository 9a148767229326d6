#include "values.h"

#include <cstring>

namespace sluice {

void check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  bool isPending = false;
  napi_is_exception_pending(env, &isPending);
  if (isPending) throw Pending();
  const napi_extended_error_info *info = nullptr;
  napi_get_last_error_info(env, &info);
  throw std::runtime_error(info && info->error_message ? info->error_message : "Node-API failed");
}

double number(napi_env env, napi_value value, const char *name) {
  double result = 0;
  if (napi_get_value_double(env, value, &result) != napi_ok) wrongType(std::string(name) + " is no number");
  if (!std::isfinite(result)) outOfRange(std::string(name) + " is not finite");
  return result;
}

int integer(napi_env env, napi_value value, const char *name, int least, int most) {
  const double result = number(env, value, name);
  if (result != std::floor(result) || result < least || result > most) {
    outOfRange(std::string(name) + " is no integer from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return int(result);
}

bool boolean(napi_env env, napi_value value, const char *name) {
  bool result = false;
  if (napi_get_value_bool(env, value, &result) != napi_ok) wrongType(std::string(name) + " is no boolean");
  return result;
}

std::string text(napi_env env, napi_value value, const char *name) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) {
    wrongType(std::string(name) + " is no string");
  }
  if (length > 4096) outOfRange(std::string(name) + " is too long");
  std::string result(length, '\0');
  check(env, napi_get_value_string_utf8(env, value, result.data(), length + 1, &length));
  if (result.find('\0') != std::string::npos) outOfRange(std::string(name) + " holds a zero");
  return result;
}

napi_value property(napi_env env, napi_value object, const char *name) {
  napi_valuetype type;
  check(env, napi_typeof(env, object, &type));
  if (type != napi_object) wrongType("the options are no object");
  napi_value result;
  check(env, napi_get_named_property(env, object, name, &result));
  return result;
}

bool isUndefined(napi_env env, napi_value value) {
  napi_valuetype type;
  check(env, napi_typeof(env, value, &type));
  return type == napi_undefined;
}

static View<void> typedArray(napi_env env, napi_value value, napi_typedarray_type wanted, const std::string &otherwise) {
  bool isTyped = false;
  check(env, napi_is_typedarray(env, value, &isTyped));
  if (!isTyped) wrongType(otherwise);
  napi_typedarray_type type;
  size_t count = 0;
  void *items = nullptr;
  check(env, napi_get_typedarray_info(env, value, &type, &count, &items, nullptr, nullptr));
  if (type != wanted) wrongType(otherwise);
  return {items, count};
}

View<uint8_t> bytes(napi_env env, napi_value value, const char *name) {
  const auto [items, count] = typedArray(env, value, napi_uint8_array, std::string(name) + " is no Uint8Array");
  return {static_cast<const uint8_t *>(items), count};
}

View<int32_t> integers(napi_env env, napi_value value, const char *name) {
  const auto [items, count] = typedArray(env, value, napi_int32_array, std::string(name) + " is no Int32Array");
  return {static_cast<const int32_t *>(items), count};
}

napi_value undefined(napi_env env) {
  napi_value result;
  check(env, napi_get_undefined(env, &result));
  return result;
}

napi_value of(napi_env env, bool value) {
  napi_value result;
  check(env, napi_get_boolean(env, value, &result));
  return result;
}

napi_value of(napi_env env, double value) {
  napi_value result;
  check(env, napi_create_double(env, value, &result));
  return result;
}

napi_value of(napi_env env, const std::string &value) {
  napi_value result;
  check(env, napi_create_string_utf8(env, value.data(), value.size(), &result));
  return result;
}

napi_value of(napi_env env, const std::vector<uint8_t> &value) {
  napi_value buffer, result;
  void *to = nullptr;
  check(env, napi_create_arraybuffer(env, value.size(), &to, &buffer));
  if (!value.empty()) std::memcpy(to, value.data(), value.size());
  check(env, napi_create_typedarray(env, napi_uint8_array, value.size(), buffer, 0, &result));
  return result;
}

ObjectMaker::ObjectMaker(napi_env env) : env(env) { check(env, napi_create_object(env, &object)); }

ObjectMaker &ObjectMaker::with(const char *name, napi_value value) {
  check(env, napi_set_named_property(env, object, name, value));
  return *this;
}

Call::Call(napi_env env, napi_callback_info info) : env(env) {
  size_t count = most;
  check(env, napi_get_cb_info(env, info, &count, arguments, &self, nullptr));
}

}  // namespace sluice
