// Owns reading pictures: which participant is in an area of what is shown, and when that picture was drawn.
import { ageOf, clockColumns, clockRows, decodeClock } from '../../support/clock-code.ts';
import { cast, type LookName } from '../../support/cast.ts';
import type { Area, Seen } from '../../support/mixing-report.ts';
import { pictureParts } from './picture.ts';
import { wallMs } from './wall-clock.ts';

/** Colours of a participant that differ from its own by less than this (all channels together) are its own. */
const sameColor = 70;

export class Eye {
  readonly video = document.createElement('video');
  readonly #canvas = document.createElement('canvas');
  readonly #pen: CanvasRenderingContext2D;

  constructor(media: MediaStream) {
    const pen = this.#canvas.getContext('2d', { willReadFrequently: true, alpha: false });
    if (pen === null) throw new Error('no canvas to read from');
    this.#pen = pen;
    this.video.muted = true;
    this.video.autoplay = true;
    this.video.playsInline = true;
    this.video.srcObject = media;
    document.body.append(this.video);
  }

  /** Calls `shown` with the time at every picture until it answers true. */
  follow(shown: (atMs: number) => boolean): void {
    this.video.requestVideoFrameCallback((_now, { presentationTime }) => {
      if (!shown(performance.timeOrigin + presentationTime)) this.follow(shown);
    });
  }

  /** Reads the picture that is shown now. */
  look(areas: readonly Area[], atMs = wallMs()): readonly Seen[] {
    const image = this.#capture();
    if (image === undefined) return areas.map(() => ({ look: undefined, color: [], delayMs: undefined }));
    return areas.map((area) => {
      const color = mean(image, within(area, shrunk(pictureParts.color, 0.2)));
      const drawnAt = decodeClock(readClock(image, within(area, pictureParts.clock)));
      const delayMs = drawnAt === undefined ? undefined : ageOf(drawnAt, atMs);
      return { look: nearest(color), color: color.map(Math.round), delayMs };
    });
  }

  /** How far the colour in `area` reaches: from its middle line and column outwards, as shares of the picture. */
  edges(area: Area): Area {
    const image = this.#capture();
    const field = within(area, pictureParts.color);
    if (image === undefined) return { left: 0, top: 0, width: 0, height: 0 };
    const own = nearest(mean(image, shrunk(field, 0.2)));
    const is = (x: number, y: number): boolean => nearest(pixel(image, x, y)) === own;
    const x = Math.round((field.left + field.width / 2) * image.width);
    const y = Math.round((field.top + field.height / 2) * image.height);
    let [left, top] = [x, y];
    while (left > 0 && is(left - 1, y)) left -= 1;
    while (top > 0 && is(x, top - 1)) top -= 1;
    let bottom = y;
    while (bottom < image.height && is(x, bottom)) bottom += 1;
    return {
      left: left / image.width,
      top: top / image.height,
      width: area.width,
      height: (bottom - top) / image.height / pictureParts.color.height,
    };
  }

  close(): void {
    this.video.srcObject = null;
    this.video.remove();
  }

  #capture(): ImageData | undefined {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (width === 0 || height === 0) return undefined;
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    this.#pen.drawImage(this.video, 0, 0, width, height);
    return this.#pen.getImageData(0, 0, width, height);
  }
}

function within(outer: Area, inner: Area): Area {
  return {
    left: outer.left + inner.left * outer.width,
    top: outer.top + inner.top * outer.height,
    width: inner.width * outer.width,
    height: inner.height * outer.height,
  };
}

function shrunk({ left, top, width, height }: Area, share: number): Area {
  return {
    left: left + width * share,
    top: top + height * share,
    width: width * (1 - 2 * share),
    height: height * (1 - 2 * share),
  };
}

function readClock(image: ImageData, area: Area): boolean[] {
  return Array.from({ length: clockColumns * clockRows }, (_, index) => {
    const cell = {
      left: (index % clockColumns) / clockColumns,
      top: Math.floor(index / clockColumns) / clockRows,
      width: 1 / clockColumns,
      height: 1 / clockRows,
    };
    const [red = 0, green = 0, blue = 0] = mean(image, within(area, shrunk(cell, 0.3)));
    return red + green + blue > 3 * 128;
  });
}

/** The mean colour of an area, at least one pixel of it. */
function mean(image: ImageData, area: Area): number[] {
  const left = Math.floor(area.left * image.width);
  const top = Math.floor(area.top * image.height);
  const right = Math.max(left + 1, Math.floor((area.left + area.width) * image.width));
  const bottom = Math.max(top + 1, Math.floor((area.top + area.height) * image.height));
  const sum = [0, 0, 0];
  let count = 0;
  // A dozen columns and rows say as much as all of them.
  const [stepX, stepY] = [Math.ceil((right - left) / 12), Math.ceil((bottom - top) / 12)];
  for (let y = top; y < bottom; y += stepY) {
    for (let x = left; x < right; x += stepX) {
      pixel(image, x, y).forEach((value, channel) => (sum[channel] = (sum[channel] ?? 0) + value));
      count += 1;
    }
  }
  return sum.map((value) => value / count);
}

function pixel({ data, width }: ImageData, x: number, y: number): number[] {
  const at = (y * width + x) * 4;
  return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
}

function nearest(color: readonly number[]): LookName | undefined {
  const distance = (other: readonly number[]): number =>
    Math.hypot(...other.map((value, channel) => value - (color[channel] ?? 0)));
  return cast.find((look) => distance(look.color) < sameColor)?.name;
}
