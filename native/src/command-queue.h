// Owns the bounded line of commands between JavaScript's thread and the engine thread. What waits and what was not
// delivered yet count together, so that a caller who never listens cannot fill the memory either.
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>

#include "commands.h"

namespace sluice {

struct QueueLimits {
  size_t commands = 512;
  size_t bytes = 32 << 20;
};

class CommandQueue {
 public:
  explicit CommandQueue(QueueLimits limits);
  ~CommandQueue();

  /** Commands that open, close or set may be this many more, so that a full queue refuses pictures and not the end of them. */
  static constexpr size_t reserve = 4096;

  enum class Kind { droppable, needed };
  /** False when there is no room or the queue was closed. */
  bool push(Command &&command, size_t bytes, Kind kind);

  /** Waits for the next; false when the queue was closed. */
  bool pop(Command &command);

  /** Events that wait for delivery, and what they hold. */
  void undelivered(size_t events, size_t bytes);
  void delivered(size_t events, size_t bytes);

  /** Drops what waits; whoever waits goes on. */
  void close();

  struct State {
    size_t commands, bytes;
    uint64_t refused;
  };
  State state();
  /** No command waits. */
  bool isEmpty();

 private:
  struct Entry {
    Command command;
    size_t bytes;
  };
  void add(size_t commands, size_t bytes);
  void remove(size_t commands, size_t bytes);

  const QueueLimits limits;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Entry> entries;
  size_t commands = 0, bytes = 0;
  uint64_t refused = 0;
  bool isClosed = false;
};

}  // namespace sluice
