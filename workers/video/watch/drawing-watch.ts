// Owns watching what is drawn: now and then the canvas, some of what was drawn on it and a picture that is known are asked
// for behind the same work, so that nothing moves between them, and each tile of the canvas is held against its picture.
// The second look is finer than the first, for scalers that leave out rows show fine patterns as something else.
import type { Resolution } from '../../../schemas/media.ts';
import type { EngineSession, Layer, Still, VideoCanvas } from '../../engine/engine.ts';
import type { Rectangle } from '../../engine/rectangles.ts';
import { canaryPicture, canarySample, canarySize } from './canary.ts';
import { isOther, type Sample, type Share, whole } from './picture-cells.ts';
import { Strikes } from './strikes.ts';

export interface DrawingWatchOptions {
  readonly session: EngineSession;
  /** Two looks in a row showed something else than was drawn. */
  readonly wrong: () => void;
  /** After each look: whether the view is another than the last time. */
  readonly looked: (hasMoved: boolean) => void;
}

const everyMs = 1500;
const suspectEveryMs = 300;
const longestLookMs = 2000;
/** Layers of one look; the others have their turn. */
const mostLayers = 3;
const coarse = { size: { width: 128, height: 72 }, tolerance: 20 } as const;
const fine = { size: { width: 1024, height: 576 }, tolerance: 16 } as const;
const moving = { cells: 8, tolerance: 16 } as const;
/** A cell has at least so many pixels each way. */
const leastCell = 4;
const mostCells = 4;
const view = 'view';

interface Tile {
  readonly layer: Layer;
  /** Of its picture, when it was drawn. */
  readonly of: Resolution;
  readonly above: readonly Layer[];
}

interface Look {
  readonly beganMs: number;
  readonly grain: typeof coarse | typeof fine;
  readonly canvas: VideoCanvas;
  readonly tiles: readonly Tile[];
  /** The canvas, the canary and the pictures of the tiles, as they come. */
  readonly samples: Map<number, Sample>;
}

export class DrawingWatch {
  readonly #options: DrawingWatchOptions;
  readonly #strikes = new Strikes();
  #canary: Still | undefined;
  #look: Look | undefined;
  #nextMs: number | undefined;
  #turn = 0;
  #before: Sample | undefined;

  constructor(options: DrawingWatchOptions) {
    this.#options = options;
  }

  /** The layers have just been drawn on the canvas, in order. */
  composed(canvas: VideoCanvas, layers: readonly Layer[], nowMs: number): void {
    this.#nextMs ??= nowMs + suspectEveryMs;
    if (this.#look !== undefined && nowMs - this.#look.beganMs > longestLookMs) this.#look = undefined;
    if (this.#look !== undefined || nowMs < this.#nextMs) return;
    const isSuspect = this.#strikes.suspect([view]) !== undefined;
    this.#nextMs = nowMs + everyMs;
    this.#canary ??= this.#options.session.still(canarySize, canaryPicture());
    const look: Look = {
      beganMs: nowMs,
      grain: isSuspect ? fine : coarse,
      canvas,
      tiles: this.#choose(layers),
      samples: new Map(),
    };
    this.#look = look;
    const pictures = [canvas, this.#canary, ...look.tiles.map(({ layer }) => layer.picture)];
    for (const [index, picture] of pictures.entries()) {
      this.#options.session.tap(picture, {
        size: look.grain.size,
        pixels: 'rgb',
        tapped: (data) => this.#take(look, index, data),
      });
    }
  }

  close(): void {
    this.#look = undefined;
    this.#canary?.close();
    this.#canary = undefined;
  }

  /** The next few in turn. */
  #choose(layers: readonly Layer[]): readonly Tile[] {
    const tiles = layers.flatMap((layer, index): readonly Tile[] =>
      layer.picture.size === undefined
        ? []
        : [{ layer, of: layer.picture.size, above: layers.slice(index + 1) }],
    );
    const from = tiles.length === 0 ? 0 : this.#turn % tiles.length;
    this.#turn = from + mostLayers;
    return [...tiles.slice(from), ...tiles.slice(0, from)].slice(0, mostLayers);
  }

  #take(look: Look, index: number, data: Uint8Array | undefined): void {
    if (this.#look !== look) return;
    if (data === undefined) {
      this.#look = undefined;
      return;
    }
    look.samples.set(index, { ...look.grain.size, data });
    const [canvas, canary, ...pictures] = [0, 1, ...look.tiles.map((_, at) => at + 2)].map((at) =>
      look.samples.get(at),
    );
    if (canvas === undefined || canary === undefined || pictures.includes(undefined)) return;
    this.#look = undefined;
    this.#judge(look, canvas, canary, pictures);
  }

  #judge(look: Look, canvas: Sample, canary: Sample, pictures: readonly (Sample | undefined)[]): void {
    const { tolerance } = look.grain;
    const verdicts = [
      isOther([canary, whole], [canarySample, whole], { cells: 4, tolerance }),
      ...look.tiles.map((tile, at) => isOtherTile(tile, look.canvas.size, canvas, pictures[at], tolerance)),
    ];
    if (look.grain === coarse) {
      const before = this.#before;
      this.#before = canvas;
      const hasMoved = before !== undefined && isOther([before, whole], [canvas, whole], moving) === true;
      this.#options.looked(hasMoved);
    }
    const isWrong = verdicts.includes(true);
    if (isWrong) this.#nextMs = look.beganMs + suspectEveryMs;
    if (this.#strikes.note(view, isWrong)) this.#options.wrong();
  }
}

function isOtherTile(
  { layer: { picture, tile }, of, above }: Tile,
  canvasSize: Resolution,
  canvas: Sample,
  sample: Sample | undefined,
  tolerance: number,
): boolean | undefined {
  // Another size by now: which part of it was drawn is not known.
  if (picture.size?.width !== of.width || picture.size.height !== of.height) return undefined;
  const drawn = shareOf(tile.destination, canvasSize);
  const cells = Math.min(
    mostCells,
    Math.floor((drawn.width * canvas.width) / leastCell),
    Math.floor((drawn.height * canvas.height) / leastCell),
  );
  if (sample === undefined || cells < 2) return undefined;
  const covers = above.map((layer) => shareOf(layer.tile.destination, canvasSize));
  const isHidden = (cell: Share): boolean => covers.some((cover) => areOverlapping(cell, cover));
  return isOther([canvas, drawn], [sample, shareOf(tile.source, of)], { cells, tolerance, isHidden });
}

function shareOf({ x, y, width, height }: Rectangle, of: Resolution): Share {
  return { x: x / of.width, y: y / of.height, width: width / of.width, height: height / of.height };
}

function areOverlapping(one: Share, other: Share): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}
