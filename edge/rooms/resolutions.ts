// Owns the resolution names of a room document's mediaOut list (room-model §2.3).
import type { Resolution } from '../../schemas/media.ts';

const named: ReadonlyMap<string, Resolution> = new Map([
  ['qcif', { width: 176, height: 144 }],
  ['sif', { width: 320, height: 240 }],
  ['qvga', { width: 320, height: 240 }],
  ['cif', { width: 352, height: 288 }],
  ['hvga', { width: 480, height: 320 }],
  ['vga', { width: 640, height: 480 }],
  ['svga', { width: 800, height: 600 }],
  ['xga', { width: 1024, height: 768 }],
  ['hd720p', { width: 1280, height: 720 }],
  ['hd1080p', { width: 1920, height: 1080 }],
  ['uhd_4k', { width: 3840, height: 2160 }],
]);

/**
 * The size a list entry stands for, in pixels: a name, `r<W>x<H>`, or `x<a>/<b>` of `base` with each side floored and
 * then made even. Undefined for anything else: such an entry is never offered.
 */
export function namedResolution(name: string, base: Resolution): Resolution | undefined {
  const fixed = named.get(name);
  if (fixed !== undefined) return fixed;
  const size = /^r(\d{1,5})x(\d{1,5})$/.exec(name);
  if (size !== null) return { width: Number(size[1]), height: Number(size[2]) };
  const part = /^x(\d{1,4})\/(\d{1,4})$/.exec(name);
  if (part === null || Number(part[2]) === 0) return undefined;
  const side = (length: number) => {
    const floored = Math.floor((length * Number(part[1])) / Number(part[2]));
    return floored - (floored % 2);
  };
  return { width: side(base.width), height: side(base.height) };
}

export function sameResolution(a: Resolution, b: Resolution): boolean {
  return a.width === b.width && a.height === b.height;
}
