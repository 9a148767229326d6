// Owns the names that OWT 3.x and older have for picture sizes (spec room-model §9).
import type { Resolution } from '../../schemas/media.ts';

const sizes: Readonly<Record<string, Resolution>> = {
  sif: { width: 320, height: 240 },
  cif: { width: 352, height: 288 },
  vga: { width: 640, height: 480 },
  svga: { width: 800, height: 600 },
  xga: { width: 1024, height: 768 },
  qcif: { width: 176, height: 144 },
  qvga: { width: 320, height: 240 },
  hvga: { width: 480, height: 320 },
  hd720p: { width: 1280, height: 720 },
  hd1080p: { width: 1920, height: 1080 },
  uhd_4k: { width: 3840, height: 2160 },
};
const vga: Resolution = { width: 640, height: 480 };

/** The size in pixels of a name or of `r<width>x<height>`; 640×480 for what is unknown. */
export function legacyResolution(name: string): Resolution {
  const sized = /^r(\d{2,4})x(\d{2,4})$/.exec(name);
  if (sized !== null) return { width: Number(sized[1]), height: Number(sized[2]) };
  return (Object.hasOwn(sizes, name) ? sizes[name] : undefined) ?? vga;
}
