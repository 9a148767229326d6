// Owns loading the addon: the one file that sees a binary. What was not built, or does not load here (a library that is
// gone, another system), is a reason to show, never an exception.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NativeAddon } from './addon.ts';

export type LoadedAddon =
  | { readonly addon: NativeAddon; readonly file: string }
  | { readonly addon: undefined; readonly reason: string };

const remedy = 'run npm run build:native, which tells what is missing';

/** The first loads only where libva is; the second does without devices. */
const binaries = ['media-va.node', 'media-cpu.node'];

/**
 * The best binary that loads, from the folder `given` (by `SLUICE_NATIVE_DIR`), else from build/native of this checkout; or
 * why there is none, in words for the operator. Each thread may call it; it costs little after the first time.
 */
export function loadAddon(given = process.env.SLUICE_NATIVE_DIR): LoadedAddon {
  const folder = builtFolder(given);
  if (folder === undefined) return { addon: undefined, reason: `the native engine is not built: ${remedy}` };
  const reasons: string[] = [];
  for (const name of binaries) {
    const file = join(folder, name);
    if (!existsSync(file)) continue;
    try {
      const exported: unknown = createRequire(import.meta.url)(file);
      if (isAddon(exported)) return { addon: exported, file };
      reasons.push(`${name} is of another version`);
    } catch (error) {
      reasons.push(error instanceof Error ? (error.message.split('\n')[0] ?? name) : name);
    }
  }
  const why = reasons.length === 0 ? 'there is no binary' : reasons.join('; ');
  return { addon: undefined, reason: `the native engine in ${folder} does not load (${why}): ${remedy}` };
}

/** The folder of the built binaries, `given` or of this checkout; undefined when nothing was built. */
export function builtFolder(given = process.env.SLUICE_NATIVE_DIR): string | undefined {
  if (given !== undefined && given !== '') return existsSync(given) ? given : undefined;
  // A bundle runs from build/server, the sources from their own folders: the checkout is somewhere above.
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, 'build/native');
    if (existsSync(join(candidate, 'manifest.json'))) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

/** The build is of these sources or of older ones, which is told apart by what they lack. */
function isAddon(exported: unknown): exported is NativeAddon {
  return (
    typeof exported === 'object' &&
    exported !== null &&
    ['open', 'probe', 'counters'].every(
      (name) => typeof Object.getOwnPropertyDescriptor(exported, name)?.value === 'function',
    ) &&
    'engines' in exported &&
    'version' in exported
  );
}
