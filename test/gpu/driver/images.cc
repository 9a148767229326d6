// Owns images: pictures in the processor's memory, derived from a surface or copied from and to one. Each derivation
// and each copy is counted: a pipeline that stays on the device makes none.
#include <libyuv.h>

#include <cstring>

#include "calls.h"
#include "driver.h"
#include "limits.h"

namespace sluicetest {
namespace {

VAImageFormat formatOf(uint32_t fourcc) {
  VAImageFormat format{};
  format.fourcc = fourcc;
  format.byte_order = VA_LSB_FIRST;
  format.bits_per_pixel = 12;
  if (fourcc == VA_FOURCC_BGRA || fourcc == VA_FOURCC_BGRX) {
    format.bits_per_pixel = 32;
    format.depth = fourcc == VA_FOURCC_BGRA ? 32 : 24;
    format.blue_mask = 0x000000ff;
    format.green_mask = 0x0000ff00;
    format.red_mask = 0x00ff0000;
    format.alpha_mask = fourcc == VA_FOURCC_BGRA ? 0xff000000 : 0;
  }
  return format;
}

/** Adds an image and its buffer; call with the lock. */
void addImage(Driver &driver, const PlaneLayout &layout, Memory memory, std::shared_ptr<Surface> surface,
              VAImage *out) {
  auto buffer = std::make_shared<Buffer>();
  buffer->type = VAImageBufferType;
  buffer->elementBytes = layout.bytes;
  buffer->elements = 1;
  buffer->memory = std::move(memory);
  buffer->isOfImage = true;

  auto image = std::make_shared<Image>();
  image->surface = std::move(surface);
  VAImage &told = image->image;
  told.image_id = driver.nextId++;
  told.buf = driver.nextId++;
  told.format = formatOf(layout.fourcc);
  told.width = uint16_t(layout.width);
  told.height = uint16_t(layout.height);
  told.data_size = layout.bytes;
  told.num_planes = uint32_t(layout.planes);
  for (int i = 0; i < layout.planes; i++) {
    told.pitches[i] = layout.pitch[i];
    told.offsets[i] = layout.offset[i];
  }
  *out = told;
  driver.buffers.add(told.buf, std::move(buffer));
  driver.images.add(told.image_id, std::move(image));
  count(Count::liveImages);
}

/** A rectangle of a picture in memory, by planes. */
struct View {
  uint8_t *data;
  const uint32_t *pitch, *offset;
  int x, y;

