#include "stage.h"

#include <algorithm>

namespace sluice {

namespace {

using Clock = std::chrono::steady_clock;

/** Longer gaps count as this, or the rate control would take them for a licence to spend. */
constexpr double maxDurationMs = 1000;

/** Adds how long it lived to a sum. */
class Stopwatch {
 public:
  explicit Stopwatch(std::atomic<int64_t> &sum) : sum(sum) {}
  ~Stopwatch() { sum += microseconds(); }
  double ms() const { return double(microseconds()) / 1000; }

 private:
  int64_t microseconds() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began).count();
  }
  const Clock::time_point began = Clock::now();
  std::atomic<int64_t> &sum;
};

Rate clamped(Rate rate) {
  // The least also for what is not a number.
  const double framerate = rate.framerate > 1 ? std::min(rate.framerate, 120.0) : 1;
  return {std::clamp(rate.bitrateKbps, 10, 100'000), framerate};
}

bool isInside(const Rect &rect, Size outer) {
  return rect.x >= 0 && rect.y >= 0 && rect.width >= 2 && rect.height >= 2 && rect.x <= outer.width - rect.width &&
         rect.y <= outer.height - rect.height;
}

}  // namespace

Stage::Stage(std::unique_ptr<Backend> backend, StageTimes &times, Tell tell)
    : backend(std::move(backend)), times(times), tell(std::move(tell)) {}

Stage::~Stage() {
  stills.clear();
  for (auto &[id, each] : decoders) each.picture = each.unknown = nullptr;
  canvases.clear();
  encoders.clear();
  decoders.clear();
}

void Stage::perform(const Command &command) {
  std::visit([this](const auto &each) { perform(each); }, command);
}

void Stage::perform(const OpenDecoder &open) { decoders[open.id] = {backend->decoder(open.codec), nullptr, nullptr, true}; }

void Stage::perform(const OpenCanvas &open) { canvases[open.id] = backend->canvas(open.size); }

void Stage::perform(const OpenStill &open) { stills[open.id] = backend->still(open.size, open.packed.data()); }

void Stage::perform(const OpenEncoder &open) {
  EncoderSettings settings = open.settings;
  settings.rate = clamped(settings.rate);
  encoders[open.id] = {backend->encoder(settings), 1000 / settings.rate.framerate, std::nullopt};
}

void Stage::perform(const CloseObject &close) {
  stills.erase(close.id);
  canvases.erase(close.id);
  encoders.erase(close.id);
  if (const auto found = decoders.find(close.id); found != decoders.end()) {
    found->second.picture = found->second.unknown = nullptr;
    decoders.erase(found);
  }
}

void Stage::perform(const Decode &unit) {
  const auto found = decoders.find(unit.decoder);
  if (found == decoders.end()) return;
  Decoding &decoding = found->second;
  Decoded decoded{Decoded::Kind::broken, nullptr};
  const Stopwatch watch(times.decode);
  if (!decoding.needsKey || unit.key) {
    decoded = decoding.decoder->decode({unit.data.data(), unit.data.size() - paddedBytes, unit.key});
  }
  switch (decoded.kind) {
    case Decoded::Kind::none: return;
    case Decoded::Kind::pictured:
      decoding.needsKey = false;
      tell(Pictured{unit.decoder, unit.timestamp, decoded.picture->size, watch.ms()});
      decoding.unknown = nullptr;
      if (decoding.picture && decoding.picture->size != decoded.picture->size) {
        decoding.unknown = std::move(decoded.picture);
      } else {
        decoding.picture = std::move(decoded.picture);
      }
      return;
    case Decoded::Kind::broken:
      decoding.needsKey = true;
      tell(Broken{unit.decoder, unit.timestamp});
      return;
  }
}

void Stage::perform(const Resized &resized) {
  const auto found = decoders.find(resized.decoder);
  if (found == decoders.end()) return;
  Decoding &decoding = found->second;
  if (decoding.unknown && decoding.unknown->size == resized.size) decoding.picture = std::move(decoding.unknown);
}

void Stage::perform(const Compose &compose) {
  const auto found = canvases.find(compose.canvas);
  if (found == canvases.end()) return;
  const Stopwatch watch(times.compose);
  Canvas &canvas = *found->second;
  std::vector<Layer> layers;
  layers.reserve(compose.layers.size());
  for (const LayerOf &each : compose.layers) {
    PictureRef picture = pictureOf(each.picture);
    if (picture && isInside(each.source, picture->size) && isInside(each.destination, canvas.size)) {
      layers.push_back({std::move(picture), each.source, each.destination});
    }
  }
  canvas.compose(compose.background, layers);
}

void Stage::perform(const Encode &encode) {
  const auto found = encoders.find(encode.encoder);
  if (found == encoders.end()) return;
  auto &[encoder, durationMs, lastAtMs] = found->second;
  const PictureRef picture = pictureOf(encode.canvas);
  Encoded unit;
  const Stopwatch watch(times.encode);
  if (picture && picture->size == encoder->size) {
    const double sinceMs = lastAtMs ? encode.atMs - *lastAtMs : durationMs;
    lastAtMs = encode.atMs;
    unit = encoder->encode(*picture, sinceMs > 1 ? std::min(sinceMs, maxDurationMs) : 1, encode.key);
  }
  if (unit.data.empty()) {
    tell(Skipped{encode.encoder, encode.atMs});
  } else {
    tell(EncodedUnit{encode.encoder, std::move(unit), encode.atMs, watch.ms()});
  }
}

void Stage::perform(const SetRate &set) {
  const auto found = encoders.find(set.encoder);
  if (found == encoders.end()) return;
  const Rate rate = clamped(set.rate);
  found->second.durationMs = 1000 / rate.framerate;
  found->second.encoder->setRate(rate);
}

void Stage::perform(const Tap &tap) {
  Tapped tapped{tap.ticket, tap.size, {}};
  {
    const Stopwatch watch(times.tap);
    if (const PictureRef picture = pictureOf(tap.picture)) tapped.data = backend->read(*picture, tap.size, tap.pixels);
  }
  tell(std::move(tapped));
}

PictureRef Stage::pictureOf(int id) const {
  if (const auto found = decoders.find(id); found != decoders.end()) return found->second.picture;
  if (const auto found = stills.find(id); found != stills.end()) return found->second;
  if (const auto found = canvases.find(id); found != canvases.end()) return found->second->picture();
  return nullptr;
}

}  // namespace sluice
