// Owns one session: the engine thread, the objects that live in it, and what comes of each command. Knows no Node: events
// go to an Outlet. Shared by the thread and by whoever posts, so that neither outlives it.
#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <unordered_map>

#include "backend.h"
#include "command-queue.h"
#include "events.h"

namespace sluice {

/** Where events go; called by the engine thread only, never blocks. */
class Outlet {
 public:
  virtual ~Outlet() = default;
  virtual void tell(Event &&event) = 0;
};

struct Progress {
  enum class State { opening, open, failed, closed } state;
  CommandQueue::State queue;
  uint64_t done;
  double busyMs, decodeMs, composeMs, encodeMs, tapMs;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(BackendOptions options, QueueLimits limits, std::shared_ptr<Outlet> outlet);
  ~Session();

  /** Begins the thread. Throws std::system_error when the machine gives none. */
  void start();
  bool post(Command &&command);
  /** Events that an Outlet has passed on. */
  void delivered(size_t events, size_t bytes);
  Progress progress();
  /** Drops what waits; the thread frees everything and tells Closed. */
  void close();
  /** Waits for the end of the thread, but no longer; true when it has ended. */
  bool waitForEnd(std::chrono::milliseconds most);

 private:
  struct Objects;
  void run();
  void serve(Backend &backend);
  void tell(Event &&event);

  const BackendOptions options;
  const std::shared_ptr<Outlet> outlet;
  CommandQueue queue;
};

}  // namespace sluice
