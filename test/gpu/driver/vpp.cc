// Owns VideoProc: what a job's layers are and which are refused. Drawing them is compose.cc's.
#include <va/va.h>
#include <va/va_vpp.h>

#include <cstring>

#include "calls.h"
#include "compose.h"
#include "counters.h"
#include "driver.h"
#include "limits.h"
#include "request.h"
#include "workers.h"

namespace sluicetest {
namespace {

std::string wordsOf(const Area &area) {
  return std::to_string(area.width) + "x" + std::to_string(area.height) + " at " + std::to_string(area.x) + "," +
         std::to_string(area.y);
}

/** The region, or the whole surface without one. Regions outside of it, or odd ones in NV12, are refused. */
Area areaOf(const VARectangle *region, const Surface &surface, const char *what) {
  const PlaneLayout &layout = surface.layout;
  if (!region) return {0, 0, layout.width, layout.height};
  const Area area{region->x, region->y, region->width, region->height};
  if (area.width <= 0 || area.height <= 0 || area.x < 0 || area.y < 0 || area.x + area.width > layout.width ||
      area.y + area.height > layout.height)
    refuse(std::string("the ") + what + " region " + wordsOf(area) + " is not inside a surface of " +
           wordsOf({0, 0, layout.width, layout.height}));
  if (layout.fourcc == VA_FOURCC_NV12 && (area.x | area.y | area.width | area.height) & 1)
    refuse(std::string("the ") + what + " region " + wordsOf(area) + " is not even");
  return area;
}

Layer layerOf(const VAProcPipelineParameterBuffer &given, const PendingPicture &picture, const Lookup &lookup) {
  const auto source = lookup.surface(given.surface);
  if (!source) throw Misuse{VA_STATUS_ERROR_INVALID_SURFACE, "a layer of a surface that is not there"};
  if (source == picture.target) refuse("a layer of the surface that is drawn into");
  if (source->derived > 0) throw Misuse{VA_STATUS_ERROR_SURFACE_BUSY, "a layer of a surface that has a derived image"};
  if (given.rotation_state != VA_ROTATION_NONE || given.mirror_state != VA_MIRROR_NONE)
    refuse("this device does not rotate or mirror");
  if (given.num_filters > 0) refuse("this device has no filters");
  Layer layer{.source = source,
              .from = areaOf(given.surface_region, *source, "source"),
              .to = areaOf(given.output_region, *picture.target, "output"),
              .smooth = (given.filter_flags & VA_FILTER_SCALING_MASK) == VA_FILTER_SCALING_HQ};
  if (given.blend_state) {
    constexpr unsigned known = VA_BLEND_GLOBAL_ALPHA | VA_BLEND_PREMULTIPLIED_ALPHA;
    if (given.blend_state->flags & ~known) refuse("this device blends by alpha only");
    layer.blends = true;
    layer.isPremultiplied = given.blend_state->flags & VA_BLEND_PREMULTIPLIED_ALPHA;
    if (given.blend_state->flags & VA_BLEND_GLOBAL_ALPHA) layer.alpha = given.blend_state->global_alpha;
    if (layer.alpha < 0 || layer.alpha > 1) refuse("an alpha that is not between 0 and 1");
  }
  return layer;
}

class Compositor : public Worker {
 public:
  Job kind() const override { return Job::vpp; }
  bool takes(VABufferType type) const override {
    return type == VAProcPipelineParameterBufferType || type == VAProcFilterParameterBufferType;
  }

  VAStatus work(const PendingPicture &picture, const Lookup &lookup, bool corrupt) override {
    std::vector<Layer> layers;
    uint32_t background = 0;
    for (const auto &buffer : picture.buffers) {
      if (buffer->type != VAProcPipelineParameterBufferType) continue;
      const auto *given = buffer->as<VAProcPipelineParameterBuffer>();
      if (!given) refuse("a layer's parameters are too short");
      if (layers.empty()) background = given->output_background_color;
      layers.push_back(layerOf(*given, picture, lookup));
    }
    if (layers.empty()) refuse("a picture of no layers");
    // Without alpha the first layer has no background: what the surface holds stays.
    if (background >> 24) fill(*picture.target, background);
    for (const Layer &layer : layers) {
      if (!layer.source->isWritten) count(Count::unwrittenReads);
      draw(layer, *picture.target);
    }
    if (corrupt) disturb(*picture.target);
    picture.target->isWritten = true;
    picture.target->writer = {this, 0};
    count(Count::vppJobs);
    count(Count::vppLayers, int64_t(layers.size()));
    return VA_STATUS_SUCCESS;
  }
};

}  // namespace

std::unique_ptr<Worker> makeCompositor() { return std::make_unique<Compositor>(); }

VAStatus queryVideoProcFilters(VADriverContextP, VAContextID, VAProcFilterType *, unsigned *length) {
  *length = 0;
  return VA_STATUS_SUCCESS;
}

VAStatus queryVideoProcFilterCaps(VADriverContextP, VAContextID, VAProcFilterType, void *, unsigned *length) {
  *length = 0;
  return VA_STATUS_ERROR_UNSUPPORTED_FILTER;
}

VAStatus queryVideoProcPipelineCaps(VADriverContextP, VAContextID, VABufferID *, unsigned, VAProcPipelineCaps *caps) {
  static VAProcColorStandardType standards[] = {VAProcColorStandardBT601};
  static uint32_t formats[] = {VA_FOURCC_NV12, VA_FOURCC_BGRA, VA_FOURCC_BGRX};
  *caps = {};
  caps->input_color_standards = caps->output_color_standards = standards;
  caps->num_input_color_standards = caps->num_output_color_standards = 1;
  caps->input_pixel_format = caps->output_pixel_format = formats;
  caps->num_input_pixel_formats = caps->num_output_pixel_formats = 3;
  caps->max_input_width = caps->max_input_height = caps->max_output_width = caps->max_output_height = maxSide;
  caps->min_input_width = caps->min_input_height = caps->min_output_width = caps->min_output_height = minSide;
  caps->blend_flags = VA_BLEND_GLOBAL_ALPHA | VA_BLEND_PREMULTIPLIED_ALPHA;
  return VA_STATUS_SUCCESS;
}

}  // namespace sluicetest
