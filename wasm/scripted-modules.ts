// Owns how the tests of this folder get at the modules, and say why they do not run when nothing was built.
import { describe } from 'vitest';
import { type Audio, loadAudio } from './audio.ts';
import { builtFolder, readModule } from './locate.ts';
import { loadVideo, type Video } from './video.ts';

const isBuilt = builtFolder() !== undefined;

/** A `describe` whose tests need the built modules; skipped, with a printed reason, when there are none. */
export function describeBuilt(name: string, tests: () => void): void {
  if (!isBuilt) console.warn(`skipped: ${name}: the codec modules are not built (npm run build:wasm)`);
  describe.skipIf(!isBuilt)(name, tests);
}

export const freshVideo = async (): Promise<Video> => loadVideo(await readModule('video'));
export const freshAudio = async (): Promise<Audio> => loadAudio(await readModule('audio'));
