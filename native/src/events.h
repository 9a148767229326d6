// Owns what a session tells: the C++ side of `NativeEvent` (addon.ts).
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "backend.h"

namespace sluice {

struct Opened {
  std::string vendor;
};
struct Pictured {
  int decoder;
  double timestamp;
  Size size;
  double ms;
};
struct Broken {
  int decoder;
  double timestamp;
};
struct EncodedUnit {
  int encoder;
  Encoded unit;
  double atMs, ms;
};
struct Skipped {
  int encoder;
  double atMs;
};
struct Tapped {
  int ticket;
  Size size;
  /** Empty when there was no picture. */
  std::vector<uint8_t> data;
};
struct Failed {
  std::string reason;
  Failure::Scope scope;
};
struct Closed {};

using Event = std::variant<Opened, Pictured, Broken, EncodedUnit, Skipped, Tapped, Failed, Closed>;

}  // namespace sluice
