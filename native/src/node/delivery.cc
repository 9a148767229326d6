#include "delivery.h"

#include <utility>

#include "event-objects.h"
#include "values.h"

namespace sluice {

namespace {

/** Makes what was thrown an uncaught exception of the environment. Node itself would only warn of it, and go on. */
void raise(napi_env env) {
  bool isPending = false;
  napi_value thrown;
  if (napi_is_exception_pending(env, &isPending) != napi_ok || !isPending) return;
  if (napi_get_and_clear_last_exception(env, &thrown) == napi_ok) napi_fatal_exception(env, thrown);
}

}  // namespace

std::shared_ptr<Delivery> Delivery::make(napi_env env, napi_value deliver) {
  napi_valuetype type;
  check(env, napi_typeof(env, deliver, &type));
  if (type != napi_function) wrongType("deliver is no function");
  auto made = std::make_shared<Delivery>();
  // Lives as long as Node may call it.
  auto *kept = new std::shared_ptr<Delivery>(made);
  const napi_status status =
      napi_create_threadsafe_function(env, deliver, nullptr, of(env, std::string("sluice")), 0, 1, kept, finalize, kept,
                                      call, &made->function);
  if (status != napi_ok) delete kept;
  check(env, status);
  return made;
}

void Delivery::tell(Event &&event, size_t bytes) {
  const std::lock_guard lock(mutex);
  waiting.events.push_back(std::move(event));
  waiting.bytes += bytes;
}

void Delivery::pass() {
  const std::lock_guard lock(mutex);
  if (waiting.isCalled || waiting.events.empty() || function == nullptr) return;
  waiting.isCalled = true;
  // After this Node frees the function by itself.
  if (napi_call_threadsafe_function(function, nullptr, napi_tsfn_nonblocking) != napi_ok) function = nullptr;
}

void Delivery::abandon() {
  const std::lock_guard lock(mutex);
  if (function) napi_release_threadsafe_function(std::exchange(function, nullptr), napi_tsfn_release);
}

Delivery::Batch Delivery::take() {
  const std::lock_guard lock(mutex);
  return std::exchange(waiting, {});
}

void Delivery::call(napi_env env, napi_value deliver, void *context, void *) {
  // No environment: it is ending, and `finalize` follows.
  if (!env) return;
  const std::shared_ptr<Delivery> self = *static_cast<std::shared_ptr<Delivery> *>(context);
  try {
    self->deliver(env, deliver);
  } catch (const Pending &) {
    // Thrown by `deliver`.
  } catch (const std::exception &error) {
    napi_throw_error(env, nullptr, error.what());
  }
  raise(env);
}

void Delivery::deliver(napi_env env, napi_value to) {
  const Batch batch = take();
  if (batch.events.empty()) return;
  // Before JavaScript runs, which may post again at once.
  if (const std::shared_ptr<Session> from = session.lock()) from->delivered(batch.events.size(), batch.bytes);
  if (std::holds_alternative<Closed>(batch.events.back())) abandon();
  napi_value events;
  check(env, napi_create_array_with_length(env, batch.events.size(), &events));
  uint32_t index = 0;
  for (const Event &event : batch.events) check(env, napi_set_element(env, events, index++, objectOf(env, event)));
  check(env, napi_call_function(env, undefined(env), to, 1, &events, nullptr));
}

void Delivery::finalize(napi_env, void *data, void *) {
  auto *kept = static_cast<std::shared_ptr<Delivery> *>(data);
  Delivery &self = **kept;
  {
    const std::lock_guard lock(self.mutex);
    self.function = nullptr;
  }
  const Batch dropped = self.take();
  if (const std::shared_ptr<Session> from = self.session.lock()) {
    from->delivered(dropped.events.size(), dropped.bytes);
    from->close();
  }
  delete kept;
}

}  // namespace sluice
