#include "workers.h"

#include "generations.h"

namespace sluicetest {

std::unique_ptr<Worker> makeWorker(const Config &config) {
  if (config.entrypoint == VAEntrypointVideoProc) return makeCompositor();
  const bool decodes = config.entrypoint == VAEntrypointVLD;
  switch (config.profile) {
    case VAProfileH264ConstrainedBaseline:
    case VAProfileH264Main:
    case VAProfileH264High:
      return decodes ? makeH264Decoder() : makeH264Encoder(config.rateControl);
    case VAProfileHEVCMain:
      return decodes ? makeHevcDecoder() : makeHevcEncoder(config.rateControl);
    case VAProfileVP8Version0_3:
      return decodes ? makeVp8Decoder() : makeVp8Encoder(config.rateControl);
    case VAProfileVP9Profile0:
      return decodes ? makeVp9Decoder() : makeVp9Encoder(config.rateControl);
    default:
      return nullptr;
  }
}

}  // namespace sluicetest
