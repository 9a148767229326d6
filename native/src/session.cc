#include "session.h"

#include <pthread.h>

#include <thread>

#include "counters.h"
#include "stage.h"

namespace sluice {

namespace {

int64_t nowUs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

double msOf(int64_t us) { return double(us) / 1000; }

/** What a command holds, and whether it may be left out when there is much to do. */
struct Weight {
  size_t bytes;
  CommandQueue::Kind kind;
};

Weight weigh(const Command &command) {
  if (const auto *decode = std::get_if<Decode>(&command)) return {decode->data.size(), CommandQueue::Kind::droppable};
  if (const auto *still = std::get_if<OpenStill>(&command)) return {still->packed.size(), CommandQueue::Kind::droppable};
  const bool isWork = std::holds_alternative<Compose>(command) || std::holds_alternative<Encode>(command) ||
                      std::holds_alternative<Tap>(command);
  return {0, isWork ? CommandQueue::Kind::droppable : CommandQueue::Kind::needed};
}

/** So much news of pictures waits at most for more: not much, so that who waits for the first hears of it. */
constexpr size_t mostTold = 16;

size_t bytesOf(const Event &event) {
  if (const auto *encoded = std::get_if<EncodedUnit>(&event)) return encoded->unit.data.size();
  if (const auto *tapped = std::get_if<Tapped>(&event)) return tapped->data.size();
  return 0;
}

}  // namespace

Session::Session(BackendOptions options, QueueLimits limits, std::shared_ptr<Outlet> outlet)
    : options(std::move(options)), outlet(std::move(outlet)), queue(limits) {}

void Session::start() {
  busySince = nowUs();
  hasEnded = false;
  counters.sessions++;
  try {
    std::thread([self = shared_from_this()] { self->run(); }).detach();
  } catch (...) {
    counters.sessions--;
    hasEnded = true;
    throw;
  }
}

bool Session::post(Command &&command) {
  const State now = state;
  if (now == State::failed || now == State::closed) return false;
  const auto [bytes, kind] = weigh(command);
  return queue.push(std::move(command), bytes, kind);
}

void Session::delivered(size_t events, size_t bytes) { queue.delivered(events, bytes); }

Session::Progress Session::progress() {
  const int64_t since = busySince;
  return {state,
          queue.state(),
          done,
          since == 0 ? 0 : msOf(nowUs() - since),
          msOf(times.decode),
          msOf(times.compose),
          msOf(times.encode),
          msOf(times.tap)};
}

void Session::close() { queue.close(); }

bool Session::waitForEnd(std::chrono::milliseconds most) {
  std::unique_lock lock(endMutex);
  return endChanged.wait_for(lock, most, [this] { return hasEnded; });
}

void Session::run() {
  pthread_setname_np(pthread_self(), "sluice-engine");
  const auto fail = [this](const std::string &reason, Failure::Scope scope) {
    state = State::failed;
    queue.close();
    tell(Failed{reason, scope});
  };
  try {
    serve();
  } catch (const Failure &failure) {
    fail(failure.what(), failure.scope);
  } catch (const std::bad_alloc &) {
    fail("out of memory", Failure::Scope::session);
  } catch (const std::exception &error) {
    fail(error.what(), Failure::Scope::session);
  }
  if (state != State::failed) state = State::closed;
  busySince = 0;
  counters.sessions--;
  tell(Closed{});
  pass();
  // Under the lock: who waits may be the last to let go of this session.
  const std::lock_guard lock(endMutex);
  hasEnded = true;
  endChanged.notify_all();
}

void Session::serve() {
  Stage stage(makeBackend(options), times, [this](Event &&event) { tell(std::move(event)); });
  state = State::open;
  tell(Opened{stage.vendor()});
  for (;;) {
    pass();
    busySince = 0;
    Command command;
    if (!queue.pop(command)) return;
    busySince = nowUs();
    stage.perform(command);
    done++;
  }
}

void Session::tell(Event &&event) {
  const size_t bytes = bytesOf(event);
  queue.undelivered(1, bytes);
  told++;
  // Each time that JavaScript is woken costs as much as it has to do then.
  isAwaited = isAwaited || !std::holds_alternative<Pictured>(event);
  outlet->tell(std::move(event), bytes);
}

void Session::pass() {
  if (told == 0 || !(isAwaited || told >= mostTold || queue.isEmpty())) return;
  told = 0;
  isAwaited = false;
  outlet->pass();
}

}  // namespace sluice
