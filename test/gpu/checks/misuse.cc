// Checks that wrong calls are answered with an error: prints `name status` for each, for test-gpu.test.ts to judge.
#include "display.h"

namespace {

using namespace checks;

void tell(const char *name, VAStatus status) { std::printf("%s %s\n", name, vaErrorStr(status)); }

}  // namespace

int main(int, char **arguments) {
  const Display display(arguments[1]);
  VASurfaceID source = display.surface(VA_FOURCC_NV12, 320, 180), target = display.surface(VA_FOURCC_NV12, 640, 360);
  const Compositor compositor(display, 640, 360);
  const VARectangle outside{600, 0, 320, 180}, odd{1, 0, 320, 180}, wide{0, 0, 640, 180};

  tell("region-outside", compositor.draw(target, {layer(source, &outside)}));
  tell("region-odd", compositor.draw(target, {layer(source, &odd)}));
  auto tooWide = layer(source, nullptr);
  tooWide.surface_region = &wide;
  tell("source-outside", compositor.draw(target, {tooWide}));
  tell("onto-itself", compositor.draw(target, {layer(target, nullptr)}));
  tell("stale-surface", compositor.draw(target, {layer(12345, nullptr)}));
  tell("no-layers", compositor.draw(target, {}));

  VABufferID buffer = VA_INVALID_ID;
  auto parameters = layer(source, nullptr);
  const auto create = [&] {
    need(vaCreateBuffer(display.va, compositor.context, VAProcPipelineParameterBufferType, sizeof parameters, 1,
                        &parameters, &buffer),
         "vaCreateBuffer");
  };
  create();
  vaBeginPicture(display.va, compositor.context, target);
  tell("begun-twice", vaBeginPicture(display.va, compositor.context, target));
  tell("busy-surface", vaDestroySurfaces(display.va, &target, 1));
  vaRenderPicture(display.va, compositor.context, &buffer, 1);
  vaDestroyBuffer(display.va, buffer);
  tell("destroyed-before-end", vaEndPicture(display.va, compositor.context));
  tell("not-begun", vaEndPicture(display.va, compositor.context));
  tell("destroyed-twice", vaDestroyBuffer(display.va, buffer));
  create();
  vaBeginPicture(display.va, compositor.context, target);
  vaDestroyBuffer(display.va, buffer);
  tell("stale-buffer", vaRenderPicture(display.va, compositor.context, &buffer, 1));
  vaEndPicture(display.va, compositor.context);

  VAImage image{};
  need(vaDeriveImage(display.va, source, &image), "vaDeriveImage");
  tell("derived-layer", compositor.draw(target, {layer(source, nullptr)}));
  tell("derived-destroyed", vaDestroySurfaces(display.va, &source, 1));
  vaDestroyImage(display.va, image.image_id);
  tell("well-used", compositor.draw(target, {layer(source, nullptr)}));
  // The surfaces stay: they are the leak that is to be seen.
  return 0;
}
