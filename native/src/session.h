// Owns one session: the engine thread, and what it tells about itself. Knows no Node: events go to an Outlet. The thread
// and whoever posts share it, so that neither outlives it; the thread is never joined, for a driver may hang in it.
#pragma once
#include <atomic>
#include <chrono>
#include <memory>

#include "backend.h"
#include "command-queue.h"
#include "events.h"

namespace sluice {

/** Where events go; called by the engine thread only. Must not block. */
class Outlet {
 public:
  virtual ~Outlet() = default;
  /** Keeps the event for `pass`. `bytes` of it count in the session's queue until `Session::delivered`. */
  virtual void tell(Event &&event, size_t bytes) = 0;
  /** What was told is to be delivered now. */
  virtual void pass() = 0;
};

/** Sums of microseconds, written by the engine thread and read by any. */
struct StageTimes {
  std::atomic<int64_t> decode{0}, compose{0}, encode{0}, tap{0};
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  enum class State { opening, open, failed, closed };

  struct Progress {
    State state;
    CommandQueue::State queue;
    uint64_t done;
    double busyMs, decodeMs, composeMs, encodeMs, tapMs;
  };

  Session(BackendOptions options, QueueLimits limits, std::shared_ptr<Outlet> outlet);

  /** Begins the thread. Throws std::system_error when the machine gives none. */
  void start();
  /** False when it was not taken. */
  bool post(Command &&command);
  /** Events that the outlet has passed on, or dropped. */
  void delivered(size_t events, size_t bytes);
  Progress progress();
  /** Drops what waits; the thread frees everything, tells Closed and ends. */
  void close();
  /** True when the thread has ended within that time. */
  bool waitForEnd(std::chrono::milliseconds most);

 private:
  void run();
  /** Does commands until the queue is closed. */
  void serve();
  void tell(Event &&event);
  /** Has told events delivered: at once when one is awaited, else with others as long as there is more to do. */
  void pass();

  const BackendOptions options;
  const std::shared_ptr<Outlet> outlet;
  CommandQueue queue;
  StageTimes times;
  std::atomic<State> state{State::opening};
  std::atomic<uint64_t> done{0};
  /** Microseconds of the steady clock; 0 while it waits. */
  std::atomic<int64_t> busySince{0};
  /** The engine thread's: told and not passed on. */
  size_t told = 0;
  bool isAwaited = false;

  std::mutex endMutex;
  std::condition_variable endChanged;
  bool hasEnded = true;
};

}  // namespace sluice
