// Owns where the built modules are: the folder that `SLUICE_WASM_DIR` names, else build/wasm of this checkout. The one
// file of this folder that reads files.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export type ModuleName = 'video' | 'audio' | 'kernels-plain' | 'kernels-simd';

const remedy = 'run npm run build:wasm';

/** The folder of the built modules; undefined when nothing was built. */
export function builtFolder(): string | undefined {
  const given = process.env.SLUICE_WASM_DIR;
  if (given !== undefined && given !== '')
    return existsSync(join(given, 'manifest.json')) ? given : undefined;
  // A bundle runs from build/server, the sources from their own folders: the checkout is somewhere above.
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, 'build/wasm');
    if (existsSync(join(candidate, 'manifest.json'))) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

/** The bytes of a module. Rejects with the command to run when it was not built. */
export async function readModule(name: ModuleName): Promise<Uint8Array> {
  const folder = builtFolder();
  if (folder === undefined) throw new Error(`The codec modules are not built: ${remedy}`);
  try {
    return await readFile(join(folder, `${name}.wasm`));
  } catch (cause) {
    throw new Error(`The codec module ${name} cannot be read from ${folder}: ${remedy}`, { cause });
  }
}
