// Owns the wish for pictures of a video mixer that are to be looked at by programs: which, how large, how often.
import * as v from 'valibot';

/** Bytes for each pixel: red, green, blue, or luma alone. */
export const pixelFormatSchema = v.picklist(['rgb', 'gray']);
export type PixelFormat = v.InferOutput<typeof pixelFormatSchema>;

export const maxTaps = 16;
/** Pixels. */
export const minTapSide = 16;
export const maxTapSide = 1024;
/** Pictures/s. */
export const minTapFramerate = 0.1;
export const maxTapFramerate = 30;

const side = v.pipe(v.number(), v.integer(), v.minValue(minTapSide), v.maxValue(maxTapSide));

export const desiredPictureTapSchema = v.object({
  /** Unique in the mixer. */
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  /** Id of the input whose pictures are wanted, as they come; absent: the composed picture. */
  input: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(640))),
  /** Odd sides are made even. An input's picture is stretched to it, the composed one is composed in it. */
  width: side,
  height: side,
  pixels: pixelFormatSchema,
  /** At most: instants without a picture are left out, and those at which the last one was not taken yet. */
  framerate: v.pipe(v.number(), v.minValue(minTapFramerate), v.maxValue(maxTapFramerate)),
});
export type DesiredPictureTap = v.InferOutput<typeof desiredPictureTapSchema>;
