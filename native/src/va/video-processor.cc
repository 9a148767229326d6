#include "video-processor.h"

#include <va/va_vpp.h>

#include <algorithm>

namespace sluice {

VideoProcessor::VideoProcessor(VaDeviceRef device, Size size, int maxLayers)
    : context(std::move(device), VAProfileNone, VAEntrypointVideoProc, {}, size), maxLayers(size_t(maxLayers)) {}

void VideoProcessor::draw(VASurfaceID target, Colour background, std::span<const Drawing> drawings) const {
  for (size_t at = 0; at < drawings.size(); at += maxLayers) {
    const auto part = drawings.subspan(at, std::min(maxLayers, drawings.size() - at));
    perform(target, at == 0 ? std::optional(background) : std::nullopt, part);
  }
}

void VideoProcessor::perform(VASurfaceID target, std::optional<Colour> background,
                             std::span<const Drawing> drawings) const {
  std::vector<VaBuffer> buffers;
  for (const Drawing &drawing : drawings) {
    VAProcPipelineParameterBuffer layer{};
    layer.surface = drawing.surface;
    layer.surface_region = &drawing.source;
    layer.output_region = &drawing.destination;
    layer.filter_flags = VA_FILTER_SCALING_HQ;
    // The same on both sides, so that nothing is converted but the background.
    layer.surface_color_standard = layer.output_color_standard = VAProcColorStandardBT601;
    if (background && buffers.empty()) {
      layer.output_background_color =
          0xff000000U | unsigned{background->r} << 16 | unsigned{background->g} << 8 | background->b;
    }
    buffers.push_back(context.buffer(VAProcPipelineParameterBufferType, sizeof layer, &layer));
  }
  context.perform(target, buffers, "draw");
}

}  // namespace sluice
