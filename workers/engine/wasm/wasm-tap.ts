// Owns copying what something shows out of an instance: scaled in there, onto a canvas that is gone afterwards.
import { type Picture, pictureOf } from '../../../wasm/picture.ts';
import type { Still, TapOptions, VideoCanvas, VideoDecoder } from '../engine.ts';
import { isTappable } from '../tappable.ts';
import { pixelsOf } from './pixels-of.ts';
import { WasmCanvas } from './wasm-canvas.ts';
import type { WasmCore } from './wasm-core.ts';
import { WasmDecoder } from './wasm-decoder.ts';
import { WasmStill } from './wasm-still.ts';

export function tapPicture(
  core: WasmCore,
  from: VideoDecoder | Still | VideoCanvas,
  { size, pixels, tapped }: TapOptions,
): void {
  const picture = shownBy(core, from);
  // Chroma is shared by two pixels: an odd last row or column is left out.
  const part = { x: 0, y: 0, width: even(picture?.width ?? 0), height: even(picture?.height ?? 0) };
  const data =
    picture !== undefined && part.width > 0 && part.height > 0 && isTappable(size)
      ? core.run(({ video, compositor }) => {
          const canvas = compositor.createCanvas(size.width, size.height);
          compositor.draw(canvas, { x: 0, y: 0, ...size }, picture, part);
          const made = pixelsOf(video.bytes, canvas, pixels);
          compositor.release(canvas);
          return made;
        })
      : undefined;
  if (core.isSound) tapped(data);
}

function shownBy(core: WasmCore, from: VideoDecoder | Still | VideoCanvas): Picture | undefined {
  if (!(from instanceof WasmDecoder || from instanceof WasmStill || from instanceof WasmCanvas))
    return undefined;
  if (from.core !== core) return undefined;
  if (!(from instanceof WasmCanvas)) return from.picture;
  return from.canvas && pictureOf(from.canvas);
}

function even(side: number): number {
  return side - (side % 2);
}
