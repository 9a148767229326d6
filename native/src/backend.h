// Owns what an implementation of the engine gives: decoders, canvases, stills and encoders around pictures that only it can
// look into. All of it is used by one thread, that of its session, but for the pictures' counts. What the network sent is
// `broken`; what the implementation cannot go on with is thrown as Failure and ends the session.
#pragma once
#include <memory>

#include "media.h"

namespace sluice {

/** Ends the session. `device`: others on the same device are likely to fail too. The reason is safe to show. */
class Failure : public std::runtime_error {
 public:
  enum class Scope { session, device };
  explicit Failure(const std::string &reason, Scope scope = Scope::session) : std::runtime_error(reason), scope(scope) {}
  const Scope scope;
};

/** What can be drawn and encoded. Its content does not change while it is a decoder's or a still's. */
class Picture {
 public:
  explicit Picture(Size size);
  virtual ~Picture();
  Picture(const Picture &) = delete;
  Picture &operator=(const Picture &) = delete;
  /** What is shown; the memory behind may be larger. */
  const Size size;
  /** Another number for each picture of the process. */
  const uint64_t serial;
};
using PictureRef = std::shared_ptr<const Picture>;

/** One access unit. `paddedBytes` zero bytes lie behind it, which libavcodec's parsers read. */
struct AccessUnit {
  const uint8_t *data;
  size_t size;
  bool key;
};
inline constexpr size_t paddedBytes = 64;

struct Decoded {
  enum class Kind {
    /** Nothing to show yet. */
    none,
    pictured,
    /** Only a key unit helps. */
    broken,
  } kind = Kind::none;
  PictureRef picture;
};

class Decoder {
 public:
  Decoder();
  virtual ~Decoder();
  Decoder(const Decoder &) = delete;
  Decoder &operator=(const Decoder &) = delete;
  /** The latest picture that came of the unit. Refuses pictures that are not `isDecodable`, before there is memory for them. */
  virtual Decoded decode(const AccessUnit &unit) = 0;
};

struct Layer {
  PictureRef picture;
  /** Inside the picture, and inside the canvas. */
  Rect source, destination;
};

class Canvas {
 public:
  explicit Canvas(Size size);
  virtual ~Canvas();
  Canvas(const Canvas &) = delete;
  Canvas &operator=(const Canvas &) = delete;
  const Size size;
  /** Draws the layers in order over the background. What has not changed since the last time may stay as it is. */
  virtual void compose(Colour background, const std::vector<Layer> &layers) = 0;
  /** What is on it: all background at first. Good until the next `compose`. */
  virtual PictureRef picture() = 0;
};

struct Encoded {
  /** Annex B with its parameter sets before each key picture, or a whole frame; empty when the picture was left out. */
  std::vector<uint8_t> data;
  bool key = false;
};

/** Low delay: each picture given comes out of the same call. The first is a key one. */
class Encoder {
 public:
  explicit Encoder(Size size);
  virtual ~Encoder();
  Encoder(const Encoder &) = delete;
  Encoder &operator=(const Encoder &) = delete;
  const Size size;
  /** `picture` is of this encoder's size; `durationMs` is since the one before, 1 … 1000. */
  virtual Encoded encode(const Picture &picture, double durationMs, bool key) = 0;
  /** Must not begin anew with a key picture where the codec can do without. */
  virtual void setRate(Rate rate) = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  /** As the driver calls itself. */
  virtual std::string vendor() const = 0;
  virtual std::unique_ptr<Decoder> decoder(Codec codec) = 0;
  virtual std::unique_ptr<Canvas> canvas(Size size) = 0;
  /** `packed`: I420, `packedBytes(size)` of it. */
  virtual PictureRef still(Size size, const uint8_t *packed) = 0;
  virtual std::unique_ptr<Encoder> encoder(const EncoderSettings &settings) = 0;
  /** The picture scaled, in rows without gaps. */
  virtual std::vector<uint8_t> read(const Picture &picture, Size size, Pixels pixels) = 0;
};

struct BackendOptions {
  std::string engine;
  /** The render node; empty for `cpu`. */
  std::string device;
  /** Names of encoders that may be used, best first; empty: what the backend prefers. */
  std::vector<std::string> encoders;
};

struct Capability {
  Codec codec;
  std::string implementation;
  /** Empty where there are none. */
  std::string profile, entrypoint;
};

struct Probe {
  std::string vendor;
  std::vector<Capability> decode, encode;
  int maxSide = sluice::maxSide;
  /** 0 where it does not matter. */
  int maxLayers = 0;
};

/** The engines that this binary has (backends.cc). */
std::vector<std::string> engineNames();
/** Both throw Failure when the engine or its device does not begin. */
std::unique_ptr<Backend> makeBackend(const BackendOptions &options);
Probe probeBackend(const BackendOptions &options);

}  // namespace sluice
