// Owns where in a mixed picture each input is drawn, in whole even pixels (room-model §4.6): the arithmetic that all
// engines share. It reads regions as fractions; who is in which region is decided at the edge.
import { floorOf, readFractionText } from '../../schemas/fraction.ts';
import type { Resolution } from '../../schemas/media.ts';
import type { Region } from '../../schemas/stream.ts';

export type FitPolicy = 'letterbox' | 'crop';

/** Pixels from the top left corner. What this file gives is even in all four, so that chroma planes line up. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The part of an input that is drawn, and where. */
export interface Tile {
  readonly source: Rectangle;
  readonly destination: Rectangle;
}

/**
 * The pixels of a region in a picture of the given size, cut off where the region reaches beyond it. Not yet even.
 * Undefined for an area that is no four texts `n/d`.
 */
export function regionRectangle({ area }: Region, canvas: Resolution): Rectangle | undefined {
  const [left, top] = [readFractionText(area.left), readFractionText(area.top)];
  const [width, height] = [readFractionText(area.width), readFractionText(area.height)];
  if (left === undefined || top === undefined || width === undefined || height === undefined)
    return undefined;
  const x = Math.min(floorOf(canvas.width, left), canvas.width);
  const y = Math.min(floorOf(canvas.height, top), canvas.height);
  return {
    x,
    y,
    width: Math.min(floorOf(canvas.width, width), canvas.width - x),
    height: Math.min(floorOf(canvas.height, height), canvas.height - y),
  };
}

/**
 * How an input of a size is drawn into a region of a picture: `letterbox` shows all of it, centred, `crop` fills the
 * region with its middle. Undefined when less than two pixels each way would be drawn, or read: the background stays.
 */
export function fitTile(
  region: Region,
  input: Resolution,
  canvas: Resolution,
  policy: FitPolicy,
): Tile | undefined {
  const outer = regionRectangle(region, canvas);
  if (outer === undefined) return undefined;
  const whole = { x: 0, y: 0, width: input.width, height: input.height };
  const tile =
    policy === 'letterbox'
      ? { source: even(whole), destination: even(centred(input, outer)) }
      : { source: even(centred(outer, whole)), destination: even(outer) };
  return isEmpty(tile.source) || isEmpty(tile.destination) ? undefined : tile;
}

/** The largest rectangle of the shape of `shape` in the middle of `outer`. */
function centred(shape: Resolution, outer: Rectangle): Rectangle {
  if (shape.width <= 0 || shape.height <= 0) return { ...outer, width: 0, height: 0 };
  const width = Math.min(outer.width, Math.floor((shape.width * outer.height) / shape.height));
  const height = Math.min(outer.height, Math.floor((shape.height * outer.width) / shape.width));
  return {
    x: outer.x + Math.floor((outer.width - width) / 2),
    y: outer.y + Math.floor((outer.height - height) / 2),
    width,
    height,
  };
}

function even({ x, y, width, height }: Rectangle): Rectangle {
  const down = (length: number) => length - (length % 2);
  return { x: down(x), y: down(y), width: down(width), height: down(height) };
}

function isEmpty({ width, height }: Rectangle): boolean {
  return width < 2 || height < 2;
}
