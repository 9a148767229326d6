#include "command-queue.h"

#include "counters.h"

namespace sluice {

CommandQueue::CommandQueue(QueueLimits limits) : limits(limits) {}

CommandQueue::~CommandQueue() { counters.queuedBytes -= int64_t(bytes); }

bool CommandQueue::push(Command &&command, size_t size, Kind kind) {
  {
    const std::lock_guard lock(mutex);
    if (isClosed) return false;
    const size_t most = limits.commands + (kind == Kind::needed ? reserve : 0);
    if (commands + 1 > most || (kind == Kind::droppable && bytes + size > limits.bytes)) {
      refused++;
      return false;
    }
    entries.push_back({std::move(command), size});
    add(1, size);
  }
  changed.notify_one();
  return true;
}

bool CommandQueue::pop(Command &command) {
  std::unique_lock lock(mutex);
  changed.wait(lock, [this] { return isClosed || !entries.empty(); });
  if (isClosed) return false;
  command = std::move(entries.front().command);
  remove(1, entries.front().bytes);
  entries.pop_front();
  return true;
}

void CommandQueue::undelivered(size_t events, size_t size) {
  const std::lock_guard lock(mutex);
  add(events, size);
}

void CommandQueue::delivered(size_t events, size_t size) {
  const std::lock_guard lock(mutex);
  remove(events, size);
}

void CommandQueue::close() {
  std::deque<Entry> dropped;
  {
    const std::lock_guard lock(mutex);
    isClosed = true;
    dropped.swap(entries);
    for (const Entry &entry : dropped) remove(1, entry.bytes);
  }
  changed.notify_all();
}

CommandQueue::State CommandQueue::state() {
  const std::lock_guard lock(mutex);
  return {entries.size(), bytes, refused};
}

bool CommandQueue::isEmpty() {
  const std::lock_guard lock(mutex);
  return entries.empty();
}

void CommandQueue::add(size_t count, size_t size) {
  commands += count;
  bytes += size;
  counters.queuedBytes += int64_t(size);
}

void CommandQueue::remove(size_t count, size_t size) {
  commands -= count;
  bytes -= size;
  counters.queuedBytes -= int64_t(size);
}

}  // namespace sluice