  uint8_t *at(int plane, int bytesPerColumn, int columnShift, int rowShift) const {
    return data + offset[plane] + size_t(y >> rowShift) * pitch[plane] + size_t(x >> columnShift) * bytesPerColumn;
  }
};

void copyRows(const uint8_t *from, uint32_t fromPitch, uint8_t *to, uint32_t toPitch, size_t bytes, int rows) {
  for (int i = 0; i < rows; i++) std::memcpy(to + size_t(i) * toPitch, from + size_t(i) * fromPitch, bytes);
}

/** False when the driver has no such conversion. */
bool copyPicture(uint32_t fromFourcc, const View &from, uint32_t toFourcc, const View &to, int width, int height) {
  const int chromaWidth = (width + 1) / 2, chromaHeight = (height + 1) / 2;
  if (fromFourcc == VA_FOURCC_NV12 && toFourcc == VA_FOURCC_I420) {
    return libyuv::NV12ToI420(from.at(0, 1, 0, 0), int(from.pitch[0]), from.at(1, 2, 1, 1), int(from.pitch[1]),
                              to.at(0, 1, 0, 0), int(to.pitch[0]), to.at(1, 1, 1, 1), int(to.pitch[1]),
                              to.at(2, 1, 1, 1), int(to.pitch[2]), width, height) == 0;
  }
  if (fromFourcc == VA_FOURCC_I420 && toFourcc == VA_FOURCC_NV12) {
    return libyuv::I420ToNV12(from.at(0, 1, 0, 0), int(from.pitch[0]), from.at(1, 1, 1, 1), int(from.pitch[1]),
                              from.at(2, 1, 1, 1), int(from.pitch[2]), to.at(0, 1, 0, 0), int(to.pitch[0]),
                              to.at(1, 2, 1, 1), int(to.pitch[1]), width, height) == 0;
  }
  if (fromFourcc != toFourcc) return false;
  if (fromFourcc == VA_FOURCC_NV12) {
    copyRows(from.at(0, 1, 0, 0), from.pitch[0], to.at(0, 1, 0, 0), to.pitch[0], size_t(width), height);
    copyRows(from.at(1, 2, 1, 1), from.pitch[1], to.at(1, 2, 1, 1), to.pitch[1], size_t(chromaWidth) * 2, chromaHeight);
    return true;
  }
  if (fromFourcc != VA_FOURCC_BGRA && fromFourcc != VA_FOURCC_BGRX) return false;
  copyRows(from.at(0, 4, 0, 0), from.pitch[0], to.at(0, 4, 0, 0), to.pitch[0], size_t(width) * 4, height);
  return true;
}

bool isInside(int x, int y, unsigned width, unsigned height, int wholeWidth, int wholeHeight) {
  return x >= 0 && y >= 0 && width > 0 && height > 0 && int64_t{x} + width <= wholeWidth &&
         int64_t{y} + height <= wholeHeight;
}

/** The surface and the image with its memory, or a refusal. Call with the lock. */
struct Pair {
  std::shared_ptr<Surface> surface;
  std::shared_ptr<Image> image;
  std::shared_ptr<Buffer> buffer;
  VAStatus status = VA_STATUS_SUCCESS;
};

Pair pairOf(Driver &driver, VASurfaceID surfaceId, VAImageID imageId) {
  Pair pair;
  pair.surface = driver.surfaces.find(surfaceId);
  pair.image = driver.images.find(imageId);
  if (!pair.surface) {
    pair.status = misuse(VA_STATUS_ERROR_INVALID_SURFACE, "a copy with a surface that is not there");
  } else if (!pair.image) {
    pair.status = misuse(VA_STATUS_ERROR_INVALID_IMAGE, "a copy with an image that is not there");
  } else if (pair.surface->targeted > 0) {
    pair.status = misuse(VA_STATUS_ERROR_SURFACE_BUSY, "a copy with a surface in which a picture is being made");
  } else {
    pair.buffer = driver.buffers.find(pair.image->image.buf);
  }
  return pair;
}

}  // namespace

VAStatus queryImageFormats(VADriverContextP, VAImageFormat *list, int *length) {
  *length = 0;
  for (const uint32_t fourcc : {VA_FOURCC_NV12, VA_FOURCC_I420, VA_FOURCC_BGRA, VA_FOURCC_BGRX})
    list[(*length)++] = formatOf(fourcc);
  return VA_STATUS_SUCCESS;
}

VAStatus createImage(VADriverContextP va, VAImageFormat *format, int width, int height, VAImage *image) {
  Driver &driver = driverOf(va);
  if (width <= 0 || height <= 0 || width > maxSide || height > maxSide)
    return misuse(VA_STATUS_ERROR_INVALID_PARAMETER, "an image of a size that there is not");
  const PlaneLayout layout = layoutOf(format->fourcc, width, height);
  if (layout.planes == 0) return VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
  const std::lock_guard hold(driver.lock);
  addImage(driver, layout, std::make_shared<Bytes>(layout.bytes), nullptr, image);
  return VA_STATUS_SUCCESS;
}

VAStatus deriveImage(VADriverContextP va, VASurfaceID id, VAImage *image) {
  Driver &driver = driverOf(va);
  const std::lock_guard hold(driver.lock);
  const auto surface = driver.surfaces.find(id);
  if (!surface) return misuse(VA_STATUS_ERROR_INVALID_SURFACE, "an image of a surface that is not there");
  if (surface->targeted > 0)
    return misuse(VA_STATUS_ERROR_SURFACE_BUSY, "an image of a surface in which a picture is being made");
  surface->derived++;
  // The processor may write what it maps.
  surface->isWritten = true;
  surface->writer = {};
  addImage(driver, surface->layout, surface->memory, surface, image);
  count(Count::imagesDerived);
  return VA_STATUS_SUCCESS;
}

VAStatus destroyImage(VADriverContextP va, VAImageID id) {
  Driver &driver = driverOf(va);
  const std::lock_guard hold(driver.lock);
  const auto image = driver.images.remove(id);
  if (!image) return misuse(VA_STATUS_ERROR_INVALID_IMAGE, "an image is destroyed that is not there");
  const auto buffer = driver.buffers.remove(image->image.buf);
  if (buffer && buffer->isMapped) reportMisuse("an image is destroyed while its buffer is mapped");
  if (image->surface) image->surface->derived--;
  count(Count::liveImages, -1);
  return VA_STATUS_SUCCESS;
}

VAStatus getImage(VADriverContextP va, VASurfaceID surfaceId, int x, int y, unsigned width, unsigned height,
                  VAImageID imageId) {
  Driver &driver = driverOf(va);
  if (const VAStatus status = faultOfSync()) return status;
  const std::lock_guard hold(driver.lock);
  const auto [surface, image, buffer, status] = pairOf(driver, surfaceId, imageId);
  if (status != VA_STATUS_SUCCESS) return status;
  const PlaneLayout &layout = surface->layout;
  const VAImage &told = image->image;
  if (!isInside(x, y, width, height, layout.width, layout.height) ||
      !isInside(0, 0, width, height, told.width, told.height))
    return misuse(VA_STATUS_ERROR_INVALID_PARAMETER, "a copy from outside of a surface or to outside of an image");
  const View from{surface->memory->data(), layout.pitch, layout.offset, x, y};
  const View to{buffer->memory->data(), told.pitches, told.offsets, 0, 0};
  if (!copyPicture(layout.fourcc, from, told.format.fourcc, to, int(width), int(height)))
    return VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
  count(Count::imagesRead);
  return VA_STATUS_SUCCESS;
}

VAStatus putImage(VADriverContextP va, VASurfaceID surfaceId, VAImageID imageId, int fromX, int fromY,
                  unsigned fromWidth, unsigned fromHeight, int toX, int toY, unsigned toWidth, unsigned toHeight) {
  Driver &driver = driverOf(va);
  const std::lock_guard hold(driver.lock);
  const auto [surface, image, buffer, status] = pairOf(driver, surfaceId, imageId);
  if (status != VA_STATUS_SUCCESS) return status;
  if (fromWidth != toWidth || fromHeight != toHeight) return VA_STATUS_ERROR_UNIMPLEMENTED;
  const PlaneLayout &layout = surface->layout;
  const VAImage &told = image->image;
  if (!isInside(fromX, fromY, fromWidth, fromHeight, told.width, told.height) ||
      !isInside(toX, toY, toWidth, toHeight, layout.width, layout.height))
    return misuse(VA_STATUS_ERROR_INVALID_PARAMETER, "a copy from outside of an image or to outside of a surface");
  const View from{buffer->memory->data(), told.pitches, told.offsets, fromX, fromY};
  const View to{surface->memory->data(), layout.pitch, layout.offset, toX, toY};
  if (!copyPicture(told.format.fourcc, from, layout.fourcc, to, int(toWidth), int(toHeight)))
    return VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
  surface->isWritten = true;
  surface->writer = {};
  count(Count::imagesWritten);
  return VA_STATUS_SUCCESS;
}

}  // namespace sluicetest
