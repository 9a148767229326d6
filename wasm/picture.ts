// Owns the forms of a picture in a video module's memory: I420 planes at pointers, of a decoder or of a canvas.
import type { Video } from './video.ts';

/** Sizes in pixels, strides in bytes, planes as pointers into the memory of the instance that it came from. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly strideY: number;
  readonly strideUv: number;
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

/** An I420 buffer to draw on: planes one after the other, strides equal to widths. Even sizes. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly pointer: number;
}

/** What a decoder made of its input. A picture is valid until the next call of that decoder. */
export type Decoded =
  | { readonly kind: 'picture'; readonly picture: Picture }
  | { readonly kind: 'none' }
  | { readonly kind: 'error'; readonly code: number };

/** An encoded picture, owned by the caller. */
export interface EncodedPicture {
  readonly data: Uint8Array<ArrayBuffer>;
  readonly isKey: boolean;
}

/** Reads the C struct Picture. */
export function readPicture(video: Video, pointer: number): Picture {
  const at = pointer / 4;
  const [width = 0, height = 0, strideY = 0, strideUv = 0, y = 0, u = 0, v = 0] = video.integers.subarray(
    at,
    at + 7,
  );
  return { width, height, strideY, strideUv, y, u, v };
}

/** A canvas seen as a picture, to draw it elsewhere. */
export function pictureOf({ width, height, pointer }: Canvas): Picture {
  const luma = width * height;
  return {
    width,
    height,
    strideY: width,
    strideUv: width / 2,
    y: pointer,
    u: pointer + luma,
    v: pointer + luma + luma / 4,
  };
}

/** A packed I420 copy that the caller owns: Y, U, V, chroma rounded up. */
export function copyPicture(video: Video, picture: Picture): Uint8Array<ArrayBuffer> {
  const { width, height, strideY, strideUv, y, u, v } = picture;
  const halfWidth = (width + 1) >> 1;
  const halfHeight = (height + 1) >> 1;
  const packed = new Uint8Array(width * height + 2 * halfWidth * halfHeight);
  let at = 0;
  const plane = (pointer: number, stride: number, columns: number, rows: number): void => {
    const { bytes } = video;
    for (let row = 0; row < rows; row++, at += columns) {
      packed.set(bytes.subarray(pointer + row * stride, pointer + row * stride + columns), at);
    }
  };
  plane(y, strideY, width, height);
  plane(u, strideUv, halfWidth, halfHeight);
  plane(v, strideUv, halfWidth, halfHeight);
  return packed;
}

/** Writes a packed I420 picture of the canvas's own size. Throws RangeError for another size. */
export function writeCanvas(video: Video, canvas: Canvas, packed: Uint8Array): void {
  const size = (canvas.width * canvas.height * 3) / 2;
  if (packed.length !== size) throw new RangeError(`the picture has ${packed.length} bytes, not ${size}`);
  video.bytes.set(packed, canvas.pointer);
}
