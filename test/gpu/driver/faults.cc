#include "faults.h"

#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "counters.h"

namespace sluicetest {
namespace {

constexpr auto pollEvery = std::chrono::milliseconds(5);

enum class Kind { busy, lost, stall, corrupt, crash, slow, surfaces };

/** One line of the text. Without `on` it is for every kind of job; `times` and `ms` of -1 are without end. */
struct Fault {
  Kind kind = Kind::busy;
  int64_t after = 0, times = -1, ms = -1, max = 0;
  std::optional<Job> on;
  bool atSync = false;
  /** Jobs that it looked at since it was read. */
  int64_t seen = 0;

  /** Whether it is the turn of the job that is looked at now. */
  bool strikes() {
    seen++;
    return seen > after && (times < 0 || seen <= after + times);
  }
};

std::optional<Kind> kindNamed(const std::string &name) {
  if (name == "busy") return Kind::busy;
  if (name == "lost") return Kind::lost;
  if (name == "stall") return Kind::stall;
  if (name == "corrupt") return Kind::corrupt;
  if (name == "crash") return Kind::crash;
  if (name == "slow") return Kind::slow;
  if (name == "surfaces") return Kind::surfaces;
  return std::nullopt;
}

/** False when the driver knows no such word. */
bool apply(Fault &fault, const std::string &name, const std::string &value) {
  const int64_t number = std::strtoll(value.c_str(), nullptr, 10);
  if (name == "after") fault.after = number;
  else if (name == "times") fault.times = number;
  else if (name == "ms") fault.ms = number;
  else if (name == "max") fault.max = number;
  else if (name == "at" && (value == "end" || value == "sync")) fault.atSync = value == "sync";
  else if (name == "on" && value == "decode") fault.on = Job::decode;
  else if (name == "on" && value == "vpp") fault.on = Job::vpp;
  else if (name == "on" && value == "encode") fault.on = Job::encode;
  else return false;
  return true;
}

/** Lines (or parts between semicolons) like `stall at=sync after=3`. What is not understood is a misuse: a test says
 * it. */
std::vector<Fault> parse(std::string text) {
  for (char &letter : text) letter = letter == ';' ? '\n' : letter;
  std::vector<Fault> faults;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word)) continue;
    const auto kind = kindNamed(word);
    if (!kind) {
      reportMisuse("there is no fault named " + word);
      continue;
    }
    Fault fault;
    fault.kind = *kind;
    while (words >> word) {
      const size_t equals = word.find('=');
      if (equals == std::string::npos || !apply(fault, word.substr(0, equals), word.substr(equals + 1)))
        reportMisuse("a fault cannot have " + word);
    }
    faults.push_back(fault);
  }
  return faults;
}

class Faults {
 public:
  Faults() {
    if (const char *text = std::getenv("SLUICE_TEST_GPU_FAULTS")) faults_ = parse(text);
    if (const char *path = std::getenv("SLUICE_TEST_GPU_FAULT_FILE")) path_ = path;
  }

  /** Reads the file again when it is another one. Call with the lock. */
  void refresh() {
    struct stat now {};
    if (path_.empty() || stat(path_.c_str(), &now) != 0) return;
    if (now.st_ino == read_.st_ino && now.st_mtim.tv_sec == read_.st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == read_.st_mtim.tv_nsec)
      return;
    std::ifstream file(path_);
    faults_ = parse(std::string(std::istreambuf_iterator<char>(file), {}));
    read_ = now;
    version_++;
  }

  std::mutex lock;
  std::vector<Fault> &all() { return faults_; }
  /** Changes with each reading. */
  uint64_t version() const { return version_; }

 private:
  std::string path_;
  struct stat read_ {};
  std::vector<Fault> faults_;
  uint64_t version_ = 0;
};

Faults &faults() {
  static Faults *const one = new Faults;
  return *one;
}

/** Waits `ms`, or for ever; a stall ends as well when the faults change. */
void wait(int64_t ms, uint64_t version) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
  for (;;) {
    if (ms >= 0 && std::chrono::steady_clock::now() >= until) return;
    std::this_thread::sleep_for(ms >= 0 && ms < 5 ? std::chrono::milliseconds(1) : pollEvery);
    const std::lock_guard hold(faults().lock);
    faults().refresh();
    if (faults().version() != version) return;
  }
}

/** As drivers do it. Volatile twice: a compiler that sees it would make another signal of it. */
void crash() {
  volatile int *volatile nowhere = nullptr;
  *nowhere = 1;
}

VAStatus lostOrOk() {
  for (const Fault &fault : faults().all())
    if (fault.kind == Kind::lost && fault.seen >= fault.after) {
      count(Count::faults);
      return VA_STATUS_ERROR_OPERATION_FAILED;
    }
  return VA_STATUS_SUCCESS;
}

}  // namespace

Verdict faultOfJob(Job job) {
  Faults &known = faults();
  std::unique_lock hold(known.lock);
  known.refresh();
  Verdict verdict{.status = lostOrOk()};
  if (verdict.status != VA_STATUS_SUCCESS) return verdict;
  const uint64_t version = known.version();
  int64_t delayMs = 0;
  bool stalls = false;
  for (Fault &fault : known.all()) {
    if (fault.kind == Kind::surfaces || fault.atSync || (fault.on && *fault.on != job) || !fault.strikes()) continue;
    if (fault.kind == Kind::lost) continue;
    count(Count::faults);
    if (fault.kind == Kind::crash) crash();
    if (fault.kind == Kind::busy) verdict.status = VA_STATUS_ERROR_HW_BUSY;
    if (fault.kind == Kind::corrupt) verdict.corrupt = true;
    if (fault.kind == Kind::slow || fault.kind == Kind::stall) {
      stalls = stalls || fault.ms < 0;
      delayMs += fault.ms < 0 ? 0 : fault.ms;
    }
  }
  hold.unlock();
  if (stalls || delayMs > 0) wait(stalls ? -1 : delayMs, version);
  return verdict;
}

VAStatus faultOfSync() {
  Faults &known = faults();
  std::unique_lock hold(known.lock);
  known.refresh();
  if (const VAStatus status = lostOrOk()) return status;
  const uint64_t version = known.version();
  for (Fault &fault : known.all()) {
    if (!fault.atSync || !fault.strikes()) continue;
    count(Count::faults);
    const Kind kind = fault.kind;
    const int64_t ms = fault.ms;
    if (kind == Kind::crash) crash();
    hold.unlock();
    if (kind == Kind::busy) return VA_STATUS_ERROR_HW_BUSY;
    if (kind == Kind::stall || kind == Kind::slow) wait(ms, version);
    return VA_STATUS_SUCCESS;
  }
  return VA_STATUS_SUCCESS;
}

VAStatus faultOfSurfaces(int64_t live, unsigned more) {
  Faults &known = faults();
  const std::lock_guard hold(known.lock);
  known.refresh();
  if (const VAStatus status = lostOrOk()) return status;
  for (const Fault &fault : known.all()) {
    if (fault.kind != Kind::surfaces || live + int64_t{more} <= fault.max) continue;
    count(Count::faults);
    return VA_STATUS_ERROR_ALLOCATION_FAILED;
  }
  return VA_STATUS_SUCCESS;
}

VAStatus faultOfDevice() {
  Faults &known = faults();
  const std::lock_guard hold(known.lock);
  known.refresh();
  return lostOrOk();
}

}  // namespace sluicetest
