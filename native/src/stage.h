// Owns the objects of one session and what each command does with them, in the engine thread.
#pragma once
#include <functional>
#include <unordered_map>

#include "commands.h"
#include "session.h"

namespace sluice {

class Stage {
 public:
  using Tell = std::function<void(Event &&)>;

  Stage(std::unique_ptr<Backend> backend, StageTimes &times, Tell tell);
  /** Frees pictures first, then what made them, then the backend. */
  ~Stage();

  std::string vendor() const { return backend->vendor(); }

  /** Throws Failure when the engine cannot go on. */
  void perform(const Command &command);

 private:
  struct Decoding {
    std::unique_ptr<Decoder> decoder;
    /** What is drawn. */
    PictureRef picture;
    /** The latest, while it is of another size than the caller knows of: its layers are of that size. */
    PictureRef unknown;
    bool needsKey = true;
  };
  struct Encoding {
    std::unique_ptr<Encoder> encoder;
    double durationMs;
    std::optional<double> lastAtMs;
  };

  void perform(const OpenDecoder &);
  void perform(const OpenCanvas &);
  void perform(const OpenStill &);
  void perform(const OpenEncoder &);
  void perform(const CloseObject &);
  void perform(const Decode &);
  void perform(const Resized &);
  void perform(const Compose &);
  void perform(const Encode &);
  void perform(const SetRate &);
  void perform(const Tap &);

  /** What a decoder, still or canvas shows; null when there is nothing. */
  PictureRef pictureOf(int id) const;

  const std::unique_ptr<Backend> backend;
  StageTimes &times;
  const Tell tell;
  std::unordered_map<int, Encoding> encoders;
  std::unordered_map<int, Decoding> decoders;
  std::unordered_map<int, std::unique_ptr<Canvas>> canvases;
  std::unordered_map<int, PictureRef> stills;
};

}  // namespace sluice
