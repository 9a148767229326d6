// Owns the way of events from an engine thread to JavaScript: one threadsafe function, a batch for each turn of the loop.
// The thread may outlive the environment (a worker that is terminated while a driver hangs); then its events are dropped.
#pragma once
#include <node_api.h>

#include <mutex>

#include "../session.h"

namespace sluice {

class Delivery final : public Outlet, public std::enable_shared_from_this<Delivery> {
 public:
  /** In the thread of `env`. `deliver`: a function that takes an array of events. */
  static std::shared_ptr<Delivery> make(napi_env env, napi_value deliver);

  /** Who is told what was delivered. Before its thread begins. */
  void attach(const std::shared_ptr<Session> &to) { session = to; }
  void tell(Event &&event, size_t bytes) override;
  void pass() override;
  /** For a session whose thread did not begin. In the thread of the environment. */
  void abandon();

 private:
  struct Batch {
    std::vector<Event> events;
    size_t bytes = 0;
    /** Node was asked to come for it. */
    bool isCalled = false;
  };
  static void call(napi_env env, napi_value deliver, void *context, void *data);
  static void finalize(napi_env env, void *data, void *hint);
  Batch take();
  void deliver(napi_env env, napi_value to);

  std::weak_ptr<Session> session;
  std::mutex mutex;
  Batch waiting;
  /** Null once it may not be called any more. */
  napi_threadsafe_function function = nullptr;
};

}  // namespace sluice
